namespace Netabase.Transport.Loopback;

/// <summary>One direction between two peers: delays, holds back while cut, and keeps the order it must.</summary>
internal sealed class LoopbackLink(LoopbackSchedule schedule, ulong seed)
{
    private readonly Lock _gate = new();
    private readonly List<(LoopbackLane Lane, Action Deliver)> _held = [];
    private SplitMix64 _chance = new(seed);
    private int _cuts;

    public LinkFaults Faults { get; set; } = LinkFaults.None;

    public bool IsCut { get; private set; }

    /// <summary>Which cut it is, so that a time-out knows whether it is still the one it was set for.</summary>
    public int CutNumber => _cuts;

    /// <summary>Sends something in the order of its lane; with nothing to wait for, it arrives before this returns.</summary>
    public void Send(LoopbackLane lane, Action deliver)
    {
        var next = deliver;
        lock (_gate)
        {
            if (IsCut)
            {
                _held.Add((lane, deliver));
                return;
            }

            if (!TryPass(lane))
            {
                Post(lane, deliver);
                next = schedule.Arm;
            }
        }

        next();
    }

    public void Cut()
    {
        lock (_gate)
        {
            _cuts += IsCut ? 0 : 1;
            IsCut = true;
        }
    }

    public void Heal()
    {
        lock (_gate)
        {
            IsCut = false;
            foreach (var (lane, deliver) in _held)
            {
                Post(lane, deliver);
            }

            _held.Clear();
        }

        schedule.Arm();
    }

    private bool TryPass(LoopbackLane lane) => Faults == LinkFaults.None && lane.Pending == 0;

    private void Post(LoopbackLane lane, Action deliver)
    {
        var faults = Faults;
        var delay = faults.Delay + (faults.Jitter * _chance.NextUnit());
        if (faults.Loss > 0 && _chance.NextUnit() < faults.Loss)
        {
            delay += faults.Retransmission;
        }

        var at = Math.Max(schedule.After(delay), lane.LastArrival);
        lane.LastArrival = at;
        lane.Pending++;
        schedule.Post(at, () =>
        {
            deliver();
            lock (_gate)
            {
                lane.Pending--;
            }
        });
    }
}

/// <summary>A sequence within a link whose parts arrive in the order they were sent. Guarded by the link.</summary>
internal sealed class LoopbackLane
{
    public long LastArrival { get; set; }

    public int Pending { get; set; }
}
