using System.Collections.Immutable;
using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

public sealed class LearnerSpecs
{
    private static readonly Ballot Five = new(5, B);
    private readonly Learner _learner = new(A, AppliedState.Founded(Three(), Settings), Settings);
    private long _now;

    [Fact]
    public void What_the_acceptors_journal_knows_to_be_chosen_is_handed_on()
    {
        var learner = new Learner(A, AppliedState.Founded(Three(), Settings), Settings);
        var batch = Batch.Of([CommandOf(1, Client(5))], 1);
        var ready = learner.Step(new PaxosInput.Delivered(new Slot(1), [batch, batch]), 0);
        Assert.Equal([new Slot(1), new Slot(2)], ready.Apply.Select(delivery => delivery.Slot));
        Assert.Empty(learner.Step(new PaxosInput.Delivered(new Slot(1), [batch, batch]), 0).Apply);
    }

    [Fact]
    public void A_journal_that_knows_more_than_there_is_room_for_is_asked_again_when_the_state_has_moved()
    {
        var journal = new PaxosInput.Delivered(new Slot(1), [.. Enumerable.Range(1, 1000).Select(i => BatchOf((byte)i))]);
        var applied = 0UL;
        var ready = Step(journal);
        for (_now = 1; applied < 1000 && _now < 100_000; _now++)
        {
            applied = ready.Apply.IsEmpty ? applied : ready.Apply[^1].Slot.Number;
            ready = ready.Apply.IsEmpty ? Step(new PaxosInput.Tick()) : Applied(applied);
            if (ready.Tell.Any(told => told == new Told(Part.Acceptor, new PaxosInput.PartStarted(Part.Learner, new Slot(applied + 1)))))
            {
                ready = Step(journal);
            }
        }

        Assert.Equal(1000UL, applied);
    }

    [Fact]
    public void A_vote_is_applied_when_its_own_ballots_leader_says_it_is_chosen()
    {
        Assert.Empty(Voted(Five, 1, 0, (1, Five, 7)).Apply);
        Assert.Equal(new Delivery(new Slot(1), BatchOf(7)), Assert.Single(Voted(Five, 1, 1).Apply));
    }

    [Fact]
    public void A_vote_of_another_ballot_is_not_what_this_ballots_leader_means()
    {
        Voted(Five, 1, 0, (1, Five, 7));
        Assert.Empty(Voted(new Ballot(6, C), 1, 1).Apply);
        Assert.Empty(Voted(new Ballot(7, C), 2, 1).Apply);
        Assert.Single(Voted(new Ballot(6, C), 1, 1, (1, new Ballot(6, C), 8)).Apply);
    }

    [Fact]
    public void Slots_are_handed_on_in_order_each_once()
    {
        Voted(Five, 1, 3, (2, Five, 2), (3, Five, 3));
        Assert.Equal([1ul, 2ul, 3ul], Voted(Five, 1, 3, (1, Five, 1)).Apply.Select(delivery => delivery.Slot.Number));
        Assert.Empty(Voted(Five, 1, 3, (1, Five, 1), (2, Five, 2)).Apply);
        Assert.Empty(Committed(C, 1, 3, 1, 2, 3).Apply);
    }

    [Fact]
    public void What_our_own_proposer_chose_without_our_vote_waits_for_the_vote()
    {
        Assert.Empty(Step(new PaxosInput.ChosenHere(new Ballot(5, A), new Slot(1), new Slot(1))).Apply);
        Assert.Single(Step(new PaxosInput.Voted(
            new Ballot(5, A), [new Vote(new Slot(1), new Ballot(5, A), BatchOf(1))], new Slot(1), Slot.None)).Apply);
    }

    /// <summary>D9: a commit by id of what is not held is not forgotten, and is fetched.</summary>
    [Fact]
    public void A_commit_by_id_without_the_batch_is_fetched_from_who_sent_it()
    {
        var ready = Step(new PaxosInput.Received(C, new PaxosMessage.CommitById(new Slot(1), [BatchOf(1).Digest])));
        Assert.Equal(new Outgoing(C, new PaxosMessage.Fetch(new Slot(1))), Assert.Single(ready.SendNow));
        Assert.Empty(Voted(Five, 1, 0, (1, Five, 9)).Apply);
        Assert.Equal(BatchOf(1), Assert.Single(Voted(Five, 1, 0, (1, Five, 1)).Apply).Batch);
    }

    [Fact]
    public void A_slot_on_its_way_is_waited_for_and_then_fetched_again_and_again_from_others_too()
    {
        Assert.Empty(Voted(Five, 1, 2, (2, Five, 2)).SendNow);
        var asked = new List<(long At, NodeId To)>();
        for (_now = 1; _now <= 1000; _now++)
        {
            var ready = Step(new PaxosInput.Tick());
            asked.AddRange(ready.SendNow.Select(outgoing => (_now, outgoing.To)));
            if (asked.Count == 1 && asked[0].At == _now)
            {
                Assert.Equal(new PaxosEvent.Gap(new Slot(1), new Slot(2), 0), Assert.Single(ready.Events));
            }
        }

        Assert.Equal([(100, B), (200, C), (400, B), (800, C)], asked);
    }

    /// <summary>D10: that two values were chosen for a slot is seen where both arrive.</summary>
    [Fact]
    public void Two_values_for_one_slot_stop_the_node_even_when_the_first_is_applied()
    {
        Committed(B, 1, 1, 1);
        Applied(1);
        Assert.Throws<PaxosInvariantException>(() => Committed(C, 1, 1, 2));
    }

    [Fact]
    public void A_state_that_does_not_move_holds_back_the_chosen_prefix()
    {
        var pushed = Enumerable.Range(0, 300).Select(i => (byte)i).ToArray();
        Assert.Equal(Settings.AheadMax, Committed(B, 1, 300, pushed).Apply.Length);
        Assert.Single(Applied(1).Apply);
    }

    [Fact]
    public void Who_pushes_is_told_what_is_known_as_far_as_there_is_room()
    {
        var pushed = Enumerable.Range(0, 200).Select(i => (byte)i).ToArray();
        Assert.Equal(new Slot(128), Caught(Committed(B, 1, 1000, pushed)));
        Assert.Equal(new Slot(138), Caught(Applied(10)));
    }

    [Fact]
    public void Who_is_told_that_the_prefix_has_moved_is_everybody()
    {
        var ready = Committed(B, 1, 1, 1);
        Assert.Equal(
            [Part.Acceptor, Part.Proposer, Part.Elector, Part.CatchUp, Part.Gateway],
            ready.Tell.Where(told => told.Input is PaxosInput.Advanced).Select(told => told.To));
        Assert.Equal(
            [Part.CatchUp, Part.Acceptor],
            ready.Tell.Where(told => told.Input is PaxosInput.Delivered).Select(told => told.To));
    }

    [Fact]
    public void A_snapshot_stands_in_for_its_slots_and_votes_after_it_stay()
    {
        Voted(Five, 1, 0, (3, Five, 3));
        var state = AppliedState.Founded(Three(), Settings) with { Through = new Slot(2) };
        Assert.Empty(Step(new PaxosInput.SnapshotInstalled(default, state)).Apply);
        Assert.Equal(new Slot(3), Assert.Single(Voted(Five, 1, 3).Apply).Slot);
    }

    [Fact]
    public void A_change_moves_the_membership_with_the_chosen_prefix()
    {
        var change = ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(new NodeId(4))));
        var ready = Step(new PaxosInput.Received(B, new PaxosMessage.Commit(new Slot(1), [change], new Slot(1), new Slot(1))));
        Assert.IsType<PaxosEvent.MembershipChanged>(Assert.Single(ready.Events));
        var advanced = ready.Tell.Select(told => told.Input).OfType<PaxosInput.Advanced>().First();
        Assert.True(advanced.Membership.Newest.IsMember(new NodeId(4)));
    }

    [Fact]
    public void A_new_life_asks_the_acceptor_for_the_votes_after_what_is_applied()
    {
        var learner = new Learner(A, AppliedState.Founded(Three(), Settings) with { Through = new Slot(4) }, Settings);
        var ready = learner.Step(new PaxosInput.Started(), 0);
        Assert.Contains(new Told(Part.Acceptor, new PaxosInput.PartStarted(Part.Learner, new Slot(5))), ready.Tell);
    }

    private static Slot Caught(Ready ready) =>
        Assert.IsType<PaxosMessage.Caught>(Assert.Single(ready.SendNow, outgoing => outgoing.Message is PaxosMessage.Caught).Message).Through;

    private Ready Voted(Ballot ballot, ulong first, ulong chosen, params (ulong Slot, Ballot Ballot, byte Body)[] votes) =>
        Step(new PaxosInput.Voted(
            ballot,
            [.. votes.Select(vote => new Vote(new Slot(vote.Slot), vote.Ballot, BatchOf(vote.Body)))],
            new Slot(first),
            new Slot(chosen)));

    private Ready Committed(NodeId from, ulong first, ulong chosen, params byte[] bodies) =>
        Step(new PaxosInput.Received(from, new PaxosMessage.Commit(
            new Slot(first), [.. bodies.Select(BatchOf)], new Slot(chosen), new Slot(1))));

    private Ready Applied(ulong through) =>
        Step(new PaxosInput.Applied(new Slot(through), default, ImmutableArray<AppliedCommand>.Empty));

    private Ready Step(PaxosInput input) => _learner.Step(input, _now);
}
