using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Phase 1: Paxos Made Simple (2001), 2.2 and 3; Reconfiguring a State Machine (2010) for who is asked.</summary>
public sealed class CandidacySpecs
{
    private static readonly NodeId D = new(4);

    [Fact]
    public void A_candidate_asks_its_own_acceptor_first_and_others_when_that_promise_is_on_disk()
    {
        var stage = new ProposerStage();
        stage.Stand();
        Assert.Equal(A, Assert.Single(stage.Sent).To);
        stage.Hush();
        stage.Promise(A);
        Assert.Equal([B, C], stage.Sent.Where(sent => sent.Message is PaxosMessage.Prepare).Select(sent => sent.To));
    }

    /// <summary>D8: a proposer whose acceptor has promised more learns of it and stands higher.</summary>
    [Fact]
    public void Nobody_stands_at_or_below_what_the_own_acceptor_has_promised()
    {
        var stage = new ProposerStage(promised: 7);
        stage.Stand(7);
        Assert.Empty(stage.Sent);
        Assert.Equal(new Ballot(7, B), Assert.Single(stage.Heard<PaxosInput.Superseded>()).Seen);
        stage.Stand(8);
        Assert.Single(stage.Sent);
    }

    /// <summary>Pitfall: a proposer restarts inside a living process, and what it is told first may be older than its last life.</summary>
    [Fact]
    public void A_new_life_stands_only_after_its_acceptor_has_answered_it()
    {
        var proposer = new Proposer(A, Settings, 1);
        proposer.Step(new PaxosInput.Started(), 0);
        proposer.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), 0);
        proposer.Step(new PaxosInput.Promised(new Ballot(3, A)), 0);
        Assert.Empty(proposer.Step(new PaxosInput.Stand(new Ballot(4, A), default), 0).SendNow);
        var ready = proposer.Step(new PaxosInput.Promised(new Ballot(4, A), IsAnswer: true), 0);
        Assert.Empty(ready.SendNow);
        Assert.Equal(new Ballot(4, A), Assert.Single(ready.Tell.Select(told => told.Input).OfType<PaxosInput.Superseded>()).Seen);
    }

    [Fact]
    public void A_question_to_an_acceptor_that_was_just_beginning_is_put_again()
    {
        var proposer = new Proposer(A, Settings, 1);
        var first = proposer.Step(new PaxosInput.Started(), 0);
        Assert.Contains(first.Tell, told => told.To == Part.Acceptor);
        Assert.InRange(first.WakeAt!.Value, 1, 1000);
        var again = proposer.Step(new PaxosInput.Tick(), first.WakeAt.Value);
        Assert.Contains(again.Tell, told => told.To == Part.Acceptor);
        Assert.DoesNotContain(again.Tell, told => told.To == Part.Elector);
    }

    [Fact]
    public void Nothing_is_proposed_on_the_promise_of_a_minority()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        Assert.Empty(stage.Proposed(A));
        stage.Promise(B);
        Assert.Equal(["1:NoOp"], stage.Proposed(A));
        Assert.Equal(["1:NoOp"], stage.Proposed(C));
        Assert.Equal(new PaxosEvent.Leading(stage.Ballot, new Slot(1)), Assert.Single(stage.Events));
    }

    /// <summary>"...v is the value of the highest-numbered proposal among all proposals numbered less than n accepted by the acceptors in S."</summary>
    [Fact]
    public void The_highest_vote_is_proposed_again_and_holes_are_closed_before_the_term_begins()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A, votes: [new Vote(new Slot(1), new Ballot(2, B), BatchOf(1))]);
        stage.Promise(B, votes: [new Vote(new Slot(1), new Ballot(3, C), BatchOf(2)), new Vote(new Slot(3), new Ballot(2, B), BatchOf(3))]);
        Assert.Equal(["1:Commands", "2:NoOp", "3:Commands", "4:NoOp"], stage.Proposed(C));
        Assert.Equal(BatchOf(2), stage.To<PaxosMessage.Accept>(C)[0].Proposals[0].Batch);
    }

    [Fact]
    public void Who_said_that_it_holds_a_batch_is_sent_its_id_until_it_says_that_it_does_not()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(B, votes: [new Vote(new Slot(1), new Ballot(2, B), BatchOf(1))]);
        Assert.Equal(["1:by id", "2:NoOp"], stage.Proposed(B));
        Assert.Equal(["1:Commands", "2:NoOp"], stage.Proposed(C));
        stage.Hush();
        stage.Nack(B, NackReason.Missing, slot: 1);
        Assert.Equal(["1:Commands", "2:NoOp"], stage.Proposed(B));
    }

    [Fact]
    public void A_promise_in_pages_counts_when_its_last_page_is_there()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Hear(B, new PaxosMessage.Promise(
            stage.Ballot, new Slot(1), Slot.None, [new Vote(new Slot(1), new Ballot(2, B), BatchOf(1))], new Slot(1), default));
        Assert.Empty(stage.Proposed(C));
        Assert.Equal(new Slot(2), stage.To<PaxosMessage.Prepare>(B)[^1].From);
        stage.Promise(B, asked: 1);
        Assert.Empty(stage.Proposed(C));
        stage.Promise(B, asked: 2, votes: [new Vote(new Slot(2), new Ballot(2, B), BatchOf(2))]);
        Assert.Equal(["1:Commands", "2:Commands", "3:NoOp"], stage.Proposed(C));
    }

    [Fact]
    public void What_is_reported_as_chosen_is_fetched_and_not_voted_on_again()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(B, chosen: 6, votes: [new Vote(new Slot(7), new Ballot(2, B), BatchOf(7))]);
        Assert.Empty(stage.Proposed(C));
        Assert.Equal(new PaxosMessage.Fetch(new Slot(1)), Assert.Single(stage.To<PaxosMessage.Fetch>(B)));
        stage.Learned(6, Three());
        Assert.Equal(["7:Commands", "8:NoOp"], stage.Proposed(C));
        Assert.Equal(new Slot(7), stage.To<PaxosMessage.Accept>(C)[0].Base);
    }

    /// <summary>D3: {A,B,C} was asked; the fetched log has a change that lets D vote, and D's majority is asked before its slots.</summary>
    [Fact]
    public void Nothing_is_proposed_in_the_slots_of_a_configuration_whose_majority_was_not_asked()
    {
        var two = Membership.Founded([MemberOf(A), MemberOf(B)], 2);
        var change = ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(C)));
        var promote = ChangeOf(new MembershipChange.Promote(new ConfigId(2), C), 2);
        var stage = new ProposerStage(membership: two.After(new Slot(1), change, out _), chosen: 2);
        stage.Stand();
        stage.Promise(A, asked: 3);
        stage.Promise(B, asked: 3, votes: [new Vote(new Slot(3), new Ballot(2, B), promote), new Vote(new Slot(4), new Ballot(2, B), BatchOf(4))]);
        Assert.Equal(["3:Change", "4:Commands"], stage.Proposed(A));
        stage.Hush();
        stage.Accepted(A, 4);
        stage.Accepted(B, 4);

        // Slots from 5 on belong to {A,B,C}: C has just come into sight, but A and B are two of its three.
        Assert.Single(stage.To<PaxosMessage.Prepare>(C));
        Assert.Equal(["5:NoOp"], stage.Proposed(A));
    }

    /// <summary>D3, where the two majorities that promised are none of the new configuration's.</summary>
    [Fact]
    public void A_new_configurations_votes_are_found_before_anything_is_proposed_there()
    {
        var stage = new ProposerStage(membership: Membership.Founded([MemberOf(A)], 1));
        stage.Stand();
        var learner = ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(B)));
        var promote = ChangeOf(new MembershipChange.Promote(new ConfigId(2), B), 2);
        stage.Promise(A, votes: [new Vote(new Slot(1), new Ballot(2, A), learner), new Vote(new Slot(2), new Ballot(2, A), promote)]);
        stage.Accepted(A, 1);
        stage.Accepted(A, 2);
        Assert.Equal(["1:by id", "2:by id"], stage.Proposed(A));
        Assert.Single(stage.To<PaxosMessage.Prepare>(B));
        stage.Promise(B, asked: 3, votes: [new Vote(new Slot(3), new Ballot(3, B), BatchOf(3))]);
        Assert.Equal("3:Commands", stage.Proposed(A)[^1]);
    }

    /// <summary>D7: in the reference, an abstention that made a majority impossible ended in a panic.</summary>
    [Fact]
    public void A_candidate_that_a_majority_abstains_from_has_lost_at_once()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Nack(B, NackReason.Abstained);
        Assert.Empty(stage.Heard<PaxosInput.Lost>());
        stage.Nack(C, NackReason.Abstained);
        Assert.Equal(stage.Ballot, Assert.Single(stage.Heard<PaxosInput.Lost>()).Ballot);
    }

    [Fact]
    public void A_candidate_gives_up_after_an_election_time_out_and_never_stands_with_that_ballot_again()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Tick(Settings.ElectionTimeout);
        Assert.Single(stage.Heard<PaxosInput.Lost>());
        stage.Hush();
        stage.Stand(5);
        Assert.Empty(stage.Sent);
    }

    [Fact]
    public void A_candidate_asks_the_silent_again_ever_more_seldom_and_nobody_else()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        var times = new List<long>();
        while (stage.Heard<PaxosInput.Lost>().Count == 0)
        {
            stage.Hush();
            stage.Tick(stage.WakeAt!.Value - stage.Now);
            Assert.Empty(stage.To<PaxosMessage.Prepare>(A));
            times.AddRange(stage.To<PaxosMessage.Prepare>(B).Select(_ => stage.Now - 10_000));
        }

        Assert.InRange(times.Count, 2, 5);
        Assert.True(times[^1] - times[^2] > times[0], string.Join(' ', times));
    }

    [Fact]
    public void A_voter_under_a_lease_is_asked_again_when_the_lease_is_over()
    {
        var stage = new ProposerStage(Settings with { LeaseDuration = 1000 });
        stage.Stand();
        stage.Promise(A);
        stage.Nack(B, NackReason.LeaseHeld, retryAfter: 1100);
        stage.Nack(C, NackReason.LeaseHeld, retryAfter: 1100);
        stage.Hush();
        stage.Tick(1099);
        Assert.Empty(stage.Sent);
        Assert.Empty(stage.Heard<PaxosInput.Lost>());
        stage.Tick(1);
        Assert.Single(stage.To<PaxosMessage.Prepare>(B));
    }

    [Fact]
    public void A_higher_ballot_ends_a_candidacy_and_the_elector_hears_which()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Nack(B, NackReason.Supplanted, seen: new Ballot(9, C));
        Assert.Equal(new Ballot(9, C), Assert.Single(stage.Heard<PaxosInput.Superseded>()).Seen);
        stage.Hush();
        stage.Promise(C);
        Assert.Empty(stage.Sent);
    }

    [Fact]
    public void Who_is_no_voter_any_more_has_lost()
    {
        var stage = new ProposerStage(membership: Membership.Founded([MemberOf(B), MemberOf(C), MemberOf(D)], 4));
        stage.Stand();
        Assert.Single(stage.Heard<PaxosInput.Lost>());
    }
}
