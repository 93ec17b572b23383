using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>What a leader vouches for, and how it makes way: Raft (2014), 6.4 and 3.10; Paxos Made Live (2007), 5.2.</summary>
public sealed class ReadAndChangeSpecs
{
    private static readonly NodeId D = new(4);
    private readonly ProposerStage _stage = new ProposerStage().Lead();

    private List<PaxosInput.ReadIndexed> Indexed => _stage.Heard<PaxosInput.ReadIndexed>();

    [Fact]
    public void A_read_waits_for_a_round_begun_after_it_came_and_all_that_wait_share_it()
    {
        _stage.Step(new PaxosInput.WantReadIndex(1));
        var round = Assert.Single(_stage.To<PaxosMessage.Pulse>(B)).Round;
        _stage.Step(new PaxosInput.WantReadIndex(2));
        _stage.Step(new PaxosInput.WantReadIndex(3));
        _stage.Pulsed(A, round, through: 1);
        Assert.Empty(Indexed);
        _stage.Pulsed(B, round, through: 1);
        Assert.Equal(new PaxosInput.ReadIndexed(1, new Slot(1), long.MaxValue), Assert.Single(Indexed));
        Assert.Equal(2, _stage.To<PaxosMessage.Pulse>(B).Count);
        _stage.Pulsed(A, round + 1, through: 1);
        _stage.Pulsed(C, round + 1, through: 1);
        Assert.Equal([1ul, 2ul, 3ul], Indexed.Select(indexed => indexed.Request));
    }

    /// <summary>D6: a leader with a gap below its term served old state.</summary>
    [Fact]
    public void A_read_waits_for_the_terms_own_no_op()
    {
        var stage = new ProposerStage();
        stage.Stand();
        stage.Promise(A);
        stage.Promise(B);
        stage.Step(new PaxosInput.WantReadIndex(1));
        stage.Pulsed(A, 1);
        stage.Pulsed(B, 1);
        Assert.Empty(stage.Heard<PaxosInput.ReadIndexed>());
        stage.Accepted(A, 1);
        stage.Accepted(B, 1);
        stage.Pulsed(A, 2, through: 1);
        stage.Pulsed(B, 2, through: 1);
        Assert.Equal(new Slot(1), Assert.Single(stage.Heard<PaxosInput.ReadIndexed>()).Slot);
    }

    [Fact]
    public void Reads_of_a_leader_that_was_supplanted_are_told_so()
    {
        _stage.Step(new PaxosInput.WantReadIndex(1));
        _stage.Nack(B, NackReason.Supplanted, seen: new Ballot(9, C));
        Assert.Equal(Slot.Last, Assert.Single(Indexed).Slot);
        _stage.Step(new PaxosInput.WantReadIndex(2));
        Assert.Equal(Slot.Last, Indexed[^1].Slot);
    }

    [Fact]
    public void A_lease_answers_at_once_until_it_is_over_or_given_up()
    {
        var stage = new ProposerStage(Settings with { LeaseDuration = 1000 }).Lead();
        stage.Tick(200);
        var pulse = stage.To<PaxosMessage.Pulse>(B)[^1];
        Assert.Equal(1000, pulse.LeaseFor);
        stage.Pulsed(A, pulse.Round, 1, sentAt: pulse.SentAt, lease: 1101);
        stage.Now += 100;
        stage.Pulsed(B, pulse.Round, 1, sentAt: pulse.SentAt, lease: 1101);
        stage.Step(new PaxosInput.WantReadIndex(1));
        var indexed = Assert.Single(stage.Heard<PaxosInput.ReadIndexed>());
        Assert.Equal((new Slot(1), pulse.SentAt + 899), (indexed.Slot, indexed.LeaseUntil));
        stage.Hush();
        stage.Now = indexed.LeaseUntil;
        stage.Step(new PaxosInput.WantReadIndex(2));
        Assert.Empty(stage.Heard<PaxosInput.ReadIndexed>());
    }

    [Fact]
    public void A_transfer_stops_proposals_waits_until_the_other_is_level_gives_up_the_lease_and_tells_it_to_stand()
    {
        _stage.Pulsed(B, 1, through: 1);
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Step(new PaxosInput.Transfer(B));
        _stage.Propose(CommandOf(2, Client(5)));
        Assert.Equal(["2:Commands"], _stage.Proposed(B));
        _stage.Accepted(A, 2);
        _stage.Accepted(C, 2);
        Assert.Empty(_stage.To<PaxosMessage.TimeoutNow>(B));
        _stage.Accepted(B, 2);
        Assert.Equal(_stage.Ballot, Assert.Single(_stage.To<PaxosMessage.TimeoutNow>(B)).Ballot);
        _stage.Hush();
        _stage.Tick(Settings.ElectionTimeout);
        Assert.Equal(["3:Commands"], _stage.Proposed(C));
    }

    [Fact]
    public void Nobody_is_waited_for_who_does_not_answer_or_is_further_behind_than_a_window()
    {
        _stage.Step(new PaxosInput.Transfer(B));
        _stage.Propose(CommandOf(1, Client(5)));
        Assert.Equal(["2:Commands"], _stage.Proposed(C));
        _stage.Pulsed(B, 1, through: 1);
        _stage.Accepted(A, 2);
        _stage.Accepted(C, 2);
        _stage.Tick(Settings.ElectionTimeout);
        _stage.Hush();
        _stage.Step(new PaxosInput.Transfer(B));
        _stage.Propose(CommandOf(2, Client(5)));
        Assert.Equal(["3:Commands"], _stage.Proposed(A));
        Assert.Empty(_stage.To<PaxosMessage.TimeoutNow>(B));

        var stage = new ProposerStage().Lead();
        stage.Pulsed(B, 1);
        for (ulong slot = 2; slot <= 5; slot++)
        {
            stage.Propose(CommandOf(slot, Client(5)));
            stage.Accepted(A, slot);
            stage.Accepted(C, slot);
        }

        // It has answered, and slots 2 to 5 are one window.
        stage.Step(new PaxosInput.Transfer(B));
        stage.Propose(CommandOf(6, Client(5)));
        Assert.DoesNotContain("6:Commands", stage.Proposed(C));
        stage.Pulsed(C, 1);
        stage.Tick(Settings.ElectionTimeout);
        Assert.Contains("6:Commands", stage.Proposed(C));
        stage.Accepted(A, 6);
        stage.Accepted(C, 6);
        stage.Pulsed(B, 2);
        stage.Step(new PaxosInput.Transfer(B));
        stage.Propose(CommandOf(7, Client(5)));
        Assert.Contains("7:Commands", stage.Proposed(C));
    }

    /// <summary>Each try stops every write for an election time-out, and an operator's wish is repeated until its deadline.</summary>
    [Fact]
    public void Who_let_a_transfer_pass_is_not_waited_for_again_in_this_ballot_though_it_is_asked_for()
    {
        _stage.Pulsed(B, 1, through: 1);
        _stage.Pulsed(C, 1, through: 1);
        _stage.Step(new PaxosInput.Transfer(B));
        Assert.Single(_stage.To<PaxosMessage.TimeoutNow>(B));
        _stage.Tick(Settings.ElectionTimeout);
        _stage.Pulsed(B, 2, through: 1);
        _stage.Pulsed(C, 2, through: 1);
        _stage.Hush();
        _stage.Step(new PaxosInput.Transfer(B));
        _stage.Propose(CommandOf(1, Client(5)));
        Assert.Empty(_stage.To<PaxosMessage.TimeoutNow>(B));
        Assert.Equal(["2:Commands"], _stage.Proposed(A));
        _stage.Accepted(A, 2);
        _stage.Accepted(C, 2);
        _stage.Step(new PaxosInput.Transfer(C));
        Assert.Single(_stage.To<PaxosMessage.TimeoutNow>(C));
    }

    [Fact]
    public void A_leader_that_was_removed_makes_way_to_one_that_answers_and_again_to_the_only_one_there_is()
    {
        _stage.Change(new MembershipChange.Remove(new ConfigId(1), A));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        _stage.Accepted(A, 5, chosen: 5);
        _stage.Accepted(B, 5, chosen: 5);
        _stage.Pulsed(C, 1, through: 5, chosen: 5);
        Assert.Single(_stage.To<PaxosMessage.TimeoutNow>(C));
        Assert.Empty(_stage.To<PaxosMessage.TimeoutNow>(B));
        _stage.Hush();
        _stage.Tick(Settings.ElectionTimeout / 2);
        _stage.Pulsed(C, 2, through: 5, chosen: 5);
        _stage.Tick(Settings.ElectionTimeout / 2);
        _stage.Tick(1);
        Assert.NotEmpty(_stage.To<PaxosMessage.TimeoutNow>(C));
    }

    [Fact]
    public void A_leader_that_gave_up_its_lease_vouches_by_rounds_only()
    {
        var stage = new ProposerStage(Settings with { LeaseDuration = 1000 }).Lead();
        stage.Pulsed(A, 1, 1, lease: 1101);
        stage.Pulsed(B, 1, 1, lease: 1101);
        stage.Step(new PaxosInput.Transfer(B));
        Assert.Single(stage.To<PaxosMessage.TimeoutNow>(B));
        stage.Step(new PaxosInput.WantReadIndex(1));
        Assert.Empty(stage.Heard<PaxosInput.ReadIndexed>());
        Assert.Equal(0, stage.To<PaxosMessage.Pulse>(B)[^1].LeaseFor);
    }

    /// <summary>Alpha activation on an idle cluster: nobody else proposes anything.</summary>
    [Fact]
    public void An_idle_group_pushes_a_change_into_force_with_no_ops_and_says_when_it_has_settled()
    {
        _stage.Change(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D)));
        Assert.Equal(["2:Change"], _stage.Proposed(B));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        Assert.Equal(["2:Change", "3:NoOp", "4:NoOp", "5:NoOp"], _stage.Proposed(B));
        Assert.Equal(["3:NoOp", "4:NoOp", "5:NoOp"], _stage.Proposed(D));
        _stage.Accepted(A, 5, chosen: 5);
        Assert.Empty(_stage.Events);
        _stage.Accepted(B, 5, chosen: 5);
        Assert.Equal(new PaxosEvent.MembershipSettled(new ConfigId(2)), Assert.Single(_stage.Events));
    }

    [Fact]
    public void A_second_change_waits_until_the_first_is_in_force()
    {
        _stage.Change(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D)));
        _stage.Change(new MembershipChange.Promote(new ConfigId(2), D), 2);
        Assert.Equal(["2:Change"], _stage.Proposed(B));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        Assert.Equal(["2:Change", "3:NoOp", "4:NoOp", "5:NoOp", "6:Change"], _stage.Proposed(B));
    }

    /// <summary>Whether it is a retry of the change that took hold, only the sessions know: so it is not refused here.</summary>
    [Fact]
    public void A_change_made_for_an_older_membership_goes_through_the_log()
    {
        _stage.Change(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D)));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        _stage.Accepted(A, 5);
        _stage.Accepted(B, 5);
        _stage.Hush();
        _stage.Change(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D)));
        Assert.Equal(["6:Change"], _stage.Proposed(B));
        Assert.Empty(_stage.Refused);
    }

    [Fact]
    public void A_leader_that_was_removed_leads_until_its_successors_have_everything_and_makes_way()
    {
        _stage.Change(new MembershipChange.Remove(new ConfigId(1), A));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        _stage.Accepted(A, 5, chosen: 5);
        _stage.Accepted(B, 5, chosen: 5);
        Assert.Empty(_stage.To<PaxosMessage.TimeoutNow>(B));
        _stage.Accepted(C, 5, chosen: 5);
        Assert.Single(_stage.Sent, sent => sent.Message is PaxosMessage.TimeoutNow);
    }
}
