using System.Threading.Tasks.Sources;

namespace Netabase.Transport.Yamux;

/// <summary>
/// Wakes the send loop, without allocating. The loop goes on in the thread that wakes it, so that a writer's bytes reach
/// the socket without a thread hop; the loop itself sees to it that nobody is held up for more than one send. Where many are about
/// to write it is queued behind them instead, so that one send carries what all of them wrote.
/// </summary>
internal sealed class SendSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Raised = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>There is something to do. Never call it while holding a lock.</summary>
    /// <param name="queued">Whether the loop goes on behind what the thread pool has to do already.</param>
    internal void Raise(bool queued = false)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state == Raised)
                return;
            if (Interlocked.CompareExchange(ref _state, state == Waiting ? Idle : Raised, state) != state)
                continue;
            if (state != Waiting)
                return;
            if (queued)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            else
                _core.SetResult(true);
            return;
        }
    }

    /// <summary>Completes when there is something to do. One waiter: the send loop.</summary>
    internal ValueTask WaitAsync()
    {
        _core.Reset();
        var token = _core.Version;
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
            return new ValueTask(this, token);
        Volatile.Write(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute() => _core.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
