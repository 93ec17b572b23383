namespace Netabase.Protocol.Paxos;

/// <summary>
/// What a leader knows of one member: what was sent, what came back, and how long to be patient. A member that does not answer is
/// probed with one message at a time, ever more seldom, and gets everything again at its first sign of life.
/// </summary>
internal sealed class Follower(NodeId node, PaxosSettings settings, Jitter jitter)
{
    private readonly Queue<(Slot Through, long Bytes)> _sent = new();
    private int _attempts;
    private Slot _chosenAtPulse;
    private Slot _ownChosenAtPulse;
    private long _judgeAt = long.MinValue;

    /// <summary>The member.</summary>
    public NodeId Node => node;

    /// <summary>Its votes reach unbroken up to here.</summary>
    public Slot Acknowledged { get; private set; }

    /// <summary>Up to here it was sent something, once at least since the last silence.</summary>
    public Slot Sent { get; private set; }

    /// <summary>How far it says it knows the log to be chosen.</summary>
    public Slot ChosenThrough { get; private set; }

    /// <summary>How far it was told the log is chosen.</summary>
    public Slot Told { get; private set; }

    /// <summary>The latest pulse it answered.</summary>
    public ulong Round { get; private set; }

    /// <summary>When that answer came.</summary>
    public long AnsweredAt { get; private set; } = long.MinValue;

    /// <summary>Bytes sent and not acknowledged.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>When to send again; never, when nothing is owed.</summary>
    public long ResendAt { get; private set; } = long.MaxValue;

    /// <summary>Whether it answers and has room.</summary>
    public bool MaySend => _attempts == 0 && BytesInFlight < settings.InFlightBytesMax;

    /// <summary>It was sent proposals up to here.</summary>
    public void OnSent(Slot through, long bytes, long now)
    {
        _sent.Enqueue((through, bytes));
        BytesInFlight += bytes;
        Sent = Slot.Max(Sent, through);
        if (ResendAt == long.MaxValue)
        {
            ResendAt = now + Patience();
        }
    }

    /// <summary>It was told how far the log is chosen.</summary>
    public void OnTold(Slot chosenThrough) => Told = Slot.Max(Told, chosenThrough);

    /// <summary>Its votes reach so far now.</summary>
    /// <param name="said">As it says: further than was proposed where it knows more to be chosen, and then it is asked all the same.</param>
    /// <param name="chosenThrough">How far it says the log is chosen.</param>
    /// <param name="proposed">The last slot proposed in.</param>
    /// <param name="now">The owner's clock.</param>
    public void OnAccepted(Slot said, Slot chosenThrough, Slot proposed, long now)
    {
        var through = Slot.Min(said, proposed);
        ChosenThrough = Slot.Max(ChosenThrough, chosenThrough);
        if (through <= Acknowledged)
        {
            return;
        }

        Acknowledged = through;
        Sent = Slot.Max(Sent, through);
        _attempts = 0;
        while (_sent.TryPeek(out var sent) && sent.Through <= through)
        {
            BytesInFlight -= _sent.Dequeue().Bytes;
        }

        ResendAt = _sent.Count == 0 ? long.MaxValue : now + Patience();
    }

    /// <summary>It answers a pulse.</summary>
    /// <returns>Whether it lags: it knew no more a heartbeat ago, and there was more to know, or it is further behind than a window.</returns>
    public bool OnPulsed(PaxosMessage.Pulsed pulsed, Slot ownChosen, Slot proposed, int window, long now)
    {
        OnAccepted(pulsed.Through, pulsed.ChosenThrough, proposed, now);
        if (pulsed.Round > Round)
        {
            Round = pulsed.Round;
            AnsweredAt = now;
            if (_attempts > 0)
            {
                Again(now);
            }
        }

        // Rounds for reads may follow one another faster than a member can learn: only a whole interval without progress is a sign.
        if (now < _judgeAt)
        {
            return false;
        }

        var lags = (ChosenThrough == _chosenAtPulse && ChosenThrough < _ownChosenAtPulse) || ownChosen.Since(ChosenThrough) > window;
        _judgeAt = now + settings.HeartbeatInterval;
        _chosenAtPulse = ChosenThrough;
        _ownChosenAtPulse = ownChosen;
        return lags;
    }

    /// <summary>It has not answered in time: what it owes is sent again.</summary>
    /// <returns>Whether that time has come.</returns>
    public bool IsOverdue(long now)
    {
        if (now < ResendAt)
        {
            return false;
        }

        Rewind();
        _attempts++;
        ResendAt = now + Patience();
        return true;
    }

    /// <summary>It lacks something, or refuses for now: everything it owes is sent again, whole.</summary>
    public void Again(long now)
    {
        Rewind();
        _attempts = 0;
        ResendAt = now + Patience();
    }

    /// <summary>It has no room: not before its patience is over.</summary>
    public void Pause(long now)
    {
        Rewind();
        _attempts = Math.Max(1, _attempts);
        ResendAt = now + Patience();
    }

    /// <summary>It owes nothing.</summary>
    public void Rest() => ResendAt = long.MaxValue;

    private void Rewind()
    {
        _sent.Clear();
        BytesInFlight = 0;
        Sent = Acknowledged;
    }

    private long Patience() => jitter.Around(Math.Min(settings.ResendAfter << Math.Min(_attempts, 16), settings.ElectionTimeout));
}
