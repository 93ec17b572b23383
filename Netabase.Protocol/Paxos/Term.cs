namespace Netabase.Protocol.Paxos;

/// <summary>One ballot of this node, from the moment it stands with it until it has lost, or somebody else has won.</summary>
internal sealed class Term
{
    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly Jitter _jitter;
    private readonly CommandQueue _queue;
    private readonly Work _work;
    private readonly Candidacy _candidacy;
    private readonly Window _window;
    private Leader? _leader;
    private long _deadline;
    private long _fetchAt = long.MinValue;
    private int _fetches;

    /// <param name="self">This node.</param>
    /// <param name="stand">The ballot, and the one whose lease was given up for it.</param>
    /// <param name="candidate">Bytes for the voter hook.</param>
    /// <param name="known">How far the log is known to be chosen, and who governs after it.</param>
    /// <param name="settings">Times and bounds.</param>
    /// <param name="jitter">Chance for waiting times.</param>
    /// <param name="queue">What waits to be proposed.</param>
    /// <param name="work">Where effects go.</param>
    /// <param name="now">The owner's clock.</param>
    public Term(
        NodeId self, PaxosInput.Stand stand, Payload candidate, PaxosInput.Advanced known, PaxosSettings settings, Jitter jitter,
        CommandQueue queue, Work work, long now)
    {
        _self = self;
        _settings = settings;
        _jitter = jitter;
        _queue = queue;
        _work = work;
        _window = new Window(known.ChosenThrough, known.Membership);
        var prepare = new PaxosMessage.Prepare(stand.Ballot, known.ChosenThrough.Next, stand.Handover, candidate);
        _candidacy = new Candidacy(self, prepare, settings, jitter, work);
        _deadline = now + settings.ElectionTimeout;
        Ballot = stand.Ballot;
    }

    /// <summary>Ours.</summary>
    public Ballot Ballot { get; }

    /// <summary>Whether phase 1 is won.</summary>
    public bool IsLeading => _leader is not null;

    /// <summary>Null while it lasts; none when it could not be won; otherwise the higher ballot that was seen.</summary>
    public Ballot? Over { get; private set; }

    /// <summary>When something is due.</summary>
    public long WakeAt
    {
        get
        {
            var at = Math.Min(_candidacy.WakeAt, _leader?.WakeAt ?? Deadline);
            return Lacks ? Math.Min(at, _fetchAt) : at;
        }
    }

    private long Deadline => Math.Max(_deadline, _candidacy.LeaseUntil + _settings.ResendAfter);

    // Those who know more to be chosen say nothing of their votes in between: without them there is no majority to count on.
    private bool Lacks =>
        _candidacy.ReportedChosen > _window.ChosenThrough && !_candidacy.Covers(_window.Governing, _window.ChosenThrough);

    /// <summary>A higher ballot was seen.</summary>
    public void Supplant(Ballot seen)
    {
        if (seen > Ballot)
        {
            Over = Over is { } over ? Ballot.Max(over, seen) : seen;
        }
    }

    /// <summary>The learner knows more.</summary>
    public void Learn(PaxosInput.Advanced advanced, long now)
    {
        if (advanced.ChosenThrough <= _window.ChosenThrough)
        {
            return;
        }

        Patience(now);
        if (_leader is { } leader)
        {
            leader.Learn(advanced.ChosenThrough, advanced.Membership);
        }
        else
        {
            _window.Learn(advanced.ChosenThrough, advanced.Membership, static _ => { });
        }

        _candidacy.Forget(_window.ChosenThrough);
    }

    /// <summary>A message in answer to this ballot.</summary>
    public void Hear(NodeId from, PaxosMessage message, long now)
    {
        switch (message)
        {
            case PaxosMessage.Promise promise when promise.Ballot == Ballot:
                if (_candidacy.OnPromise(from, promise, now))
                {
                    Patience(now);
                }

                break;
            case PaxosMessage.Accepted accepted when accepted.Ballot == Ballot:
                _leader?.OnAccepted(from, accepted, now);
                break;
            case PaxosMessage.Pulsed pulsed when pulsed.Ballot == Ballot:
                _leader?.OnPulsed(from, pulsed, now);
                break;
            case PaxosMessage.Nack { Reason: NackReason.Supplanted } nack when nack.Ballot == Ballot:
                OnSupplanted(from, nack.Seen, now);
                break;
            case PaxosMessage.Nack nack when nack.Ballot == Ballot:
                _candidacy.OnNack(from, nack, now);
                _leader?.OnNack(from, nack, now);
                break;
        }
    }

    /// <summary>A read wants an index; a candidate has none to give.</summary>
    /// <returns>Whether it will be answered from here.</returns>
    public bool Read(ulong request, long now)
    {
        _leader?.OnRead(request, now);
        return IsLeading;
    }

    /// <summary>Somebody else is to lead.</summary>
    public void TransferTo(NodeId target, long now) => _leader?.TransferTo(target, now);

    /// <summary>A learner began anew.</summary>
    public void TellChosen() => _leader?.TellChosen();

    /// <summary>Does what can be done now.</summary>
    public void Advance(long now)
    {
        if (Over is not null)
        {
            return;
        }

        _candidacy.Ask(_window.Governing, _window.ChosenThrough.Next, now);
        _candidacy.Tick(now);
        Fetch(now);
        if (_leader is null)
        {
            Lead(now);
        }

        _leader?.Advance(now);

        // What was counted may have brought a configuration into sight.
        _candidacy.Ask(_window.Governing, _window.ChosenThrough.Next, now);
    }

    /// <summary>It is over for its owner too.</summary>
    public void End() => _leader?.End();

    private void OnSupplanted(NodeId from, Ballot seen, long now)
    {
        if (seen.IsCredible(Ballot, now))
        {
            Supplant(seen);
        }
        else
        {
            _work.Say(new PaxosEvent.Dropped(from, "no group comes to such a ballot"));
        }
    }

    private void Lead(long now)
    {
        if (_candidacy.Covers(_window.Governing, _window.ChosenThrough))
        {
            _leader = new Leader(_self, Ballot, _candidacy, _window, _settings, _jitter, _queue, _work);
            _work.Say(new PaxosEvent.Leading(Ballot, _window.Base));
        }
        else if (now >= Deadline
            || !_window.Membership.IsVoterFrom(_window.ChosenThrough.Next, _self)
            || _candidacy.IsHopeless(_window.Governing))
        {
            Over = Ballot.None;
        }
    }

    /// <summary>What others say is chosen is fetched: never voted on again by guess.</summary>
    private void Fetch(long now)
    {
        if (Lacks && now >= _fetchAt)
        {
            _fetchAt = now + _jitter.Around(_settings.ResendAfter);
            _work.Send(_candidacy.Reporter(_window.ChosenThrough, _fetches++), new PaxosMessage.Fetch(_window.ChosenThrough.Next));
        }
    }

    private void Patience(long now) => _deadline = Math.Max(_deadline, now + _settings.ElectionTimeout);
}
