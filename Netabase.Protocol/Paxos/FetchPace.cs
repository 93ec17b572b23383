namespace Netabase.Protocol.Paxos;

/// <summary>When a learner asks for a slot it lacks: patiently while the slot may be on its way, less often the longer nobody answers.</summary>
internal sealed class FetchPace(PaxosSettings settings)
{
    private Slot _missing;

    /// <summary>When to look again; null when nothing is missing.</summary>
    public long? At { get; private set; }

    /// <summary>Since when something has been missing, without a pause.</summary>
    public long Since { get; private set; }

    /// <summary>Times the missing slot was asked for.</summary>
    public int Tries { get; private set; }

    /// <summary>Nothing is missing.</summary>
    public long? Rest()
    {
        At = null;
        _missing = Slot.None;
        return null;
    }

    /// <summary>Whether to ask now, counted as a try.</summary>
    /// <param name="missing">The slot.</param>
    /// <param name="isUrgent">It will not come by itself.</param>
    /// <param name="now">The owner's clock.</param>
    public bool IsDue(Slot missing, bool isUrgent, long now)
    {
        if (At is null)
        {
            Since = now;
            Tries = 0;
            _missing = missing;
            At = isUrgent ? now : now + settings.ResendAfter;
        }
        else if (missing != _missing)
        {
            // Something came, so more may be coming.
            Tries = 0;
            _missing = missing;
            At = now + settings.ResendAfter;
        }

        if (now < At)
        {
            return false;
        }

        At = now + Math.Min(settings.ElectionTimeout, settings.ResendAfter << Math.Min(Tries, 10));
        Tries++;
        return true;
    }
}
