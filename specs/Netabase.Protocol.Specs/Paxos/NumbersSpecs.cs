using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Slots and ballots that a broken or hostile member may name: refused, and harmless to who hears them (specs/paxos.md, "A member that lies").</summary>
public sealed class NumbersSpecs
{
    private const ulong Far = ulong.MaxValue - 62;
    private const long Today = 1_790_000_000_000;

    public static TheoryData<ulong> Slots => [1_000_000, 1UL << 52, 1UL << 63, Far, ulong.MaxValue - 1, ulong.MaxValue];

    public static TheoryData<ulong> Numbers => [1UL << 50, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];

    [Theory]
    [MemberData(nameof(Slots))]
    public void An_acceptor_votes_in_no_slot_that_lies_too_far_ahead_whatever_the_distance_wraps_to(ulong slot)
    {
        var ready = Fresh().Step(Accept(new Ballot(5, B), slot, BatchOf(1)), 0);
        Assert.Empty(ready.Save!.Votes);
        Assert.Equal(NackReason.Overloaded, Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message).Reason);
    }

    /// <summary>An earlier version voted there: the vote is let go, since no log comes to that slot, and the journal is read.</summary>
    [Fact]
    public void A_journal_that_holds_a_vote_where_no_log_comes_is_read_without_it()
    {
        var log = new AcceptorLog();
        log.Take(new AcceptorWrite(
            1, new Ballot(5, B), [new Vote(new Slot(1), new Ballot(5, B), BatchOf(1)), new Vote(new Slot(Far), new Ballot(5, B), BatchOf(2))], Slot.None, Slot.None));
        Assert.Equal(new Slot(2), log.End);
        Assert.Equal(new Slot(1), Assert.Single(log.Snapshot().Votes).Slot);
    }

    [Theory]
    [MemberData(nameof(Slots))]
    public void A_learner_lets_go_what_is_said_of_slots_that_lie_too_far_ahead(ulong slot)
    {
        var learner = new Learner(A, AppliedState.Founded(Three(), Settings), Settings);
        learner.Step(new PaxosInput.Received(C, new PaxosMessage.CommitById(new Slot(slot), [BatchOf(9).Digest])), 0);
        learner.Step(new PaxosInput.Received(C, new PaxosMessage.Commit(new Slot(slot), [BatchOf(9)], new Slot(slot), new Slot(slot))), 0);
        learner.Step(new PaxosInput.Voted(new Ballot(5, C), [], new Slot(slot), new Slot(slot)), 0);
        var ready = learner.Step(new PaxosInput.Received(B, new PaxosMessage.Commit(new Slot(1), [.. Enumerable.Range(1, 70).Select(i => BatchOf((byte)i))], new Slot(70), new Slot(1))), 0);
        Assert.Equal(70, ready.Apply.Length);
    }

    [Theory]
    [MemberData(nameof(Slots))]
    public void A_leader_counts_a_members_votes_no_further_than_it_proposed(ulong slot)
    {
        var stage = new ProposerStage().Lead();
        stage.Accepted(C, slot, slot);
        stage.Pulsed(C, 1, slot, slot);
        stage.Propose(CommandOf(1, Client(5)));
        Assert.Equal(["2:Commands"], stage.Proposed(C));
        stage.Accepted(A, 2);
        Assert.Empty(stage.Heard<PaxosInput.ChosenHere>());
        stage.Accepted(B, 2);
        Assert.Equal(new Slot(2), Assert.Single(stage.Heard<PaxosInput.ChosenHere>()).Through);
    }

    /// <summary>A member that knows more than this leader says so, and is asked all the same.</summary>
    [Fact]
    public void A_member_that_knows_more_to_be_chosen_than_was_proposed_is_sent_what_is_proposed_next()
    {
        var stage = new ProposerStage().Lead();
        stage.Accepted(C, 4, chosen: 4);
        stage.Propose(CommandOf(1, Client(5)));
        Assert.Equal(["2:Commands"], stage.Proposed(C));
    }

    [Theory]
    [MemberData(nameof(Slots))]
    public void A_member_that_says_it_has_caught_up_further_than_the_log_goes_is_sent_nothing_more(ulong slot)
    {
        var catchUp = new CatchUp(A, Settings);
        catchUp.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), 0);
        catchUp.Step(new PaxosInput.Delivered(new Slot(1), [.. Enumerable.Range(1, 200).Select(i => BatchOf((byte)i))]), 0);
        catchUp.Step(new PaxosInput.Advanced(new Slot(200), new Slot(200), Three()), 0);
        Assert.NotEmpty(catchUp.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), 0).SendNow);
        Assert.Empty(catchUp.Step(new PaxosInput.Received(B, new PaxosMessage.Caught(new Slot(slot))), 0).SendNow);
        var last = catchUp.Step(new PaxosInput.Received(C, new PaxosMessage.Fetch(new Slot(slot))), 0);
        Assert.Empty(Assert.IsType<PaxosMessage.Commit>(Assert.Single(last.SendNow).Message).Batches);
    }

    /// <summary>What one of three says is not needed: the promises of the two others are a majority, and their votes are known.</summary>
    [Theory]
    [MemberData(nameof(Slots))]
    public void A_candidate_leads_without_the_one_that_says_the_log_is_chosen_to_where_nobody_has_it(ulong slot)
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(C, chosen: slot);
        Assert.Empty(stage.Proposed(C));
        Assert.NotEmpty(stage.To<PaxosMessage.Fetch>(C));
        stage.Promise(B);
        Assert.Equal(["1:NoOp"], stage.Proposed(C));
        stage.Accepted(A, 1);
        stage.Accepted(B, 1);
        stage.Step(new PaxosInput.WantReadIndex(1));
        stage.Pulsed(A, 2, 1);
        stage.Pulsed(B, 2, 1);
        Assert.Equal(new Slot(1), Assert.Single(stage.Heard<PaxosInput.ReadIndexed>()).Slot);
    }

    [Theory]
    [MemberData(nameof(Slots))]
    public void A_promise_with_votes_where_no_acceptor_holds_any_counts_for_nothing(ulong slot)
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(C, votes: [new Vote(new Slot(slot), new Ballot(2, C), BatchOf(1))]);
        Assert.Empty(stage.Proposed(A));
        Assert.IsType<PaxosEvent.Dropped>(Assert.Single(stage.Events));
        stage.Promise(B);
        Assert.Equal(["1:NoOp"], stage.Proposed(C));
    }

    [Fact]
    public void A_promise_with_votes_above_its_own_ballot_or_twice_in_a_slot_counts_for_nothing()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(B, votes: [new Vote(new Slot(1), new Ballot(6, C), BatchOf(1))]);
        stage.Promise(B, votes: [new Vote(new Slot(1), new Ballot(2, C), BatchOf(1)), new Vote(new Slot(1), new Ballot(3, C), BatchOf(2))]);
        Assert.Empty(stage.Proposed(A));
        stage.Promise(B, votes: [new Vote(new Slot(1), new Ballot(4, C), BatchOf(1))]);
        Assert.Equal(["1:Commands", "2:NoOp"], stage.Proposed(C));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_ballot_that_no_group_comes_to_is_neither_promised_nor_voted_in_nor_followed(ulong number)
    {
        foreach (var input in (PaxosInput[])[Prepare(new Ballot(number, B)), Accept(new Ballot(number, B), 1, BatchOf(1)), Pulse(new Ballot(number, B))])
        {
            var acceptor = Fresh();
            var ready = acceptor.Step(input, Today);
            Assert.Null(ready.Save);
            Assert.Empty(ready.SendNow);
            Assert.IsType<PaxosEvent.Dropped>(Assert.Single(ready.Events));
            Assert.Equal(new Ballot(9, C), acceptor.Step(Prepare(new Ballot(9, C)), Today).Save!.Promised);
        }

        var elector = new Elector(A, Settings, 1);
        elector.Step(new PaxosInput.Promised(default), Today);
        elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), Today);
        var heard = elector.Step(
            new PaxosInput.Received(C, new PaxosMessage.HeartbeatAnswer(1, Today, new Ballot(number, C), new Ballot(number, C), true, default)), Today);
        Assert.DoesNotContain(heard.Tell, told => told.Input is PaxosInput.Following);
        Assert.IsType<PaxosEvent.Dropped>(Assert.Single(heard.Events));

        var stage = new ProposerStage { Now = Today }.Lead();
        stage.Nack(C, NackReason.Supplanted, seen: new Ballot(number, C));
        Assert.Empty(stage.Heard<PaxosInput.Superseded>());
        stage.Propose(CommandOf(1, Client(5)));
        Assert.Equal(["2:Commands"], stage.Proposed(B));
    }

    /// <summary>Who joins an old group, or was away for years, has heard of nothing and believes what a group can have come to.</summary>
    [Fact]
    public void A_node_that_has_heard_of_nothing_promises_a_ballot_of_a_very_old_group()
    {
        var old = new Ballot(3_000_000_000, B);
        Assert.Equal(old, Fresh().Step(Prepare(old), Today).Save!.Promised);
        Assert.Equal(old, Fresh().Step(Accept(old, 1, BatchOf(1)), 0).Save!.Promised);
    }

    /// <summary>Whoever uses up all numbers that are believed today stops nobody tomorrow, nor a moment later.</summary>
    [Fact]
    public void A_member_that_stands_with_the_highest_ballot_that_is_believed_does_not_stop_the_next_one()
    {
        var acceptor = Fresh();
        var most = 1UL;
        for (var step = 1UL << 52; step > 0; step /= 2)
        {
            most += Fresh().Step(Prepare(new Ballot(most + step, B)), Today).Save is null ? 0 : step;
        }

        Assert.NotNull(acceptor.Step(Prepare(new Ballot(most, B)), Today).Save);
        Assert.Equal(new Ballot(most + 1, C), Assert.IsType<PaxosInput.Promised>(acceptor.Step(Prepare(new Ballot(most + 1, C)), Today).Tell[0].Input).Ballot);
        Assert.NotNull(Fresh().Step(Prepare(new Ballot(most + 1, C)), Today + 1).Save);
        Assert.InRange(most, 1UL << 40, 1UL << 43);
    }

    /// <summary>A promise that an earlier version gave stays given; who gave it goes on as one that does not vote.</summary>
    [Fact]
    public void A_node_that_once_promised_the_last_ballot_of_all_never_stands_with_the_first()
    {
        var elector = new Elector(A, Settings, 1);
        elector.Step(new PaxosInput.Promised(new Ballot(ulong.MaxValue, C)), 0);
        var ready = elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Membership.Founded([MemberOf(A)], 4)), 10_000);
        Assert.DoesNotContain(ready.Tell, told => told.Input is PaxosInput.Stand);
        Assert.True(ready.WakeAt > 10_000);
    }

    [Fact]
    public void A_lease_never_runs_from_a_moment_that_has_not_come()
    {
        var stage = new ProposerStage(Settings with { LeaseDuration = 1000 }).Lead();
        stage.Pulsed(A, 1, 1, lease: 1101);
        stage.Pulsed(B, 1, 1, sentAt: stage.Now + 1_000_000, lease: 1101);
        stage.Step(new PaxosInput.WantReadIndex(1));
        Assert.Empty(stage.Heard<PaxosInput.ReadIndexed>());
    }

    [Fact]
    public void Distances_end_where_numbers_do()
    {
        var last = new Slot(ulong.MaxValue);
        Assert.Equal((long.MaxValue, -long.MaxValue), (last.Since(Slot.None), Slot.None.Since(last)));
        Assert.Equal((last, last, new Slot(3)), (last.Next, last.Plus(7), new Slot(1).Plus(2)));
    }

    private static Acceptor Fresh() => new(new AcceptorLog(), Settings, null, 0);
}
