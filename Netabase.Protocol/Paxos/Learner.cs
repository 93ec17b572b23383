using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// Knows what is chosen and hands it on in slot order, each slot once in a life. It counts no votes: a vote cast here is chosen when
/// its own ballot's leader says so, and what it lacks it fetches.
/// </summary>
/// <remarks>
/// It runs at most <see cref="PaxosSettings.AheadMax"/> slots before the state: then the chosen prefix stands still until the state has
/// moved, acceptors refuse what lies too far ahead, and so a slow state slows the leader instead of filling this node's memory.
/// </remarks>
public sealed class Learner : IPaxosCore
{
    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly Work _work = new();
    private readonly ChosenClaims _claims = new();
    private readonly SlotRing<Known> _known;
    private readonly FetchPace _fetch;
    private Membership _membership;
    private Slot _chosen;
    private Checkpoint _applied;
    private Ballot _leader;
    private NodeId? _pusher;
    private Slot _credited;

    /// <summary>A new life, from what the state has applied.</summary>
    /// <param name="self">This node.</param>
    /// <param name="applied">The state's bookkeeping, as stored.</param>
    /// <param name="settings">Times and bounds.</param>
    public Learner(NodeId self, AppliedState applied, PaxosSettings settings)
    {
        ArgumentNullException.ThrowIfNull(applied);
        ArgumentNullException.ThrowIfNull(settings);
        _self = self;
        _settings = settings;
        _fetch = new FetchPace(settings);
        _membership = applied.Membership;
        _applied = new Checkpoint(applied.Through, applied.Chain);
        _chosen = applied.Through;
        _known = new SlotRing<Known>(_chosen.Next);
    }

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Voted voted:
                OnVoted(voted);
                break;
            case PaxosInput.Delivered delivered:
                OnDelivered(delivered);
                break;
            case PaxosInput.ChosenHere chosen:
                _claims.Add(chosen.Ballot, chosen.Base, chosen.Through);
                break;
            case PaxosInput.Received { Message: PaxosMessage.Commit commit } received:
                OnCommit(received.From, commit);
                break;
            case PaxosInput.Received { Message: PaxosMessage.CommitById commit } received:
                OnCommitById(received.From, commit);
                break;
            case PaxosInput.Applied applied:
                OnApplied(applied);
                break;
            case PaxosInput.SnapshotInstalled installed:
                OnSnapshot(installed.State);
                break;
            case PaxosInput.Following following:
                _leader = following.Leader;
                break;
            case PaxosInput.PartStarted started:
                Inform(started.Part);
                break;
            case PaxosInput.Started:
                OnStarted();
                break;
        }

        Advance();
        return _work.Take(Fetch(now));
    }

    private void OnStarted()
    {
        for (var part = Part.Acceptor; part <= Part.Gateway; part++)
        {
            if (part != Part.Learner)
            {
                _work.Tell(part, new PaxosInput.PartStarted(Part.Learner, _chosen.Next));
                Inform(part);
            }
        }
    }

    private void Inform(Part part)
    {
        _work.Tell(part, new PaxosInput.Advanced(_chosen, _applied.Slot, _membership));
        if (part == Part.Elector)
        {
            _work.Tell(part, new PaxosInput.AppliedPrefix(_applied));
        }
        else if (part == Part.Gateway)
        {
            _work.Tell(part, new PaxosInput.AppliedHere(_applied.Slot, []));
        }
    }

    private void OnVoted(PaxosInput.Voted voted)
    {
        foreach (var vote in voted.Votes)
        {
            if (vote.Slot > _chosen)
            {
                Place(vote.Slot)?.Vote(vote);
            }
        }

        if (!voted.Ballot.IsNone)
        {
            _claims.Add(voted.Ballot, voted.Base, voted.ChosenThrough);
        }
    }

    /// <summary>What the acceptor's journal knows to be chosen.</summary>
    private void OnDelivered(PaxosInput.Delivered delivered)
    {
        var slot = delivered.First;
        foreach (var batch in delivered.Batches)
        {
            if (slot > _chosen)
            {
                Place(slot)?.Choose(batch.Digest, batch);
            }

            slot = slot.Next;
        }

        // What there was no room for is asked for again when the state has moved.
        if (!delivered.Batches.IsEmpty)
        {
            _claims.Heard(_self, slot.Previous);
        }
    }

    private void OnCommit(NodeId from, PaxosMessage.Commit commit)
    {
        var slot = commit.First;
        foreach (var batch in commit.Batches)
        {
            Place(slot)?.Choose(batch.Digest, slot > _chosen ? batch : null);
            slot = slot.Next;
        }

        _claims.Heard(from, commit.ChosenThrough);
        if (!commit.Batches.IsEmpty)
        {
            _pusher = from;
            _credited = Slot.None;
        }
    }

    /// <summary>D9: by id to who voted for it; who did not keeps the id and fetches the rest.</summary>
    private void OnCommitById(NodeId from, PaxosMessage.CommitById commit)
    {
        var slot = commit.First;
        foreach (var digest in commit.Digests)
        {
            Place(slot)?.Choose(digest, null);
            slot = slot.Next;
        }

        _claims.Heard(from, slot.Previous);
    }

    private void OnApplied(PaxosInput.Applied applied)
    {
        PaxosInvariantException.Demand(applied.Through <= _chosen, "nothing is applied before it is chosen");
        _applied = new Checkpoint(applied.Through, applied.Chain);
        _work.Tell(Part.Gateway, new PaxosInput.AppliedHere(applied.Through, applied.Commands));
        _work.Tell(Part.Elector, new PaxosInput.AppliedPrefix(_applied));
        TellAdvanced();
    }

    /// <summary>Slots handed on and not applied yet stay under way where they lie after the snapshot; the state's owner skips the others.</summary>
    private void OnSnapshot(AppliedState state)
    {
        if (state.Through <= _applied.Slot)
        {
            return;
        }

        _applied = new Checkpoint(state.Through, state.Chain);
        _work.Tell(Part.Gateway, new PaxosInput.AppliedHere(state.Through, []));
        _work.Tell(Part.Elector, new PaxosInput.AppliedPrefix(_applied));
        if (state.Through > _chosen)
        {
            _chosen = state.Through;
            _membership = state.Membership;
            _known.DropBefore(_chosen.Next);
        }

        _work.Say(new PaxosEvent.SnapshotInstalled(state.Through));
        TellAdvanced();
    }

    private void Advance()
    {
        var first = _chosen.Next;
        var batches = ImmutableArray.CreateBuilder<Batch>();
        while (_chosen.Since(_applied.Slot) < _settings.AheadMax && ChosenAt(_chosen.Next) is { } batch)
        {
            _chosen = _chosen.Next;
            _membership = _membership.After(_chosen, batch, out var taken);
            if (taken)
            {
                _work.Say(new PaxosEvent.MembershipChanged(_membership.Newest));
            }

            _work.Apply(_chosen, batch);
            batches.Add(batch);
        }

        if (batches.Count > 0)
        {
            var delivered = new PaxosInput.Delivered(first, batches.ToImmutable());
            _work.Tell(Part.CatchUp, delivered);
            _work.Tell(Part.Acceptor, delivered);
            TellAdvanced();
            _known.DropBefore(_chosen.Minus(_settings.AheadMax));
        }

        Credit();
    }

    /// <summary>The batch of a slot that is known to be chosen; afterwards only its id is kept, to be compared (D10).</summary>
    private Batch? ChosenAt(Slot slot)
    {
        if (_known[slot] is not { Batch: { } batch } known || (known.Chosen is null && !_claims.Cover(slot, known.VotedIn)))
        {
            return null;
        }

        known.Choose(batch.Digest, null);
        known.Batch = null;
        return batch;
    }

    private Known? Place(Slot slot)
    {
        if (slot < _known.First || slot > _applied.Slot.Plus(2L * _settings.AheadMax))
        {
            return null;
        }

        var known = _known[slot];
        if (known is null && slot > _chosen)
        {
            known = new Known();
            _known.Set(slot, known);
        }

        return known;
    }

    /// <summary>Says to who pushes how much is known, but never more than leaves room for what it may push next.</summary>
    private void Credit()
    {
        var through = Slot.Min(_chosen, _applied.Slot.Plus(CatchUp.Credit(_settings)));
        if (_pusher is not { } pusher || through <= _credited)
        {
            return;
        }

        _credited = through;
        _work.Send(pusher, new PaxosMessage.Caught(through));
        if (through >= _claims.Through)
        {
            _pusher = null;
        }
    }

    private long? Fetch(long now)
    {
        var isFull = _chosen.Since(_applied.Slot) >= _settings.AheadMax;
        if (_claims.Through <= _chosen || isFull)
        {
            return _fetch.Rest();
        }

        // What this leader will not propose again can only be fetched; anything else may be on its way.
        var isUrgent = _known[_chosen.Next]?.Chosen is not null || !_claims.IsProposedAgain(_chosen.Next);
        if (_fetch.IsDue(_chosen.Next, isUrgent, now))
        {
            if (_fetch.Tries == 1)
            {
                _work.Say(new PaxosEvent.Gap(_chosen.Next, _claims.Through, _fetch.Since));
            }

            // Votes cast here may have been told to an earlier life, or lost with its mail: where nobody else has them, nobody else can help.
            _work.Tell(Part.Acceptor, new PaxosInput.PartStarted(Part.Learner, _chosen.Next));
            if (Source(_fetch.Tries - 1) is { } source)
            {
                _work.Send(source, new PaxosMessage.Fetch(_chosen.Next));
            }
        }

        return _fetch.At;
    }

    /// <summary>Whom to ask: who said so, the leader, then everybody in turn.</summary>
    private NodeId? Source(int tries)
    {
        var sources = new List<NodeId>();
        void Add(NodeId node)
        {
            if (node != _self && !sources.Contains(node))
            {
                sources.Add(node);
            }
        }

        if (_claims.Informant is { } informant)
        {
            Add(informant);
        }

        if (!_leader.IsNone)
        {
            Add(_leader.Owner);
        }

        foreach (var member in _membership.MembersFrom(_chosen.Next))
        {
            Add(member.Node);
        }

        return sources.Count == 0 ? null : sources[tries % sources.Count];
    }

    private void TellAdvanced()
    {
        var advanced = new PaxosInput.Advanced(_chosen, _applied.Slot, _membership);
        _work.Tell(Part.Acceptor, advanced);
        _work.Tell(Part.Proposer, advanced);
        _work.Tell(Part.Elector, advanced);
        _work.Tell(Part.CatchUp, advanced);
        _work.Tell(Part.Gateway, advanced);
    }

    /// <summary>What is known of a slot: a vote cast here, the id of what is chosen, or both.</summary>
    private sealed class Known
    {
        public Ballot VotedIn { get; private set; }

        public Batch? Batch { get; set; }

        public Digest? Chosen { get; private set; }

        public void Vote(in Vote vote)
        {
            if (Chosen is { } chosen ? vote.Batch.Digest == chosen : vote.Ballot >= VotedIn)
            {
                VotedIn = vote.Ballot;
                Batch = vote.Batch;
            }
        }

        public void Choose(Digest digest, Batch? batch)
        {
            PaxosInvariantException.Demand(Chosen is null || Chosen == digest, "a slot has one value");
            Chosen = digest;
            Batch = batch ?? (Batch?.Digest == digest ? Batch : null);
        }
    }
}
