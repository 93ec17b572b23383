using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// The durable half of Paxos: it votes, and what it said it never takes back. No clock, no disk, no socket. Its memory is ahead
/// of the disk by the write under way and what has gathered since, and nothing that rests on either is said before they are saved.
/// </summary>
/// <remarks>
/// One write at a time: whatever arrives meanwhile makes the next one, so a slow disk writes larger rather than more often. The
/// acknowledgements of a write are one message, since each says how far the unbroken run reaches.
/// </remarks>
public sealed class Acceptor : IPaxosCore
{
    private readonly AcceptorLog _log;
    private readonly PaxosSettings _settings;
    private readonly IVoter? _voter;
    private readonly Leases.Grantor _lease;
    private readonly Work _work = new();
    private readonly List<Vote> _votes = [];
    private readonly List<Outgoing> _said = [];
    private bool _promiseMoved;
    private bool _writing;
    private AcceptorTerm _term;
    private Acknowledgement? _owed;
    private Payload _yea;
    private Slot _chosenThrough;
    private Membership? _membership;

    /// <summary>A new life, from the journal.</summary>
    /// <param name="log">What the journal held.</param>
    /// <param name="settings">Times and bounds.</param>
    /// <param name="voter">The application's say, or null.</param>
    /// <param name="now">The owner's clock: a lease granted by an earlier life may run for a while.</param>
    public Acceptor(AcceptorLog log, PaxosSettings settings, IVoter? voter, long now)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(settings);
        _log = log;
        _settings = settings;
        _voter = voter;
        _lease = new Leases.Grantor(settings, log.WriteSeq > 0 ? now : long.MinValue);
        _chosenThrough = log.ChosenThrough; // Truncated votes are not there to be told: their slots are told as chosen, from the start.
    }

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Received { Message: PaxosMessage.Prepare prepare } received:
                OnPrepare(received.From, prepare, now);
                break;
            case PaxosInput.Received { Message: PaxosMessage.Accept accept } received:
                OnAccept(received.From, accept, now);
                break;
            case PaxosInput.Received { Message: PaxosMessage.Pulse pulse } received:
                OnPulse(received.From, pulse, now);
                break;
            case PaxosInput.Persisted persisted:
                OnPersisted(persisted.WriteSeq);
                break;
            case PaxosInput.Advanced advanced:
                OnAdvanced(advanced);
                break;
            case PaxosInput.Delivered delivered:
                _log.Settle(delivered.First, delivered.Batches);
                break;
            case PaxosInput.SnapshotInstalled installed:
                OnSnapshot(installed.State.Through);
                break;
            case PaxosInput.PartStarted started:
                OnPartStarted(started);
                break;
            case PaxosInput.Started:
                _work.Tell(Part.Proposer, new PaxosInput.Promised(_log.Promised));
                _work.Tell(Part.Elector, new PaxosInput.Promised(_log.Promised));
                _work.Tell(Part.Learner, new PaxosInput.PartStarted(Part.Acceptor, Slot.None));
                _work.Tell(Part.CatchUp, new PaxosInput.PartStarted(Part.Acceptor, _log.ChosenThrough.Next));
                break;
        }

        Flush();
        return _work.Take(null);
    }

    /// <summary>Phase 1b (Paxos Made Simple, 2.2): "responds to the request with a promise not to accept any more proposals numbered less than n".</summary>
    private void OnPrepare(NodeId from, PaxosMessage.Prepare prepare, long now)
    {
        if (!IsBelieved(from, prepare.Ballot, now))
        {
            return;
        }

        if (_membership is { } members && !members.IsVoterFrom(_chosenThrough.Next, from))
        {
            Refuse(from, prepare.Ballot, NackReason.NotVoter);
        }
        else if (IsLower(prepare.Ballot, _log.Promised))
        {
            Refuse(from, prepare.Ballot, NackReason.Supplanted);
        }
        else if (_lease.Forbids(from, prepare.Handover, now) is > 0 and var wait)
        {
            Refuse(from, prepare.Ballot, NackReason.LeaseHeld, retryAfter: wait);
        }
        else
        {
            var verdict = _voter?.OnCandidate(from, prepare);
            if (verdict is CandidateVerdict.Abstain abstain)
            {
                Refuse(from, prepare.Ballot, NackReason.Abstained, meta: abstain.Meta);
                return;
            }

            Promise(prepare.Ballot);
            _said.Add(new Outgoing(from, Page(prepare, verdict is CandidateVerdict.Yea yea ? yea.Meta : Payload.Empty)));
        }
    }

    /// <summary>Phase 2b: "it accepts the proposal unless it has already responded to a prepare request having a number greater than n".</summary>
    private void OnAccept(NodeId from, PaxosMessage.Accept accept, long now)
    {
        if (!IsBelieved(from, accept.Ballot, now))
        {
            return;
        }

        if (IsLower(accept.Ballot, _log.Promised))
        {
            Refuse(from, accept.Ballot, NackReason.Supplanted, accept.First);
            _work.Tell(Part.Learner, new PaxosInput.Voted(accept.Ballot, [], accept.Base, accept.ChosenThrough));
            return;
        }

        Promise(accept.Ballot);
        Enter(accept.Ballot, accept.Base);
        var votes = ImmutableArray.CreateBuilder<Vote>(accept.Proposals.Length);
        var slot = accept.First;
        foreach (var proposal in accept.Proposals)
        {
            if (!Cast(from, accept, slot, proposal, votes))
            {
                break;
            }

            slot = slot.Next;
        }

        _term.Extend(_log, _chosenThrough);
        _owed = new Acknowledgement(from, accept.SentAt, _yea);
        _work.Tell(Part.Learner, new PaxosInput.Voted(accept.Ballot, votes.ToImmutable(), accept.Base, accept.ChosenThrough));
    }

    private bool Cast(
        NodeId from, PaxosMessage.Accept accept, Slot slot, in Proposal proposal, ImmutableArray<Vote>.Builder votes)
    {
        if (slot <= _log.TruncatedThrough)
        {
            return true;
        }

        if (slot > _chosenThrough.Plus(_settings.AheadMax))
        {
            Refuse(from, accept.Ballot, NackReason.Overloaded, slot);
            return false;
        }

        var before = _log[slot];
        var isHeld = before?.Batch.Digest == proposal.Digest;
        if (before?.Ballot == accept.Ballot)
        {
            PaxosInvariantException.Demand(isHeld, "a ballot has one value in a slot");
            return true;
        }

        var batch = proposal.Batch ?? (isHeld ? before?.Batch : null);
        if (batch is null || batch.Digest != proposal.Digest)
        {
            Refuse(from, accept.Ballot, NackReason.Missing, slot);
            return false;
        }

        var verdict = _voter?.OnProposal(from, slot, proposal);
        if (verdict is ProposalVerdict.Nay nay)
        {
            Refuse(from, accept.Ballot, NackReason.Refused, slot, meta: nay.Meta);
            return false;
        }

        _yea = verdict is ProposalVerdict.Yea yea ? yea.Meta : Payload.Empty;

        var vote = new Vote(slot, accept.Ballot, batch);
        _log.Vote(vote);
        _votes.Add(vote);
        votes.Add(vote);
        return true;
    }

    private void OnPulse(NodeId from, PaxosMessage.Pulse pulse, long now)
    {
        if (!IsBelieved(from, pulse.Ballot, now))
        {
            return;
        }

        _work.Tell(Part.Learner, new PaxosInput.Voted(pulse.Ballot, [], pulse.Base, pulse.ChosenThrough));
        if (IsLower(pulse.Ballot, _log.Promised))
        {
            Refuse(from, pulse.Ballot, NackReason.Supplanted);
            return;
        }

        Enter(pulse.Ballot, pulse.Base);
        _term.Extend(_log, _chosenThrough);
        if (!_writing && _votes.Count == 0)
        {
            _term.Saved = _term.Through;
        }

        var lease = pulse.LeaseFor > 0 ? _lease.Grant(pulse.Ballot, now) : 0;
        _work.Send(from, new PaxosMessage.Pulsed(
            pulse.Ballot, pulse.Round, pulse.SentAt, lease, Slot.Max(_term.Saved, _chosenThrough), _chosenThrough));
    }

    private void OnPersisted(ulong writeSeq)
    {
        PaxosInvariantException.Demand(_writing && writeSeq == _log.WriteSeq, "a disk answers the one write that is under way");
        _writing = false;
        _term.Saved = Slot.Max(_term.Saved, _term.Writing);
    }

    private void OnAdvanced(PaxosInput.Advanced advanced)
    {
        _membership = advanced.Membership;
        _chosenThrough = Slot.Max(_chosenThrough, advanced.ChosenThrough);
        var through = advanced.AppliedThrough.Minus(_settings.KeepSlots);
        if (through.Since(_log.TruncatedThrough) > _settings.KeepSlots / 4)
        {
            _log.Truncate(through);
            if (_log.ChosenThrough == through)
            {
                // Which votes were chosen is not known since a restart: whoever holds the chosen log says it again.
                _work.Tell(Part.CatchUp, new PaxosInput.PartStarted(Part.Acceptor, through.Next));
            }
        }
    }

    /// <summary>A snapshot stands in for the slots it covers, and for nothing else: promise and later votes stay (D1).</summary>
    private void OnSnapshot(Slot through)
    {
#if NETABASE_MUTANT_SNAPSHOT_REPLACES
        _log.ForgetVotes();
#endif
        _chosenThrough = Slot.Max(_chosenThrough, through);
        _log.Truncate(through);
    }

    private void OnPartStarted(PaxosInput.PartStarted started)
    {
        switch (started.Part)
        {
            case Part.Proposer or Part.Elector:
                _work.Tell(started.Part, new PaxosInput.Promised(_log.Promised, IsAnswer: true));
                break;
            case Part.Learner:
                var votes = ImmutableArray.CreateBuilder<Vote>();
                for (var slot = Slot.Max(started.From, _log.TruncatedThrough.Next); slot < _log.End; slot = slot.Next)
                {
                    if (_log[slot] is { } vote)
                    {
                        votes.Add(vote);
                    }
                }

                _work.Tell(Part.Learner, new PaxosInput.Voted(Ballot.None, votes.ToImmutable(), Slot.None, Slot.None));

                // Where all nodes died at once, this is further than any state has come, and nobody else is left to say it.
                _work.Tell(Part.Learner, new PaxosInput.Delivered(_log.TruncatedThrough.Next, _log.Settled()));
                break;
            case Part.CatchUp:
                _work.Tell(Part.CatchUp, new PaxosInput.Delivered(_log.TruncatedThrough.Next, _log.Settled()));
                break;
        }
    }

    private bool IsBelieved(NodeId from, Ballot ballot, long now)
    {
        var isOwn = from == ballot.Owner && !ballot.IsNone;
        if (isOwn && ballot.IsCredible(_log.Promised, now))
        {
            return true;
        }

        _work.Say(new PaxosEvent.Dropped(from, isOwn ? "no group comes to such a ballot" : "a ballot is its owner's own"));
        return false;
    }

    private void Promise(Ballot ballot)
    {
        if (ballot == _log.Promised)
        {
            return;
        }

        _log.Promise(ballot);
        _promiseMoved = true;
        _work.Tell(Part.Proposer, new PaxosInput.Promised(ballot));
        _work.Tell(Part.Elector, new PaxosInput.Promised(ballot));
    }

    private void Enter(Ballot ballot, Slot first)
    {
        if (_term.Ballot != ballot || _term.Base != first)
        {
            _term = new AcceptorTerm { Ballot = ballot, Base = first, Through = first.Previous, Saved = first.Previous, Writing = first.Previous };
            _owed = null;
        }
    }

    private PaxosMessage.Promise Page(PaxosMessage.Prepare prepare, Payload yea)
    {
        var votes = ImmutableArray.CreateBuilder<Vote>();
        var bytes = 0;
        for (var slot = Slot.Max(_chosenThrough.Next, prepare.From); slot < _log.End; slot = slot.Next)
        {
            if (_log[slot] is not { } vote)
            {
                continue;
            }

            if (votes.Count > 0 && bytes + vote.Batch.Bytes.Length > _settings.ChunkBytes)
            {
                return new(prepare.Ballot, prepare.From, _chosenThrough, votes.ToImmutable(), slot.Previous, yea);
            }

            bytes += vote.Batch.Bytes.Length;
            votes.Add(vote);
        }

        return new(prepare.Ballot, prepare.From, _chosenThrough, votes.ToImmutable(), Slot.Last, yea);
    }

    private void Refuse(NodeId to, Ballot ballot, NackReason reason, Slot slot = default, long retryAfter = 0, Payload meta = default) =>
        _work.Send(to, new PaxosMessage.Nack(ballot, reason, _log.Promised, slot, _chosenThrough, retryAfter, meta));

    /// <summary>Lower than the promise: a ballot is compared whole, so that an equal one can only be its owner's own.</summary>
    private static bool IsLower(Ballot ballot, Ballot promised) =>
#if NETABASE_MUTANT_EQUAL_BALLOT
        ballot.Number < promised.Number;
#else
        ballot < promised;
#endif

    private void Flush()
    {
        if (_writing)
        {
            return;
        }

        if (_owed is { } owed)
        {
            _said.Add(new Outgoing(owed.To, new PaxosMessage.Accepted(
                _term.Ballot, Slot.Max(_term.Through, _chosenThrough), _log.WriteSeq + 1, owed.SentAt, _chosenThrough, owed.Yea)));
            _owed = null;
        }

        var answerAfter = _promiseMoved || _votes.Count > 0;
        if (answerAfter)
        {
            _work.Save = _log.Begin(_promiseMoved, [.. _votes]);
            _writing = true;
            _term.Writing = _term.Through;
            _promiseMoved = false;
            _votes.Clear();
        }

#if NETABASE_MUTANT_ANSWER_BEFORE_SAVE
        answerAfter = false;
#endif
        foreach (var said in _said)
        {
            if (answerAfter)
            {
                _work.SendAfterSave(said.To, said.Message);
            }
            else
            {
                _work.Send(said.To, said.Message);
            }
        }

        _said.Clear();
    }

    private sealed record Acknowledgement(NodeId To, long SentAt, Payload Yea);
}
