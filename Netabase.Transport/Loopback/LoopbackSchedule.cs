namespace Netabase.Transport.Loopback;

/// <summary>Runs what is due, one after the other, in the order of its times and then of its posting.</summary>
internal sealed class LoopbackSchedule : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _order;
    private long _changes;
    private bool _running;
    private bool _disposed;

    public LoopbackSchedule(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => _time.GetTimestamp();

    public long After(TimeSpan delay) => Now + (long)(delay.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Puts an action down for its time; <see cref="Arm"/> is to be called afterwards.</summary>
    public void Post(long at, Action action)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _due.Enqueue(action, (at, _order++));
                _changes++;
            }
        }
    }

    /// <summary>
    /// Sets the timer for what is due first. It is called outside of every lock: a clock that has moved on meanwhile runs
    /// what is due on the spot, and what is due takes locks of its own.
    /// </summary>
    public void Arm()
    {
        long changes;
        do
        {
            TimeSpan wait;
            lock (_gate)
            {
                if (_running || _disposed || !_due.TryPeek(out _, out var key))
                {
                    return;
                }

                changes = _changes;

                // Rounded up: a timer that fires early would find nothing due and be set again.
                wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, key.At - Now) * 1000d / _time.TimestampFrequency));
            }

            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
        while (changes != Interlocked.Read(ref _changes));
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

        Arm();
    }

    private Action? TryTakeDue()
    {
        lock (_gate)
        {
            if (_due.TryPeek(out var action, out var key) && key.At <= Now)
            {
                _due.Dequeue();
                return action;
            }

            // Whoever finds the timer set for what has been run meanwhile sets it anew.
            _running = false;
            _changes++;
            return null;
        }
    }
}
