using System.Buffers;
using System.Threading.Tasks.Sources;

namespace Netabase.Transport.Memory;

/// <summary>
/// One direction of a connection in memory: a ring of bounded size between one writer and one reader. It rents its ring
/// only while bytes are on their way, allocates nothing per operation, and goes on in the thread pool.
/// </summary>
internal sealed class MemoryPipe(int capacity) : IValueTaskSource<int>, IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private ManualResetValueTaskSourceCore<bool> _write = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _readCancellation;
    private CancellationTokenRegistration _writeCancellation;
    private byte[]? _ring;
    private int _start;
    private int _count;
    private Memory<byte> _reading;
    private ReadOnlyMemory<byte> _writing;
    private bool _readWaits;
    private bool _writeWaits;
    private bool _finished;
    private TransportException? _cut;

    /// <summary>Bytes, 0 at the end; with an empty buffer 0 as soon as there is something.</summary>
    internal ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellation);
        lock (_gate)
        {
            if (_cut is not null)
                return ValueTask.FromException<int>(Fresh(_cut));
            if (_readWaits)
                throw new InvalidOperationException("Another receive is under way.");
            if (_count > 0)
            {
                var count = TakeUnderGate(buffer.Span);
                RefillUnderGate();
                return new ValueTask<int>(count);
            }

            if (_finished)
                return new ValueTask<int>(0);
            _readWaits = true;
            _reading = buffer;
            _read.Reset();
        }

        var token = _read.Version;
        _readCancellation = cancellation.UnsafeRegister(static (self, token) => ((MemoryPipe)self!).CancelRead(token), this);
        return new ValueTask<int>(this, token);
    }

    /// <summary>Puts every byte into the ring, or into a waiting reader's buffer; waits while the ring is full.</summary>
    internal ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellation);
        lock (_gate)
        {
            if (_cut is not null)
                return ValueTask.FromException(Fresh(_cut));
            if (_finished)
                return ValueTask.FromException(new TransportException(TransportError.ConnectionClosed, "our side is closed"));
            if (_writeWaits)
                throw new InvalidOperationException("Another send is under way.");
            _writing = bytes;
            RefillUnderGate();
            if (_writing.IsEmpty)
                return ValueTask.CompletedTask;
            _writeWaits = true;
            _write.Reset();
        }

        var token = _write.Version;
        _writeCancellation = cancellation.UnsafeRegister(static (self, token) => ((MemoryPipe)self!).CancelWrite(token), this);
        return new ValueTask(this, token);
    }

    /// <summary>The writer is done: the reader reads what is there and then the end.</summary>
    internal void Finish()
    {
        lock (_gate)
        {
            if (_finished || _cut is not null)
                return;
            _finished = true;
            if (_writeWaits)
                CompleteWriteUnderGate(new TransportException(TransportError.ConnectionClosed, "our side was closed"));
            if (_readWaits)
                CompleteReadUnderGate(0);
        }
    }

    /// <summary>Both ends fail from now on, and what was on its way is lost.</summary>
    internal void Cut(TransportException reason)
    {
        lock (_gate)
        {
            if (_cut is not null)
                return;
            _cut = reason;
            _count = 0;
            ReleaseUnderGate();
            if (_writeWaits)
                CompleteWriteUnderGate(Fresh(reason));
            if (!_readWaits)
                return;
            _readWaits = false;
            _reading = default;
            _read.SetException(Fresh(reason));
        }
    }

    private int TakeUnderGate(Span<byte> target)
    {
        var count = Math.Min(_count, target.Length);
        var first = Math.Min(count, capacity - _start);
        _ring.AsSpan(_start, first).CopyTo(target);
        _ring.AsSpan(0, count - first).CopyTo(target[first..]);
        _start = (_start + count) % capacity;
        _count -= count;
        if (_count == 0)
            ReleaseUnderGate();
        return count;
    }

    /// <summary>Moves what the writer holds: to a waiting reader first, then into the ring.</summary>
    private void RefillUnderGate()
    {
        if (_writing.IsEmpty)
            return;
        if (_readWaits && _count == 0)
        {
            var direct = Math.Min(_reading.Length, _writing.Length);
            _writing.Span[..direct].CopyTo(_reading.Span);
            _writing = _writing[direct..];
            CompleteReadUnderGate(direct);
        }

        var count = Math.Min(capacity - _count, _writing.Length);
        if (count > 0)
        {
            _ring ??= ArrayPool<byte>.Shared.Rent(capacity);
            var end = (_start + _count) % capacity;
            var first = Math.Min(count, capacity - end);
            _writing.Span[..first].CopyTo(_ring.AsSpan(end));
            _writing.Span[first..count].CopyTo(_ring);
            _writing = _writing[count..];
            _count += count;
        }

        if (_writing.IsEmpty && _writeWaits)
            CompleteWriteUnderGate(null);
    }

    private void ReleaseUnderGate()
    {
        _start = 0;
        if (_ring is not { } ring)
            return;
        _ring = null;
        ArrayPool<byte>.Shared.Return(ring);
    }

    private void CompleteReadUnderGate(int count)
    {
        _readWaits = false;
        _reading = default;
        _read.SetResult(count);
    }

    private void CompleteWriteUnderGate(Exception? failure)
    {
        _writeWaits = false;
        _writing = default;
        if (failure is null)
            _write.SetResult(true);
        else
            _write.SetException(failure);
    }

    private void CancelRead(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_readWaits)
                return;
            _readWaits = false;
            _reading = default;
            _read.SetException(new OperationCanceledException(token));
        }
    }

    private void CancelWrite(CancellationToken token)
    {
        lock (_gate)
        {
            if (_writeWaits)
                CompleteWriteUnderGate(new OperationCanceledException(token));
        }
    }

    private static TransportException Fresh(TransportException reason) => new(reason.Error, reason.Message, reason);

    int IValueTaskSource<int>.GetResult(short token)
    {
        _readCancellation.Dispose();
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _writeCancellation.Dispose();
        _write.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token, flags);
}
