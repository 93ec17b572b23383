namespace Netabase.Protocol.Paxos;

/// <summary>
/// Phase 1 of one ballot: who was asked, who promised, and what they had voted for. It goes on while its owner leads, since a
/// configuration that comes into sight later wants to be asked too (D3); promises are of nodes, so each is asked once.
/// </summary>
/// <remarks>
/// It begins at home: nobody else is asked before the own acceptor's promise is on disk, so that a later life of the proposer,
/// which asks that acceptor first, stands higher.
/// </remarks>
internal sealed class Candidacy
{
    private const int StretchLeast = 1 << 17;

    private readonly Dictionary<NodeId, Voter> _voters = [];
    private readonly SortedDictionary<Slot, Vote> _votes = [];
    private readonly NodeId _self;
    private readonly PaxosMessage.Prepare _prepare;
    private readonly PaxosSettings _settings;
    private readonly Jitter _jitter;
    private readonly Work _work;
#if NETABASE_MUTANT_PHASE_1_SKIPPED
    private ConfigId _firstAsked;
#endif

    /// <param name="self">This node.</param>
    /// <param name="prepare">What to ask; its first slot is where each voter's first page begins.</param>
    /// <param name="settings">Times and bounds.</param>
    /// <param name="jitter">Chance for waiting times.</param>
    /// <param name="work">Where messages go.</param>
    public Candidacy(NodeId self, PaxosMessage.Prepare prepare, PaxosSettings settings, Jitter jitter, Work work)
    {
        _self = self;
        _prepare = prepare;
        _settings = settings;
        _jitter = jitter;
        _work = work;
    }

    /// <summary>The furthest that anybody says the log is chosen.</summary>
    public Slot ReportedChosen { get; private set; }

    /// <summary>A voter waits for a lease to end, at the latest then; candidates do not give up before.</summary>
    public long LeaseUntil { get; private set; } = long.MinValue;

    /// <summary>When to look for silent voters next.</summary>
    public long WakeAt
    {
        get
        {
            var at = long.MaxValue;
            foreach (var voter in _voters.Values)
            {
                at = Math.Min(at, voter.IsAsked && !voter.HasPromised ? voter.AskAt : long.MaxValue);
            }

            return at;
        }
    }

    /// <summary>Asks the voters of these configurations who were not asked before.</summary>
    public void Ask(ReadOnlySpan<Configuration> configurations, Slot from, long now)
    {
#if NETABASE_MUTANT_PHASE_1_SKIPPED
        _firstAsked = _voters.Count == 0 ? configurations[0].Id : _firstAsked;
#endif
        foreach (var configuration in configurations)
        {
            foreach (var member in configuration.Voters)
            {
                if (_voters.TryAdd(member.Node, new Voter(from)) && MayAsk(member.Node))
                {
                    Send(member.Node, now);
                }
            }
        }
    }

    /// <summary>Asks again who is silent.</summary>
    public void Tick(long now)
    {
        foreach (var (node, voter) in _voters)
        {
            if (voter.IsAsked && !voter.HasPromised && voter.AskAt <= now)
            {
                voter.Attempts++;
                Send(node, now);
            }
        }
    }

    /// <summary>A page of a promise.</summary>
    /// <returns>Whether it was new.</returns>
    public bool OnPromise(NodeId from, PaxosMessage.Promise promise, long now)
    {
        if (!_voters.TryGetValue(from, out var voter) || voter.HasPromised || promise.From != voter.Next)
        {
            return false;
        }

        if (!IsPossible(promise))
        {
            _work.Say(new PaxosEvent.Dropped(from, "no acceptor has such votes"));
            return false;
        }

        foreach (var vote in promise.Votes)
        {
            if (!_votes.TryGetValue(vote.Slot, out var known) || vote.Ballot > known.Ballot)
            {
                _votes[vote.Slot] = vote;
            }

            voter.Held[vote.Slot] = vote.Batch.Digest;
            voter.LastVote = vote.Slot;
        }

        Report(voter, promise.ChosenThrough);
        voter.HasAbstained = false;
        voter.Attempts = 0;
        if (promise.Through == Slot.Last)
        {
            voter.HasPromised = true;
        }
        else
        {
            voter.Next = promise.Through.Next;
            Send(from, now);
        }

        if (from == _self && !voter.IsHome)
        {
            voter.IsHome = true;
            AskOthers(now);
        }

        return true;
    }

    /// <summary>A voter says no for now.</summary>
    public void OnNack(NodeId from, PaxosMessage.Nack nack, long now)
    {
        if (!_voters.TryGetValue(from, out var voter) || voter.HasPromised)
        {
            return;
        }

        switch (nack.Reason)
        {
            case NackReason.LeaseHeld:
                var wait = Math.Clamp(nack.RetryAfter, 1, 2 * (_settings.LeaseDuration + _settings.ElectionTimeout));
                voter.AskAt = now + wait;
                LeaseUntil = Math.Max(LeaseUntil, voter.AskAt);
                break;
            case NackReason.Abstained or NackReason.NotVoter:
                voter.HasAbstained = true;
                break;
        }

        if (nack.Reason == NackReason.NotVoter)
        {
            Report(voter, nack.ChosenThrough);
        }
    }

    /// <summary>Somebody who says that the log is chosen further than this; all who do, turn by turn.</summary>
    public NodeId Reporter(Slot chosen, int turn)
    {
        NodeId[] reporters = [.. _voters.Where(pair => pair.Value.ChosenThrough > chosen).Select(static pair => pair.Key)];
        return reporters[turn % reporters.Length];
    }

    /// <summary>The last slot that anybody voted in, of those who know no more to be chosen than this.</summary>
    public Slot LastVote(Slot chosen)
    {
        var last = Slot.None;
        foreach (var voter in _voters.Values)
        {
            last = voter.ChosenThrough <= chosen ? Slot.Max(last, voter.LastVote) : last;
        }

        return last;
    }

    /// <summary>
    /// Whether a majority of this configuration has promised, with all its votes after this slot told. Who knows more to be chosen told none there: it
    /// counts when that much has been fetched, and one that says what is not so can be done without.
    /// </summary>
    public bool Covers(Configuration configuration, Slot after)
    {
#if NETABASE_MUTANT_PHASE_1_SKIPPED
        if (configuration.Id.Number > _firstAsked.Number)
        {
            return true;
        }
#endif
        return Quorum.Has(configuration, node => _voters.TryGetValue(node, out var voter) && voter.HasPromised && voter.ChosenThrough <= after);
    }

    /// <summary>Whether a majority of each has.</summary>
    public bool Covers(ReadOnlySpan<Configuration> configurations, Slot after)
    {
        foreach (var configuration in configurations)
        {
            if (!Covers(configuration, after))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether so many refused that one of these cannot be won: to be said, not waited for, and no reason to panic (D7).</summary>
    public bool IsHopeless(ReadOnlySpan<Configuration> configurations)
    {
        foreach (var configuration in configurations)
        {
            if (!Quorum.Has(configuration, node => !_voters.TryGetValue(node, out var voter) || !voter.HasAbstained))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"The value of the highest-numbered proposal among the responses" (Paxos Made Simple, 2.2), or null for a hole.</summary>
    public Batch? HighestVote(Slot slot) => _votes.TryGetValue(slot, out var vote) ? vote.Batch : null;

    /// <summary>Who said that it holds this batch: it need not be sent there again.</summary>
    public bool Holds(NodeId node, Slot slot, Digest digest) =>
        _voters.TryGetValue(node, out var voter) && voter.Held.TryGetValue(slot, out var held) && held == digest;

    /// <summary>It turned out not to hold what it said.</summary>
    public void HoldsNothing(NodeId node)
    {
        if (_voters.TryGetValue(node, out var voter))
        {
            voter.Held.Clear();
        }
    }

    /// <summary>How far a voter said it knows the log to be chosen; none when it has not said.</summary>
    public Slot? ChosenBy(NodeId node) =>
        _voters.TryGetValue(node, out var voter) && voter.HasPromised ? voter.ChosenThrough : null;

    /// <summary>These slots are chosen: their votes matter no more.</summary>
    public void Forget(Slot through)
    {
        while (_votes.Count > 0 && _votes.First() is var first && first.Key <= through)
        {
            _votes.Remove(first.Key);
            foreach (var voter in _voters.Values)
            {
                voter.Held.Remove(first.Key);
            }
        }
    }

    /// <summary>
    /// An acceptor votes within a stretch after what it knows to be chosen, and never above its promise. The stretch is generous, since others may
    /// have other settings and know less after a restart; and bounded, since a leader closes every hole before the last vote.
    /// </summary>
    private bool IsPossible(PaxosMessage.Promise promise)
    {
        var before = Slot.Max(promise.From.Previous, promise.ChosenThrough);
        var last = Slot.Min(promise.Through, promise.ChosenThrough.Plus(StretchLeast + (2L * _settings.AheadMax) + (2L * _settings.KeepSlots)));
        foreach (var vote in promise.Votes)
        {
            if (vote.Slot <= before || vote.Slot > last || vote.Ballot > promise.Ballot)
            {
                return false;
            }

            before = vote.Slot;
        }

        return promise.Through >= promise.From;
    }

    private void Report(Voter voter, Slot chosen)
    {
        voter.ChosenThrough = Slot.Max(voter.ChosenThrough, chosen);
        ReportedChosen = Slot.Max(ReportedChosen, chosen);
    }

    private bool MayAsk(NodeId node) => node == _self || (_voters.TryGetValue(_self, out var home) && home.IsHome);

    private void AskOthers(long now)
    {
        foreach (var (node, voter) in _voters)
        {
            if (!voter.IsAsked)
            {
                Send(node, now);
            }
        }
    }

    private void Send(NodeId node, long now)
    {
        var voter = _voters[node];
        voter.IsAsked = true;
        var patience = Math.Min(_settings.ResendAfter << Math.Min(voter.Attempts, 16), _settings.ElectionTimeout);
        voter.AskAt = now + _jitter.Around(patience);
        _work.Send(node, _prepare with { From = voter.Next });
    }

    private sealed class Voter(Slot from)
    {
        public Slot Next { get; set; } = from;

        public bool IsAsked { get; set; }

        public bool IsHome { get; set; }

        public bool HasPromised { get; set; }

        public bool HasAbstained { get; set; }

        public Slot ChosenThrough { get; set; }

        public Slot LastVote { get; set; }

        public long AskAt { get; set; }

        public int Attempts { get; set; }

        public Dictionary<Slot, Digest> Held { get; } = [];
    }
}
