namespace Netabase.Protocol.Paxos;

/// <summary>
/// Phase 2 of one ballot that has won phase 1: closes holes, marks its term, batches commands into a window of rounds, counts their
/// votes, tells how far the log is chosen, vouches for reads.
/// </summary>
internal sealed class Leader
{
    private readonly NodeId _self;
    private readonly Ballot _ballot;
    private readonly Candidacy _candidacy;
    private readonly Window _window;
    private readonly PaxosSettings _settings;
    private readonly CommandQueue _queue;
    private readonly Work _work;
    private readonly Followers _followers;
    private readonly ReadRounds _reads;
    private readonly Leases.Holder _lease;
    private readonly Transfer _transfer;
    private readonly Action<Batch> _chosen;
    private Slot _ownNoOp;
    private Slot _changeAt;
    private ConfigId _settled = new(1);
    private ulong _round;
    private long _pulseAt;
    private long _tellAt = long.MaxValue;
    private bool _roundEnded;

    public Leader(
        NodeId self, Ballot ballot, Candidacy candidacy, Window window, PaxosSettings settings, Jitter jitter, CommandQueue queue, Work work)
    {
        _self = self;
        _ballot = ballot;
        _candidacy = candidacy;
        _window = window;
        _settings = settings;
        _queue = queue;
        _work = work;
        _followers = new Followers(self, ballot, candidacy, window, settings, jitter, work);
        _reads = new ReadRounds(settings, work);
        _lease = new Leases.Holder(settings);
        _transfer = new Transfer(ballot, settings, work);
        _chosen = queue.Chosen;
    }

    /// <summary>
    /// Whether what is chosen here is all that was ever acknowledged: the term's own no-op and everything found in phase 1 are
    /// chosen, in every configuration that has come into sight (D6).
    /// </summary>
    public bool IsSettled =>
        _ownNoOp != Slot.None
        && _window.ChosenThrough >= Slot.Max(_ownNoOp, _candidacy.LastVote(_window.ChosenThrough))
        && _candidacy.Covers(_window.Governing, _window.ChosenThrough);

    /// <summary>When something is due.</summary>
    public long WakeAt
    {
        get
        {
            var at = Math.Min(Math.Min(_pulseAt, _tellAt), _transfer.WakeAt);
            at = IsSettled ? Math.Min(at, _reads.WakeAt) : at;
            return Math.Min(at, _followers.WakeAt);
        }
    }

    /// <summary>Does what can be done now.</summary>
    public void Advance(long now)
    {
        Count();
        Settle(now);
        _transfer.Advance(_window, _lease, _followers.Acknowledged, now);
        Propose(now);
        _followers.Find(_settled);
        Vouch(now);
        Flush(now);
    }

    /// <summary>How far the log is chosen has come from elsewhere.</summary>
    public void Learn(Slot chosenThrough, Membership membership) => _roundEnded |= _window.Learn(chosenThrough, membership, _chosen);

    /// <summary>Votes.</summary>
    public void OnAccepted(NodeId from, PaxosMessage.Accepted accepted, long now) =>
        _followers[from]?.OnAccepted(accepted.Through, accepted.ChosenThrough, _window.Next.Previous, now);

    /// <summary>An answer to a pulse: this node still leads, as far as its sender knows; perhaps a lease.</summary>
    public void OnPulsed(NodeId from, PaxosMessage.Pulsed pulsed, long now)
    {
        if (_followers[from] is not { } follower || pulsed.Round > _round)
        {
            return;
        }

        if (pulsed.LeaseFor > 0 && pulsed.SentAt <= now)
        {
            _lease.Granted(from, pulsed.SentAt, now);
        }

        if (follower.OnPulsed(pulsed, _window.ChosenThrough, _window.Next.Previous, _window.Membership.Newest.Window, now) && from != _self)
        {
            _work.Tell(Part.CatchUp, new PaxosInput.Behind(from, follower.ChosenThrough));
        }
    }

    /// <summary>A vote is withheld.</summary>
    public void OnNack(NodeId from, PaxosMessage.Nack nack, long now)
    {
        if (_followers[from] is not { } follower)
        {
            return;
        }

        switch (nack.Reason)
        {
            case NackReason.Missing:
                _candidacy.HoldsNothing(from);
                follower.Again(now);
                break;
            case NackReason.Overloaded:
                follower.Pause(now);
                _work.Tell(Part.CatchUp, new PaxosInput.Behind(from, nack.ChosenThrough));
                break;
            case NackReason.Refused:
                follower.Pause(now);
                break;
        }
    }

    /// <summary>A read wants an index.</summary>
    public void OnRead(ulong request, long now)
    {
        if (!_reads.Add(request, now))
        {
            _work.Tell(Part.Gateway, new PaxosInput.ReadIndexed(request, Slot.Last, long.MinValue));
        }
    }

    /// <summary>Somebody else is to lead: one that is there, and near enough to be level soon, since nothing is proposed meanwhile.</summary>
    public void TransferTo(NodeId target, long now)
    {
        var newest = _window.Membership.Newest;
        if (target != _self && newest.IsVoter(target) && !_transfer.HasFailed(target) && _followers.IsThere(target, now)
            && _window.Next.Previous.Since(_followers.Acknowledged(target)) <= newest.Window)
        {
            _transfer.Begin(target, now);
        }
    }

    /// <summary>A learner that began anew wants to know what was chosen here.</summary>
    public void TellChosen()
    {
        if (_window.ChosenThrough >= _window.Base)
        {
            _work.Tell(Part.Learner, new PaxosInput.ChosenHere(_ballot, _window.Base, _window.ChosenThrough));
        }
    }

    /// <summary>This ballot leads no more.</summary>
    public void End() => _reads.Refuse();

    private void Count()
    {
        var before = _window.ChosenThrough;
        _window.CountVotes(_followers.Acknowledged, _chosen);
        if (_window.ChosenThrough > before)
        {
            _roundEnded = true;
            _candidacy.Forget(_window.ChosenThrough);
            TellChosen();
        }

        if (IsSettled)
        {
            _reads.Count(_window.Governing, _followers.Answered);
        }
    }

    private void Propose(long now)
    {
        while (MayPropose() && NextBatch(now) is { } batch)
        {
            _window.Propose(batch);
        }

        _roundEnded = false;
    }

    /// <summary>Nothing is proposed in a slot before a majority of the configuration that governs it has promised and said what it voted for there (D3).</summary>
    private bool MayPropose() =>
        _window.HasRoom
        && _window.Bytes < _settings.InFlightBytesMax
        && _candidacy.Covers(_window.Membership.At(_window.Next), _window.Next.Previous);

    private Batch? NextBatch(long now)
    {
        var slot = _window.Next;
        if (slot <= _candidacy.LastVote(slot.Previous))
        {
            var batch = _candidacy.HighestVote(slot) ?? Batch.NoOp(now);
            _queue.Recovered(batch);
            return batch;
        }

        if (_ownNoOp == Slot.None)
        {
            _ownNoOp = slot;
            return Batch.NoOp(now);
        }

        if (_transfer.IsUnderWay)
        {
            return null;
        }

        if (MayChange(slot) is { } change)
        {
            _changeAt = slot;
            return _queue.TakeChange(change, now);
        }

        if (_queue.HasCommands && (_window.Count < _settings.EagerRounds || _roundEnded || _queue.HasFullBatch))
        {
            _roundEnded = false;
            return _queue.TakeBatch(now);
        }

        // An idle group pushes a change into force by itself.
        return slot < _window.Membership.Newest.ActiveFrom ? Batch.NoOp(now) : null;
    }

    /// <summary>
    /// One change at a time. One made for the newest configuration waits until that is in force; one made for an older one goes through
    /// the log all the same: whether it is a retry of one that took hold, only the sessions know.
    /// </summary>
    private MembershipChange? MayChange(Slot slot)
    {
        var newest = _window.Membership.Newest;
        return _window.ChosenThrough >= _changeAt && IsSettled && _queue.NextChange is { } change
            && (change.Expected != newest.Id || newest.ActiveFrom <= slot) ? change : null;
    }

    private void Settle(long now)
    {
        var newest = _window.Membership.Newest;
        var before = newest.ActiveFrom.Previous;
        if (newest.Id.Number > _settled.Number && _window.ChosenThrough >= before
            && Quorum.Has(newest, node => _followers[node]?.ChosenThrough >= before))
        {
            _settled = newest.Id;
            _work.Say(new PaxosEvent.MembershipSettled(newest.Id));
        }

        // Who was removed leads until its successors have everything, and then makes way.
        if (newest.Id == _settled && !newest.IsVoter(_self) && !_transfer.IsUnderWay)
        {
            _transfer.Begin(Foremost(newest, now), now);
        }
    }

    /// <summary>Who has most of the log, of those that are there if any is.</summary>
    private NodeId Foremost(Configuration configuration, long now)
    {
        var foremost = configuration.Voters[0].Node;
        foreach (var voter in configuration.Voters)
        {
            var isThere = _followers.IsThere(voter.Node, now);
            var isNearer = _followers.Acknowledged(voter.Node) > _followers.Acknowledged(foremost);
            foremost = isThere == _followers.IsThere(foremost, now) ? isNearer ? voter.Node : foremost : isThere ? voter.Node : foremost;
        }

        return foremost;
    }

    private void Flush(long now)
    {
        _followers.Flush(now);
        // The next proposals say how far the log is chosen; when none follow soon, a pulse does.
        _tellAt = _window.Count > 0 || _followers.AreTold() ? long.MaxValue : Math.Min(_tellAt, now + (_settings.HeartbeatInterval / 8));
        if (now >= Math.Min(_pulseAt, _tellAt) || (IsSettled && _reads.WantsPulse(now)))
        {
            Pulse(now);
        }
    }

    private void Pulse(long now)
    {
        _pulseAt = now + _settings.HeartbeatInterval;
        _tellAt = long.MaxValue;
        _round++;
        var pulse = new PaxosMessage.Pulse(
            _ballot, _window.Base, _window.ChosenThrough, _round, now, _lease.IsOn ? _settings.LeaseDuration : 0);
        foreach (var follower in _followers.Recipients)
        {
            _work.Send(follower.Node, pulse);
            follower.OnTold(_window.ChosenThrough);
        }

        if (IsSettled)
        {
            _reads.OnPulse(_round, _window.ChosenThrough, now);
        }
    }

    private void Vouch(long now)
    {
        if (!_reads.HasAny || !IsSettled || _lease.Until(_window.Governing) is var until && until <= now)
        {
            return;
        }

        _reads.Vouch(_window.ChosenThrough, until);

        // Who asked may sit elsewhere, and waits until it hears how far the log is chosen.
        if (!_followers.AreTold())
        {
            Pulse(now);
        }
    }
}
