namespace Netabase.Protocol.Paxos;

/// <summary>
/// Leads, when the elector says so. Volatile: a new life knows nothing of the one before it, and asks its acceptor how high that
/// one may have stood before it stands itself.
/// </summary>
/// <remarks>
/// A ballot is a <see cref="Term"/>: <see cref="Candidacy"/> is its phase 1, <see cref="Leader"/> its phase 2 with <see cref="Window"/>,
/// <see cref="Follower"/>, <see cref="ReadRounds"/> and <see cref="Transfer"/>. Here is only which ballot, and whom to refuse.
/// </remarks>
public sealed class Proposer : IPaxosCore
{
    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly Jitter _jitter;
    private readonly CommandQueue _queue;
    private readonly Work _work = new();
    private Term? _term;
    private PaxosInput.Stand? _wanted;
    private PaxosInput.Advanced? _known;
    private Ballot _floor;
    private bool _isFloorKnown;
    private bool _isExpected;
    private long _askAt = long.MinValue;

    /// <summary>A new life.</summary>
    /// <param name="self">This node.</param>
    /// <param name="settings">Times and bounds.</param>
    /// <param name="seed">Chance, for waiting times.</param>
    public Proposer(NodeId self, PaxosSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _self = self;
        _settings = settings;
        _jitter = new Jitter(seed);
        _queue = new CommandQueue(settings);
    }

    /// <summary>What the voter hooks of others are shown when this node stands.</summary>
    public Payload Candidate { get; init; } = Payload.Empty;

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Started:
                _work.Tell(Part.Elector, new PaxosInput.PartStarted(Part.Proposer, Slot.None));
                _work.Tell(Part.Gateway, new PaxosInput.PartStarted(Part.Proposer, Slot.None));
                break;
            case PaxosInput.Promised promised:
                OnPromised(promised);
                break;
            case PaxosInput.Advanced advanced:
                OnAdvanced(advanced, now);
                break;
            case PaxosInput.Stand stand when stand.Ballot.Owner == _self:
                _wanted = stand;
                break;
            case PaxosInput.Following following:
                OnFollowing(following.Leader);
                break;
            case PaxosInput.Propose propose:
                OnPropose(propose);
                break;
            case PaxosInput.WantReadIndex want when _term?.Read(want.Request, now) is not true:
                _work.Tell(Part.Gateway, new PaxosInput.ReadIndexed(want.Request, Slot.Last, long.MinValue));
                break;
            case PaxosInput.Transfer transfer:
                _term?.TransferTo(transfer.Target, now);
                break;
            case PaxosInput.PartStarted { Part: Part.Learner }:
                _term?.TellChosen();
                break;
            case PaxosInput.Received received:
                _term?.Hear(received.From, received.Message, now);
                break;
        }

        Advance(now);
        return _work.Take(WakeAt());
    }

    private void Advance(long now)
    {
        if ((!_isFloorKnown || _known is null) && now >= _askAt)
        {
            Ask(now);
        }

        EndIfOver();
        Stand(now);
        _term?.Advance(now);
        EndIfOver();
    }

    private long? WakeAt()
    {
        var at = _term?.WakeAt ?? long.MaxValue;
        at = !_isFloorKnown || _known is null ? Math.Min(at, _askAt) : at;
        return at == long.MaxValue ? null : at;
    }

    private void Ask(long now)
    {
        _askAt = now + _jitter.Around(_settings.ResendAfter);
        if (!_isFloorKnown)
        {
            _work.Tell(Part.Acceptor, new PaxosInput.PartStarted(Part.Proposer, Slot.None));
        }

        if (_known is null)
        {
            _work.Tell(Part.Learner, new PaxosInput.PartStarted(Part.Proposer, Slot.None));
        }
    }

    private void OnPromised(PaxosInput.Promised promised)
    {
        _floor = Ballot.Max(_floor, promised.Ballot);
        _isFloorKnown |= promised.IsAnswer;
        _term?.Supplant(promised.Ballot);
    }

    /// <summary>Who is told to lead takes commands from then on, though it may be told to stand a moment later.</summary>
    private void OnFollowing(Ballot leader)
    {
        _isExpected = !leader.IsNone && leader.Owner == _self;
        _term?.Supplant(leader);
        if (_term is null && !_isExpected)
        {
            Refuse(_queue.RefuseWaiting());
        }
    }

    private void OnAdvanced(PaxosInput.Advanced advanced, long now)
    {
        if (_known is null || advanced.ChosenThrough >= _known.ChosenThrough)
        {
            _known = advanced;
        }

        _term?.Learn(advanced, now);
    }

    /// <summary>Never at or below what the own acceptor has promised: the ballot may be an earlier life's.</summary>
    private void Stand(long now)
    {
        if (_wanted is not { } wanted || !_isFloorKnown || _known is not { } known)
        {
            return;
        }

        _wanted = null;
        if (wanted.Ballot == _term?.Ballot)
        {
            return;
        }

        if (wanted.Ballot <= _floor)
        {
            // The floor may be this very ballot, of an earlier life: nothing may be said in it again.
            _work.Tell(Part.Elector, new PaxosInput.Superseded(_floor));
            _work.Tell(Part.Elector, new PaxosInput.Lost(wanted.Ballot));
            return;
        }

        if (_term is { } before)
        {
            Leave(before, wanted.Ballot);
        }

        _floor = wanted.Ballot;
        _term = new Term(_self, wanted, Candidate, known, _settings, _jitter, _queue, _work, now);
    }

    private void EndIfOver()
    {
        if (_term is not { Over: { } seen } term)
        {
            return;
        }

        Leave(term, seen);
        _isExpected &= seen.Owner == _self && !seen.IsNone;
        if (!_isExpected)
        {
            Refuse(_queue.RefuseWaiting());
        }

        _work.Tell(Part.Elector, seen.IsNone ? new PaxosInput.Lost(term.Ballot) : new PaxosInput.Superseded(seen));
    }

    private void Leave(Term term, Ballot seen)
    {
        _term = null;
        term.End();
        if (term.IsLeading)
        {
            _work.Say(new PaxosEvent.SteppedDown(term.Ballot, seen));
        }

        Refuse(_queue.AbandonProposed());
    }

    private void OnPropose(PaxosInput.Propose propose)
    {
        var refused = new List<(NodeId, CommandAnswer)>();
        foreach (var command in propose.Commands)
        {
            var reason = _term is null && !_isExpected ? NotCommittedReason.NoLeader : _queue.Add(propose.From, command, propose.IsChange);
            if (reason is { } why)
            {
                refused.Add((propose.From, new CommandAnswer.NotCommitted(command.Id, why)));
            }
        }

        Refuse(refused);
    }

    private void Refuse(List<(NodeId From, CommandAnswer Answer)> answers)
    {
        foreach (var group in answers.GroupBy(static answer => answer.From, static answer => answer.Answer))
        {
            if (group.Key == _self)
            {
                _work.Tell(Part.Gateway, new PaxosInput.Refused([.. group]));
            }
            else
            {
                _work.Send(group.Key, new PaxosMessage.ForwardAnswer([.. group]));
            }
        }
    }
}
