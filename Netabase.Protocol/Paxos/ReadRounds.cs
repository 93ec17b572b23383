namespace Netabase.Protocol.Paxos;

/// <summary>
/// Reads that wait for an index (Raft, 6.4, "read index"): all that have arrived share one round of pulses begun after them, and
/// the index is what was chosen as that round began.
/// </summary>
internal sealed class ReadRounds(PaxosSettings settings, Work work)
{
    private readonly List<ulong> _arrived = [];
    private readonly List<ulong> _inRound = [];
    private long _since;
    private ulong _round;
    private Slot _index;
    private long _resendAt;

    /// <summary>Whether any read waits.</summary>
    public bool HasAny => _arrived.Count + _inRound.Count > 0;

    /// <summary>When something is due: a round to begin, or to be asked for again.</summary>
    public long WakeAt => _inRound.Count > 0 ? _resendAt : _arrived.Count > 0 ? _since + settings.ReadRoundWait : long.MaxValue;

    /// <summary>A read arrives; false when too many wait.</summary>
    public bool Add(ulong request, long now)
    {
        if (_arrived.Count + _inRound.Count >= settings.QueuedCommandsMax)
        {
            return false;
        }

        if (_arrived.Count == 0)
        {
            _since = now;
        }

        _arrived.Add(request);
        return true;
    }

    /// <summary>Whether a round is to be begun now, or again since its answers are late.</summary>
    public bool WantsPulse(long now) => _inRound.Count > 0 ? now >= _resendAt : _arrived.Count > 0 && now >= _since + settings.ReadRoundWait;

    /// <summary>A pulse has been sent: it is the round of all that have arrived, unless one is under way.</summary>
    public void OnPulse(ulong round, Slot chosenThrough, long now)
    {
        _resendAt = now + settings.ResendAfter;
        if (_inRound.Count > 0 || _arrived.Count == 0)
        {
            return;
        }

        _inRound.AddRange(_arrived);
        _arrived.Clear();
        _round = round;
        _index = chosenThrough;
    }

    /// <summary>Answers the round under way, when a majority of each configuration has answered it or a later one.</summary>
    public void Count(ReadOnlySpan<Configuration> configurations, Func<NodeId, ulong> answered)
    {
        if (_inRound.Count > 0 && Quorum.HasInEach(configurations, node => answered(node) >= _round))
        {
            Answer(_inRound, _index, long.MaxValue);
        }
    }

    /// <summary>A lease vouches for what is chosen: nobody waits.</summary>
    public void Vouch(Slot chosenThrough, long until)
    {
        Answer(_inRound, chosenThrough, until);
        Answer(_arrived, chosenThrough, until);
    }

    /// <summary>This node does not lead any more.</summary>
    public void Refuse()
    {
        Answer(_inRound, Slot.Last, long.MinValue);
        Answer(_arrived, Slot.Last, long.MinValue);
    }

    private void Answer(List<ulong> requests, Slot slot, long until)
    {
        foreach (var request in requests)
        {
            work.Tell(Part.Gateway, new PaxosInput.ReadIndexed(request, slot, until));
        }

        requests.Clear();
    }
}
