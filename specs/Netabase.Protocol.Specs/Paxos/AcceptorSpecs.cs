using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Paxos Made Simple (Lamport, 2001), section 2.2, and what a disk adds to it.</summary>
public sealed class AcceptorSpecs
{
    private readonly Acceptor _acceptor = new(new AcceptorLog(), Settings, null, 0);

    /// <summary>"It responds to the request with a promise not to accept any more proposals numbered less than n."</summary>
    [Fact]
    public void A_promise_is_never_given_to_a_lower_ballot()
    {
        Saved(Step(Prepare(new Ballot(5, B))));
        var nack = Assert.IsType<PaxosMessage.Nack>(Assert.Single(Step(Prepare(new Ballot(4, C))).SendNow).Message);
        Assert.Equal((NackReason.Supplanted, new Ballot(5, B)), (nack.Reason, nack.Seen));
    }

    [Fact]
    public void Two_nodes_with_one_number_do_not_have_one_ballot()
    {
        Saved(Step(Prepare(new Ballot(5, C))));
        var ready = Step(Prepare(new Ballot(5, B)));
        Assert.Equal(NackReason.Supplanted, Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message).Reason);
    }

    [Fact]
    public void A_ballot_of_somebody_else_is_dropped()
    {
        var forged = new PaxosInput.Received(C, new PaxosMessage.Prepare(new Ballot(5, B), new Slot(1), default, default));
        var ready = Step(forged);
        Assert.Empty(ready.SendNow);
        Assert.Null(ready.Save);
        Assert.IsType<PaxosEvent.Dropped>(Assert.Single(ready.Events));
    }

    [Fact]
    public void A_promise_waits_for_the_disk()
    {
        var ready = Step(Prepare(new Ballot(5, B)));
        Assert.Equal(new Ballot(5, B), ready.Save!.Promised);
        Assert.Empty(ready.SendNow);
        Assert.IsType<PaxosMessage.Promise>(Assert.Single(ready.SendAfterSave).Message);
    }

    [Fact]
    public void A_promise_asked_for_again_waits_for_the_write_under_way()
    {
        var first = Step(Prepare(new Ballot(5, B)));
        var again = Step(Prepare(new Ballot(5, B)));
        Assert.Empty(again.SendNow);
        Assert.Empty(again.SendAfterSave);
        Assert.IsType<PaxosMessage.Promise>(Assert.Single(Step(new PaxosInput.Persisted(first.Save!.WriteSeq)).SendNow).Message);
    }

    /// <summary>"An acceptor can accept a proposal numbered n iff it has not responded to a prepare request having a number greater than n."</summary>
    [Fact]
    public void A_vote_is_never_cast_below_the_promise()
    {
        Saved(Step(Prepare(new Ballot(5, B))));
        var ready = Step(Accept(new Ballot(4, C), 1, BatchOf(1)));
        Assert.Null(ready.Save);
        Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message);
    }

    [Fact]
    public void Whatever_arrives_while_the_disk_writes_is_one_write_and_one_answer()
    {
        var ballot = new Ballot(5, B);
        var first = Step(Accept(ballot, 1, BatchOf(1)));
        Assert.Null(Step(Accept(ballot, 2, BatchOf(2))).Save);
        Assert.Null(Step(Accept(ballot, 3, BatchOf(3))).Save);
        var second = Step(new PaxosInput.Persisted(first.Save!.WriteSeq));
        Assert.Equal([2ul, 3ul], second.Save!.Votes.Select(vote => vote.Slot.Number));
        var accepted = Assert.IsType<PaxosMessage.Accepted>(Assert.Single(second.SendAfterSave).Message);
        Assert.Equal((new Slot(3), second.Save.WriteSeq), (accepted.Through, accepted.WriteSeq));
    }

    [Fact]
    public void An_acknowledgement_reaches_as_far_as_the_run_is_unbroken()
    {
        var ballot = new Ballot(5, B);
        Assert.Equal(Slot.None, Through(Saved(Step(Accept(ballot, 2, BatchOf(2))))));
        Assert.Equal(new Slot(2), Through(Saved(Step(Accept(ballot, 1, BatchOf(1))))));
    }

    [Fact]
    public void Two_values_in_one_slot_of_one_ballot_stop_the_node()
    {
        var ballot = new Ballot(5, B);
        Step(Accept(ballot, 1, BatchOf(1)));
        Assert.Throws<PaxosInvariantException>(() => Step(Accept(ballot, 1, BatchOf(2))));
    }

    /// <summary>"...and with the highest-numbered proposal (if any) that it has accepted."</summary>
    [Fact]
    public void A_promise_tells_the_votes_even_after_a_restart()
    {
        var log = new AcceptorLog();
        log.Take(Saved(Step(Accept(new Ballot(5, B), 1, BatchOf(1)))).Save!);
        log.Take(Saved(Step(Accept(new Ballot(6, C), 1, BatchOf(2)))).Save!);
        foreach (var recovered in new[] { log, AcceptorLog.From(log.Snapshot()) })
        {
            var restarted = new Acceptor(recovered, Settings, null, 0);
            var ready = restarted.Step(Prepare(new Ballot(7, B)), 0);
            var promise = Assert.IsType<PaxosMessage.Promise>(Assert.Single(ready.SendAfterSave).Message);
            Assert.Equal(new Vote(new Slot(1), new Ballot(6, C), BatchOf(2)), Assert.Single(promise.Votes));
        }
    }

    [Fact]
    public void A_large_promise_comes_in_pages()
    {
        var ballot = new Ballot(5, B);
        for (ulong slot = 1; slot <= 3; slot++)
        {
            Saved(Step(Accept(ballot, slot, Batch.Of([CommandOf(slot, Client(5), 0, new byte[3000])], 5))));
        }

        var seen = new List<ulong>();
        for (var from = new Slot(1); from != Slot.None;)
        {
            var page = Assert.IsType<PaxosMessage.Promise>(Said(Step(Prepare(new Ballot(6, C), from.Number))).Message);
            seen.AddRange(page.Votes.Select(vote => vote.Slot.Number));
            from = page.Through == Slot.Last ? Slot.None : page.Through.Next;
        }

        Assert.Equal([1ul, 2ul, 3ul], seen);
    }

    /// <summary>D1: an installed snapshot must not make an acceptor forget a vote after it.</summary>
    [Fact]
    public void A_snapshot_takes_the_votes_it_covers_and_leaves_promise_and_later_votes()
    {
        Saved(Step(Accept(new Ballot(5, B), 1, BatchOf(1), BatchOf(2))));
        var applied = AppliedState.Founded(Three(), Settings) with { Through = new Slot(1) };
        Step(new PaxosInput.SnapshotInstalled(default, applied));
        var promise = Assert.IsType<PaxosMessage.Promise>(Said(Step(Prepare(new Ballot(6, C)))).Message);
        Assert.Equal(new Slot(1), promise.ChosenThrough);
        Assert.Equal(new Slot(2), Assert.Single(promise.Votes).Slot);
        Assert.IsType<PaxosMessage.Nack>(Assert.Single(Step(Prepare(new Ballot(4, C))).SendNow).Message);
    }

    [Fact]
    public void A_batch_sent_by_its_digest_is_voted_for_where_it_is_held_and_asked_for_where_not()
    {
        Saved(Step(Accept(new Ballot(5, B), 1, BatchOf(1))));
        PaxosInput ById(Batch batch) => new PaxosInput.Received(C, new PaxosMessage.Accept(
            new Ballot(6, C), new Slot(1), new Slot(1), [new Proposal(batch.Digest, null)], Slot.None, 7));
        var missing = Step(ById(BatchOf(2)));
        Assert.Equal(NackReason.Missing, Assert.IsType<PaxosMessage.Nack>(Assert.Single(missing.SendNow).Message).Reason);
        Saved(missing);
        Assert.Equal(BatchOf(1), Assert.Single(Step(ById(BatchOf(1))).Save!.Votes).Batch);
    }

    [Fact]
    public void A_slot_too_far_ahead_is_refused()
    {
        var ready = Step(Accept(new Ballot(5, B), 1_000_000, BatchOf(1)));
        Assert.Equal(NackReason.Overloaded, Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message).Reason);
        Assert.Empty(ready.Save!.Votes);
    }

    /// <summary>Votes in slots that were applied are forgotten: a promise given before the learner is heard must not pass over them in silence.</summary>
    [Fact]
    public void An_acceptor_that_restarted_says_of_the_votes_it_forgot_that_their_slots_are_chosen()
    {
        var log = new AcceptorLog();
        log.Take(new AcceptorWrite(1, new Ballot(5, B), [], new Slot(9), new Slot(9)));
        var ready = new Acceptor(log, Settings, null, 0).Step(Prepare(new Ballot(6, C)), 0);
        Assert.Equal(new Slot(9), Assert.IsType<PaxosMessage.Promise>(Assert.Single(ready.SendAfterSave).Message).ChosenThrough);
    }

    [Fact]
    public void A_candidate_that_is_no_voter_any_more_gets_no_promise()
    {
        Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()));
        var ready = Step(Prepare(new Ballot(5, new NodeId(9))));
        Assert.Equal(NackReason.NotVoter, Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message).Reason);
    }

    [Fact]
    public void A_journal_with_a_missing_write_is_not_read()
    {
        var first = Saved(Step(Prepare(new Ballot(5, B)))).Save!;
        Saved(Step(Accept(new Ballot(5, B), 1, BatchOf(1))));
        var third = Step(Accept(new Ballot(5, B), 2, BatchOf(2))).Save!;
        var log = new AcceptorLog();
        log.Take(first);
        Assert.Throws<PaxosInvariantException>(() => log.Take(third));
    }

    [Fact]
    public void The_application_may_withhold_its_vote_and_its_words_travel_with_every_answer()
    {
        var acceptor = new Acceptor(new AcceptorLog(), Settings, new Sceptic(), 0);
        var abstained = Assert.IsType<PaxosMessage.Nack>(Assert.Single(acceptor.Step(Prepare(new Ballot(5, C)), 0).SendNow).Message);
        Assert.Equal((NackReason.Abstained, Payload.Copy([1])), (abstained.Reason, abstained.Meta));
        var promised = acceptor.Step(Prepare(new Ballot(5, B)), 0);
        Assert.Equal(Payload.Copy([2]), Assert.IsType<PaxosMessage.Promise>(Assert.Single(promised.SendAfterSave).Message).Yea);
        acceptor.Step(new PaxosInput.Persisted(promised.Save!.WriteSeq), 0);
        var voted = acceptor.Step(Accept(new Ballot(5, B), 1, BatchOf(1), BatchOf(2)), 0);
        Assert.Equal(new Slot(1), Assert.Single(voted.Save!.Votes).Slot);
        var refused = Assert.IsType<PaxosMessage.Nack>(Assert.Single(voted.SendNow).Message);
        Assert.Equal((NackReason.Refused, new Slot(2), Payload.Copy([3])), (refused.Reason, refused.Slot, refused.Meta));
        Assert.Equal(Payload.Copy([4]), Assert.IsType<PaxosMessage.Accepted>(Assert.Single(voted.SendAfterSave).Message).Yea);
    }

    private static Slot Through(Ready ready) => Assert.IsType<PaxosMessage.Accepted>(Assert.Single(ready.SendAfterSave).Message).Through;

    private Ready Step(PaxosInput input) => _acceptor.Step(input, 0);

    private Ready Saved(Ready ready)
    {
        _acceptor.Step(new PaxosInput.Persisted(ready.Save!.WriteSeq), 0);
        return ready;
    }

    private Outgoing Said(Ready ready) => ready.Save is null ? Assert.Single(ready.SendNow) : Assert.Single(Saved(ready).SendAfterSave);

    /// <summary>Wants no C to lead, and nothing in slot 2.</summary>
    private sealed class Sceptic : IVoter
    {
        public CandidateVerdict OnCandidate(NodeId candidate, PaxosMessage.Prepare prepare) =>
            candidate == C ? new CandidateVerdict.Abstain(Payload.Copy([1])) : new CandidateVerdict.Yea(Payload.Copy([2]));

        public ProposalVerdict OnProposal(NodeId leader, Slot slot, Proposal proposal) =>
            slot == new Slot(2) ? new ProposalVerdict.Nay(Payload.Copy([3])) : new ProposalVerdict.Yea(Payload.Copy([4]));
    }
}
