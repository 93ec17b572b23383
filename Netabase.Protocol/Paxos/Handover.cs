namespace Netabase.Protocol.Paxos;

/// <summary>
/// A wish of this node's operator that somebody else should lead: put to whoever leads, here or elsewhere, and again until that one is
/// followed or the deadline has come. The newest wish counts.
/// </summary>
internal sealed class Handover(NodeId self, PaxosSettings settings, Jitter jitter, Work work)
{
    private PaxosInput.MakeWay? _wish;
    private Ballot _leader;
    private int _attempts;
    private long _askAt;

    /// <summary>When something is due.</summary>
    public long WakeAt => _wish is { } wish ? Math.Min(wish.Deadline, _askAt) : long.MaxValue;

    /// <summary>Takes the wish.</summary>
    public void Begin(PaxosInput.MakeWay wish, long now)
    {
        _wish = wish;
        Ask(now);
    }

    /// <summary>Somebody else leads, or nobody.</summary>
    public void Follow(Ballot leader, long now)
    {
        if (leader != _leader)
        {
            _leader = leader;
            Ask(now);
        }
    }

    /// <summary>The deadline, and a wish that had no effect yet.</summary>
    public void Tick(long now)
    {
        if (_wish is not { } wish)
        {
            return;
        }

        if (now >= wish.Deadline)
        {
            _wish = null;
        }
        else if (now >= _askAt)
        {
            _attempts++;
            Say(wish, now);
        }
    }

    private void Ask(long now)
    {
        _attempts = 0;
        if (_wish is { } wish)
        {
            Say(wish, now);
        }
    }

    private void Say(PaxosInput.MakeWay wish, long now)
    {
        _askAt = now + jitter.Around(Math.Min(settings.ResendAfter << Math.Min(_attempts, 16), settings.ElectionTimeout));
        if (_leader.IsNone)
        {
            return;
        }

        if (_leader.Owner == wish.Target)
        {
            _wish = null;
        }
        else if (_leader.Owner == self)
        {
            work.Tell(Part.Proposer, new PaxosInput.Transfer(wish.Target));
        }
        else
        {
            work.Send(_leader.Owner, new PaxosMessage.MakeWay(wish.Target));
        }
    }
}
