using System.Buffers;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Loopback;

/// <summary>One end of a stream in memory, with the flow control of a real one.</summary>
internal sealed class LoopbackStream(LoopbackConnection connection, uint id, bool opened) : IMuxedStream
{
    internal const int Window = 256 * 1024;
    private const int Segment = 16 * 1024;
    private const int DiscardedUpTo = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ArraySegment<byte>> _received = [];
    private readonly Bell _readable = new();
    private readonly Bell _writable = new();
    private TransportException? _failure;
    private bool _opening = opened;
    private bool _remoteClosed;
    private bool _writeClosed;
    private bool _disposed;
    private int _credit = Window;
    private int _discarded;
    private int _frontRead;

    public uint Id { get; } = id;

    public LoopbackLane Lane { get; } = new();

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Open();
        while (true)
        {
            if (TryRead(buffer, out var read))
            {
                if (read > 0)
                {
                    connection.Send(this, false, there => there.Grant(read));
                }

                return read;
            }

            await _readable.HeardAsync(cancellation).ConfigureAwait(false);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (!bytes.IsEmpty)
        {
            var allowed = Claim(Math.Min(bytes.Length, Segment));
            if (allowed == 0)
            {
                await _writable.HeardAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            var copy = ArrayPool<byte>.Shared.Rent(allowed);
            bytes[..allowed].CopyTo(copy);
            bytes = bytes[allowed..];
            connection.Send(this, TakeOpening(), there => there.Receive(new ArraySegment<byte>(copy, 0, allowed)));
        }
    }

    public ValueTask CloseWriteAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            if (_writeClosed)
            {
                return default;
            }

            _writeClosed = true;
        }

        connection.Send(this, TakeOpening(), there => there.RemoteClosed());
        return default;
    }

    public void Reset(uint code = 0)
    {
        connection.Send(this, false, there => there.Fail(new TransportException(TransportError.StreamReset, $"The peer reset the stream ({code}).")));
        Fail(new TransportException(TransportError.StreamReset, "We have reset the stream."));
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            ReleaseReceived();
        }

        _readable.Ring();
        _writable.Ring();
        if (_failure is not null)
        {
            return;
        }

        await CloseWriteAsync(CancellationToken.None).ConfigureAwait(false);
        if (_remoteClosed)
        {
            connection.Forget(this);
        }
    }

    /// <summary>Ends both directions at this end, and drops what was not read.</summary>
    public void Fail(TransportException failure)
    {
        lock (_gate)
        {
            ReleaseReceived();
        }

        FailOnceRead(failure);
    }

    /// <summary>Ends both directions at this end; what has arrived can still be read.</summary>
    public void FailOnceRead(TransportException failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
        }

        connection.Forget(this);
        _readable.Ring();
        _writable.Ring();
    }

    private void Receive(ArraySegment<byte> bytes)
    {
        lock (_gate)
        {
            if (_failure is null && !_disposed)
            {
                _received.Enqueue(bytes);
                _readable.Ring();
                return;
            }
        }

        ArrayPool<byte>.Shared.Return(bytes.Array!);
        Discard(bytes.Count);
    }

    /// <summary>Nobody reads here any more: the peer may finish what it was saying, within reason.</summary>
    private void Discard(int count)
    {
        _discarded += count;
        if (_discarded > DiscardedUpTo)
        {
            Reset();
        }
        else
        {
            connection.Send(this, false, there => there.Grant(count));
        }
    }

    private void RemoteClosed()
    {
        bool over;
        lock (_gate)
        {
            _remoteClosed = true;
            over = _disposed;
        }

        _readable.Ring();
        if (over)
        {
            connection.Forget(this);
        }
    }

    private void Grant(int count)
    {
        lock (_gate)
        {
            _credit += count;
        }

        _writable.Ring();
    }

    /// <summary>How many bytes may be sent now.</summary>
    private int Claim(int wanted)
    {
        lock (_gate)
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_writeClosed)
            {
                throw new InvalidOperationException("Our side of the stream is closed.");
            }

            var allowed = Math.Min(wanted, _credit);
            _credit -= allowed;
            return allowed;
        }
    }

    private bool TryRead(Memory<byte> buffer, out int read)
    {
        read = 0;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_failure is { } failure && _received.Count == 0)
            {
                // An orderly end that has arrived before the connection's is still an end.
                return _remoteClosed && failure.Error == TransportError.ConnectionClosed ? true : throw failure;
            }

            while (read < buffer.Length && _received.TryPeek(out var first))
            {
                var taken = Math.Min(first.Count - _frontRead, buffer.Length - read);
                first.AsSpan(_frontRead, taken).CopyTo(buffer.Span[read..]);
                read += taken;
                _frontRead += taken;
                if (_frontRead == first.Count)
                {
                    _frontRead = 0;
                    ArrayPool<byte>.Shared.Return(_received.Dequeue().Array!);
                }
            }

            return read > 0 || _remoteClosed || _received.Count > 0;
        }
    }

    /// <summary>A stream that waits for the peer to speak first must still be there for it.</summary>
    private void Open()
    {
        if (TakeOpening())
        {
            connection.Send(this, true, static _ => { });
        }
    }

    private bool TakeOpening()
    {
        lock (_gate)
        {
            var opening = _opening;
            _opening = false;
            return opening;
        }
    }

    private void ReleaseReceived()
    {
        while (_received.TryDequeue(out var segment))
        {
            ArrayPool<byte>.Shared.Return(segment.Array!);
        }
    }
}
