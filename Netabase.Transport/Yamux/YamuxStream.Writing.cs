using System.Threading.Tasks.Sources;

namespace Netabase.Transport.Yamux;

/// <summary>From the writer to the send loop: small writes through a bounded chain of blocks, large ones from the writer's own memory.</summary>
internal sealed partial class YamuxStream : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _write = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _writeCancellation;
    private ReadOnlyMemory<byte> _writing;
    private Block? _outboxHead;
    private Block? _outboxTail;
    private int _queued;
    private int _sendingQueued;
    private ReadOnlyMemory<byte> _sendingWritten;
    private bool _writePending;
    private bool _writeClosed;
    private bool _sending;
    private bool _outboxReleased;
    private Exception? _writeFailure;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellation);
        bool waits;
        short token = 0;
        lock (connection.Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_writePending)
                throw new InvalidOperationException("Another write of this stream is under way.");
            if (_failure is not null)
                return ValueTask.FromException(Fresh(_failure));
            if (_writeClosed)
                throw new InvalidOperationException("The stream is closed for writing.");
            if (connection.Session.GoodbyeWanted)
                return ValueTask.FromException(new TransportException(TransportError.ConnectionClosed, "the connection is closing"));
            waits = _queued + bytes.Length > connection.Options.WriteBuffer;
            if (waits)
            {
                _writing = bytes;
                _writePending = true;
                _write.Reset();
                token = _write.Version;
            }
            else
            {
                QueueUnderGate(bytes.Span);
            }

            connection.Session.OnQueued(state, bytes.Length);
        }

        connection.Wake();
        if (!waits)
            return ValueTask.CompletedTask;
        if (cancellation.CanBeCanceled && _write.GetStatus(token) == ValueTaskSourceStatus.Pending)
            _writeCancellation = cancellation.UnsafeRegister(static (self, token) => ((YamuxStream)self!).CancelWrite(token), this);
        return new ValueTask(this, token);
    }

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellation);
        lock (connection.Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_writePending)
                throw new InvalidOperationException("A write of this stream is under way.");
            if (_failure is not null && !_writeClosed)
                return ValueTask.FromException(Fresh(_failure));
            _writeClosed = true;
            connection.Session.CloseWrite(state);
            connection.WakeOpenersUnderGate();
        }

        connection.Wake();
        return ValueTask.CompletedTask;
    }

    /// <summary>The send loop is about to copy so many bytes.</summary>
    internal void BeginSendUnderGate(int count)
    {
        _sending = true;
        _sendingQueued = Math.Min(count, _queued);
        _sendingWritten = _writing[..(count - _sendingQueued)];
    }

    /// <summary>Copies what was begun, outside the gate.</summary>
    internal void CopyTo(FramePacker packer)
    {
        var left = _sendingQueued;
        for (var block = _outboxHead; left > 0; block = block.Next)
        {
            var count = Math.Min(block!.Unread, left);
            packer.Write(block.Bytes.AsSpan(block.Start, count));
            left -= count;
        }

        packer.Write(_sendingWritten.Span);
    }

    /// <summary>The copy is done: blocks go back, and a writer whose last byte was copied goes on.</summary>
    internal void EndSendUnderGate()
    {
        _sending = false;
        if (_outboxReleased)
            ReleaseOutboxUnderGate();
        else
            UnqueueUnderGate(_sendingQueued);

        if (_writePending)
        {
            _writing = _writing[_sendingWritten.Length..];
            if (_writing.IsEmpty || _writeFailure is not null)
                CompleteWriterUnderGate(_writeFailure);
        }

        _sendingWritten = default;
    }

    private void QueueUnderGate(ReadOnlySpan<byte> bytes)
    {
        _queued += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_outboxTail is not { Free: > 0 })
            {
                var block = connection.Pool.Rent(bytes.Length);
                if (_outboxTail is null)
                    _outboxHead = block;
                else
                    _outboxTail.Next = block;
                _outboxTail = block;
            }

            var count = Math.Min(_outboxTail.Free, bytes.Length);
            bytes[..count].CopyTo(_outboxTail.Bytes.AsSpan(_outboxTail.End));
            _outboxTail.End += count;
            bytes = bytes[count..];
        }
    }

    private void UnqueueUnderGate(int count)
    {
        _queued -= count;
        while (_outboxHead is { } head)
        {
            var taken = Math.Min(head.Unread, count);
            head.Start += taken;
            count -= taken;
            if (head.Unread > 0)
                return;
            _outboxHead = head.Next;
            if (_outboxHead is null)
                _outboxTail = null;
            connection.Pool.Return(head);
        }
    }

    private void FailWriterUnderGate(TransportException reason)
    {
        if (!_writePending)
            return;

        // The send loop is copying the writer's memory: it ends the write when it is done.
        if (_sending)
            _writeFailure ??= Fresh(reason);
        else
            CompleteWriterUnderGate(Fresh(reason));
    }

    private void CompleteWriterUnderGate(Exception? failure)
    {
        _writePending = false;
        _writing = default;
        _writeFailure = null;
        if (failure is null)
            _write.SetResult(true);
        else
            _write.SetException(failure);
    }

    private void ReleaseOutboxUnderGate()
    {
        _outboxReleased = true;
        _queued = 0;
        if (_sending)
            return;
        connection.Pool.ReturnAll(_outboxHead);
        _outboxHead = _outboxTail = null;
    }

    private void CancelWrite(CancellationToken token)
    {
        lock (connection.Gate)
        {
            if (!_writePending || _writeFailure is not null)
                return;
            var unsent = _writing.Length - (_sending ? _sendingWritten.Length : 0);
            connection.Session.OnUnqueued(state, unsent);
            _writing = _writing[..^unsent];
            var cancelled = new OperationCanceledException(token);
            if (_sending)
                _writeFailure = cancelled;
            else
                CompleteWriterUnderGate(cancelled);
        }

        connection.Wake();
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Waits for a callback that runs just now: it must not meet the next write.
        _writeCancellation.Dispose();
        _write.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token, flags);
}
