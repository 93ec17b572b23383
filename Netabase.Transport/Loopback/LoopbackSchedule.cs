namespace Netabase.Transport.Loopback;

/// <summary>Runs what is due, one after the other, in the order of its times and then of its posting.</summary>
internal sealed class LoopbackSchedule : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _order;
    private bool _running;
    private bool _disposed;

    public LoopbackSchedule(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => _time.GetTimestamp();

    public long After(TimeSpan delay) => Now + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    public void Post(long at, Action action)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _due.Enqueue(action, (at, _order++));
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _due.Clear();
        }

        _timer.Dispose();
    }

    private void RunDue()
    {
        lock (_gate)
        {
            if (_running)
            {
                return;
            }

            _running = true;
        }

        while (TryTakeDue() is { } action)
        {
            action();
        }
    }

    /// <summary>The next action that is due; when there is none the timer is set for the one after.</summary>
    private Action? TryTakeDue()
    {
        lock (_gate)
        {
            if (_due.TryPeek(out var action, out var key) && key.At <= Now)
            {
                _due.Dequeue();
                return action;
            }

            _running = false;
            Arm();
            return null;
        }
    }

    private void Arm()
    {
        if (_running || _disposed || !_due.TryPeek(out _, out var key))
        {
            return;
        }

        var wait = Math.Max(0, key.At - Now) / (double)_time.TimestampFrequency;

        // Rounded up: a timer that fires early would find nothing due and be set again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait * 1000)), Timeout.InfiniteTimeSpan);
    }
}
