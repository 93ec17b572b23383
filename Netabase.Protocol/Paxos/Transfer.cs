namespace Netabase.Protocol.Paxos;

/// <summary>
/// A leader makes way (Raft, 3.10): it proposes no more, waits until the other is level with it, gives up its lease, and tells the
/// other to stand. An election time-out after it began, it leads on, without a lease in this ballot; and whoever let that time pass is not
/// waited for again at an operator's wish, since each time stops every write for as long.
/// </summary>
internal sealed class Transfer(Ballot ballot, PaxosSettings settings, Work work)
{
    private readonly HashSet<NodeId> _failed = [];
    private NodeId _target;
    private long _until = long.MinValue;
    private long _sayAt;

    /// <summary>Whether nothing may be proposed.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>When something is due.</summary>
    public long WakeAt => !IsUnderWay ? long.MaxValue : _sayAt == long.MinValue ? _until : Math.Min(_until, _sayAt);

    /// <summary>Whether this one has let the time pass in this ballot.</summary>
    public bool HasFailed(NodeId target) => _failed.Contains(target);

    /// <summary>Begins.</summary>
    public void Begin(NodeId target, long now)
    {
        if (IsUnderWay && target == _target)
        {
            return;
        }

        _target = target;
        _until = now + settings.ElectionTimeout;
        _sayAt = long.MinValue;
        IsUnderWay = true;
    }

    /// <summary>Says it when it is time.</summary>
    public void Advance(Window window, Leases.Holder lease, Func<NodeId, Slot> acknowledged, long now)
    {
        if (!IsUnderWay)
        {
            return;
        }

        if (now >= _until)
        {
            IsUnderWay = false;
            _failed.Add(_target);
            return;
        }

        if (now >= _sayAt && window.Count == 0 && acknowledged(_target) >= window.ChosenThrough)
        {
            lease.GiveUp();
            _sayAt = now + settings.ResendAfter;
            work.Send(_target, new PaxosMessage.TimeoutNow(ballot));
        }
    }
}
