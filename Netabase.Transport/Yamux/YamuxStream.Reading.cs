using System.Threading.Tasks.Sources;
using Netabase.Transport.Network;

namespace Netabase.Transport.Yamux;

/// <summary>From the receive loop to the reader: straight into a waiting reader's buffer, else through a chain of blocks.</summary>
internal sealed partial class YamuxStream : IValueTaskSource<int>
{
    private enum Reader : byte
    {
        /// <summary>Nobody reads.</summary>
        None,

        /// <summary>A read waits for bytes.</summary>
        Waiting,

        /// <summary>The receive loop writes into the reader's buffer, and completes the read when its batch is done.</summary>
        Filling,

        /// <summary>The read is done and the reader about to go on; what comes now is for the next one.</summary>
        Held,

        /// <summary>The reader copies from the blocks.</summary>
        Copying,
    }

    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _readCancellation;
    private Memory<byte> _readBuffer;
    private int _readFilled;
    private Reader _reader;
    private Block? _inboxHead;
    private Block? _inboxTail;
    private int _unread;
    private bool _delivering;
    private bool _inboxReleased;
    private bool _finished;

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellation);
        int count;
        short token = 0;
        lock (connection.Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_reader != Reader.None)
                throw new InvalidOperationException("Another read of this stream is under way.");
            count = Math.Min(buffer.Length, _unread);
            if (_unread > 0)
            {
                _reader = Reader.Copying;
            }
            else if (_finished)
            {
                return new ValueTask<int>(0);
            }
            else if (_failure is not null)
            {
                return ValueTask.FromException<int>(Fresh(_failure));
            }
            else
            {
                _reader = Reader.Waiting;
                _readBuffer = buffer;
                _readFilled = 0;
                _read.Reset();
                _read.RunContinuationsAsynchronously = true;
                token = _read.Version;
                count = -1;
                connection.Session.OnReaderWaits(state);
            }
        }

        if (count >= 0)
            return new ValueTask<int>(Take(buffer.Span[..count]));
        connection.Wake();
        _readCancellation = cancellation.UnsafeRegister(static (self, token) => ((YamuxStream)self!).CancelRead(token), this);
        return new ValueTask<int>(this, token);
    }

    /// <summary>Bytes of this stream's payload arrived. Called by the receive loop alone.</summary>
    internal void Deliver(ReadOnlySpan<byte> bytes, long now)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> direct = default;
            Block? block = null;
            var count = 0;
            lock (connection.Gate)
            {
                if (_inboxReleased)
                    return;
                if (_unread == 0 && _reader is Reader.Waiting or Reader.Filling)
                    direct = ClaimReaderUnderGate();
                if (direct.IsEmpty)
                {
                    block = _inboxTail is { Free: > 0 } ? _inboxTail : null;
                    count = Math.Min(block?.Free ?? BlockPool.SizeFor(bytes.Length), bytes.Length);
                    if (!connection.TryHoldUnderGate(count))
                    {
                        OverflowUnderGate();
                        return;
                    }

                    _delivering = true;
                }
            }

            if (direct.IsEmpty)
                Append(block, bytes[..count]);
            else
                count = Hand(direct, bytes, now);
            bytes = bytes[count..];
        }
    }

    /// <summary>The peer closed its side; what was delivered before is still read.</summary>
    internal void FinishUnderGate()
    {
        _finished = true;
        if (_reader != Reader.Waiting)
            return;
        _reader = Reader.None;
        _readBuffer = default;
        _read.SetResult(0);
    }

    /// <summary>The receive loop's batch is done: a reader it wrote to goes on.</summary>
    /// <param name="hold">Not yet, but by <see cref="ContinueReader"/>, which follows.</param>
    internal void CompleteReaderUnderGate(bool hold)
    {
        if (_reader != Reader.Filling)
            return;
        if (_unread > 0 && _readFilled < _readBuffer.Length)
        {
            var taken = Copy(_readBuffer.Span[_readFilled..(_readFilled + Math.Min(_unread, _readBuffer.Length - _readFilled))]);
            ConsumeUnderGate(taken);
            connection.Session.OnConsumed(state, taken, connection.Now);
            _readFilled += taken;
        }

        _readBuffer = default;
        _reader = hold ? Reader.Held : Reader.None;
        if (!hold)
            _read.SetResult(_readFilled);
    }

    /// <summary>Lets a reader go on that was held, in the caller's thread or in one of the pool's. Not under the gate.</summary>
    internal void ContinueReader(bool inline)
    {
        lock (connection.Gate)
        {
            if (_reader != Reader.Held)
                return;
            _reader = Reader.None;
            _read.RunContinuationsAsynchronously = !inline;
        }

        _read.SetResult(_readFilled);
    }

    private Memory<byte> ClaimReaderUnderGate()
    {
        if (_reader == Reader.Waiting)
        {
            _reader = Reader.Filling;
            connection.Touched(this);
        }

        return _readBuffer[_readFilled..];
    }

    private int Hand(Memory<byte> direct, ReadOnlySpan<byte> bytes, long now)
    {
        var count = Math.Min(direct.Length, bytes.Length);
        bytes[..count].CopyTo(direct.Span);
        lock (connection.Gate)
        {
            _readFilled += count;
            connection.Session.OnConsumed(state, count, now);
        }

        return count;
    }

    /// <summary>Nobody reads, and there is no room left for what waits.</summary>
    private void OverflowUnderGate()
    {
        TransportTelemetry.StreamOverflowed();
        connection.Session.Reset(state, 0);
        FailUnderGate(new TransportException(TransportError.LimitReached, "more was received than may wait for readers"), keepUnread: false);
        connection.WakeOpenersUnderGate();
    }

    /// <summary>Appends bytes that one block holds.</summary>
    private void Append(Block? tail, ReadOnlySpan<byte> bytes)
    {
        var block = tail ?? connection.Pool.Rent(bytes.Length);
        var count = bytes.Length;
        bytes.CopyTo(block.Bytes.AsSpan(block.End));
        lock (connection.Gate)
        {
            _delivering = false;
            block.End += count;
            if (tail is null)
            {
                if (_inboxTail is null)
                    _inboxHead = block;
                else
                    _inboxTail.Next = block;
                _inboxTail = block;
            }

            _unread += count;
            if (_inboxReleased)
            {
                ReleaseInboxUnderGate();
            }
            else if (_reader == Reader.Waiting)
            {
                // It came while we copied, and saw nothing: it is completed from the blocks behind the batch.
                _reader = Reader.Filling;
                connection.Touched(this);
            }
        }
    }

    private int Take(Span<byte> target)
    {
        var copied = Copy(target);
        lock (connection.Gate)
        {
            _reader = Reader.None;
            if (_inboxReleased)
            {
                ReleaseInboxUnderGate();
            }
            else
            {
                ConsumeUnderGate(copied);
                connection.Session.OnConsumed(state, copied, connection.Now);
            }
        }

        connection.Wake();
        return copied;
    }

    /// <summary>Copies from the front of the blocks without taking; they hold at least so much.</summary>
    private int Copy(Span<byte> target)
    {
        var copied = 0;
        for (var block = _inboxHead; copied < target.Length; block = block.Next)
        {
            var count = Math.Min(block!.Unread, target.Length - copied);
            block.Bytes.AsSpan(block.Start, count).CopyTo(target[copied..]);
            copied += count;
        }

        return copied;
    }

    private void ConsumeUnderGate(int count)
    {
        _unread -= count;
        connection.ReleaseUnderGate(count);
        while (_inboxHead is { } head)
        {
            var taken = Math.Min(head.Unread, count);
            head.Start += taken;
            count -= taken;

            // The receive loop may be filling the tail just now.
            if (head.Unread > 0 || (head == _inboxTail && _delivering))
                return;
            _inboxHead = head.Next;
            if (_inboxHead is null)
                _inboxTail = null;
            connection.Pool.Return(head);
        }
    }

    private void FailReaderUnderGate()
    {
        if (_reader != Reader.Waiting)
            return;
        _reader = Reader.None;
        _readBuffer = default;
        _read.SetException(Fresh(_failure!));
    }

    /// <summary>Gives the blocks back, now or as soon as nobody copies from or to them.</summary>
    private void ReleaseInboxUnderGate()
    {
        _inboxReleased = true;
        connection.ReleaseUnderGate(_unread);
        _unread = 0;
        if (_delivering || _reader == Reader.Copying)
            return;
        connection.Pool.ReturnAll(_inboxHead);
        _inboxHead = _inboxTail = null;
    }

    private void CancelRead(CancellationToken token)
    {
        lock (connection.Gate)
        {
            if (_reader != Reader.Waiting)
                return;
            _reader = Reader.None;
            _readBuffer = default;
            _read.SetException(new OperationCanceledException(token));
        }
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a callback that runs just now: it must not meet the next read.
        _readCancellation.Dispose();
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);
}
