using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Phase 2: a window of rounds under one ballot (Paxos Made Simple, 3), batched and counted.</summary>
public sealed class LeaderSpecs
{
    private readonly ProposerStage _stage = new ProposerStage().Lead();

    [Fact]
    public void A_command_is_proposed_at_once_and_what_comes_while_rounds_are_under_way_shares_a_batch()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Propose(CommandOf(2, Client(5)));
        Assert.Equal(["2:Commands", "3:Commands"], _stage.Proposed(B));
        _stage.Hush();
        _stage.Propose(CommandOf(3, Client(5)));
        _stage.Propose(CommandOf(4, Client(5)));
        Assert.Empty(_stage.Sent);
        _stage.Accepted(A, 2);
        _stage.Accepted(C, 2);
        var accept = Assert.Single(_stage.To<PaxosMessage.Accept>(B));
        Assert.Equal(2, Assert.Single(accept.Proposals).Batch!.Count);
        Assert.Equal((new Slot(4), new Slot(2)), (accept.First, accept.ChosenThrough));
    }

    [Fact]
    public void A_full_batch_waits_for_nobody()
    {
        var stage = new ProposerStage(Settings with { BatchCommandsMax = 2 }).Lead();
        stage.Propose(CommandOf(1, Client(5)));
        stage.Propose(CommandOf(2, Client(5)));
        stage.Propose(CommandOf(3, Client(5)), CommandOf(4, Client(5)));
        Assert.Equal(["2:Commands", "3:Commands", "4:Commands"], stage.Proposed(B));
    }

    [Fact]
    public void A_slot_is_chosen_when_a_majority_has_it_and_everything_before_it()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Propose(CommandOf(2, Client(5)));
        _stage.Accepted(A, 3);
        Assert.Empty(_stage.Heard<PaxosInput.ChosenHere>());
        _stage.Accepted(C, 2);
        Assert.Equal(new PaxosInput.ChosenHere(_stage.Ballot, new Slot(1), new Slot(2)), Assert.Single(_stage.Heard<PaxosInput.ChosenHere>()));
    }

    [Fact]
    public void Nobody_proposes_further_than_alpha_beyond_what_is_chosen()
    {
        var stage = new ProposerStage(Settings with { EagerRounds = 100 }, Three(window: 4)).Lead();
        for (ulong i = 1; i <= 9; i++)
        {
            stage.Propose(CommandOf(i, Client(5)));
        }

        Assert.Equal("5:Commands", stage.Proposed(B)[^1]);
        stage.Hush();
        stage.Accepted(A, 3);
        stage.Accepted(B, 3);
        Assert.Equal(["6:Commands"], stage.Proposed(C));
    }

    [Fact]
    public void A_follower_that_is_silent_gets_no_more_until_it_answers_and_then_everything_it_lacks()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Accepted(A, 2);
        _stage.Tick(130);
        _stage.Hush();
        _stage.Propose(CommandOf(2, Client(5)));
        Assert.Empty(_stage.Proposed(B));
        Assert.Empty(_stage.Proposed(C));
        _stage.Pulsed(C, 1);
        Assert.Equal(["2:Commands", "3:Commands"], _stage.Proposed(C));
    }

    [Fact]
    public void A_silent_follower_is_probed_ever_more_seldom()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Accepted(A, 2);
        _stage.Accepted(B, 2);
        _stage.Propose(CommandOf(2, Client(5)));
        _stage.Accepted(A, 3);
        var times = new List<long>();
        while (_stage.Now < 15_000)
        {
            _stage.Hush();
            _stage.Tick(_stage.WakeAt!.Value - _stage.Now);
            times.AddRange(_stage.To<PaxosMessage.Accept>(C).Select(_ => _stage.Now));
        }

        Assert.InRange(times.Count, 5, 12);
        Assert.InRange(times[^1] - times[^2], Settings.ElectionTimeout * 3 / 4, Settings.ElectionTimeout * 5 / 4);
    }

    [Fact]
    public void A_follower_that_is_far_behind_or_has_no_room_is_told_of_to_catch_up()
    {
        _stage.Nack(C, NackReason.Overloaded, slot: 2, chosen: 0);
        Assert.Equal(new PaxosInput.Behind(C, Slot.None), Assert.Single(_stage.Heard<PaxosInput.Behind>()));
        _stage.Hush();
        _stage.Pulsed(B, 1, through: 1, chosen: 0);
        Assert.Empty(_stage.Heard<PaxosInput.Behind>());
        _stage.Tick(200);
        _stage.Pulsed(B, 2, through: 1, chosen: 0);
        Assert.Equal(new PaxosInput.Behind(B, Slot.None), Assert.Single(_stage.Heard<PaxosInput.Behind>()));
    }

    [Fact]
    public void An_idle_leader_says_with_every_heartbeat_how_far_the_log_is_chosen()
    {
        _stage.Tick(Settings.HeartbeatInterval);
        var pulse = Assert.Single(_stage.To<PaxosMessage.Pulse>(C));
        Assert.Equal((new Slot(1), new Slot(1), 0L), (pulse.ChosenThrough, pulse.Base, pulse.LeaseFor));
    }

    [Fact]
    public void A_command_that_is_asked_for_twice_has_one_slot()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Propose(CommandOf(2, Client(5)), CommandOf(2, Client(5)));
        Assert.Equal(["2:Commands", "3:Commands"], _stage.Proposed(B));
        Assert.Empty(_stage.Refused);
    }

    [Fact]
    public void A_full_queue_says_busy_and_a_command_larger_than_a_batch_says_so()
    {
        var stage = new ProposerStage(Settings with { QueuedCommandsMax = 2 }).Lead();
        for (ulong i = 1; i <= 5; i++)
        {
            stage.Propose(CommandOf(i, Client(5)));
        }

        Assert.Equal(new CommandAnswer.NotCommitted(new CommandId(Client(5), 5), NotCommittedReason.Busy), Assert.Single(stage.Refused));
        stage.Propose(CommandOf(6, Client(5), 0, new byte[Settings.BatchBytesMax]));
        Assert.Equal(NotCommittedReason.TooLarge, Assert.IsType<CommandAnswer.NotCommitted>(stage.Refused[^1]).Reason);
    }

    [Fact]
    public void A_leader_without_a_majority_keeps_no_more_bytes_under_way_than_the_bound()
    {
        var stage = new ProposerStage(Settings with { EagerRounds = 1000, InFlightBytesMax = 5000 }, Three(window: 1000)).Lead();
        for (ulong i = 1; i <= 20; i++)
        {
            stage.Propose(CommandOf(i, Client(5), 0, new byte[1000]));
        }

        Assert.Equal(5, stage.Proposed(A).Count);
    }

    [Fact]
    public void A_leader_that_was_supplanted_says_of_each_command_only_what_it_knows()
    {
        _stage.Propose(CommandOf(1, Client(5)));
        _stage.Propose(CommandOf(2, Client(5)));
        _stage.Propose(CommandOf(3, Client(5)));
        _stage.Step(new PaxosInput.Propose(B, [CommandOf(4, Client(5))], false));
        _stage.Hush();
        _stage.Nack(C, NackReason.Supplanted, seen: new Ballot(9, C));
        Assert.Equal(2, _stage.Refused.Count(answer => answer is CommandAnswer.Unknown));
        Assert.Equal(
            new CommandAnswer.NotCommitted(new CommandId(Client(5), 3), NotCommittedReason.NoLeader),
            Assert.Single(_stage.Refused.OfType<CommandAnswer.NotCommitted>()));
        Assert.Single(Assert.Single(_stage.To<PaxosMessage.ForwardAnswer>(B)).Answers);
        Assert.Equal(new PaxosEvent.SteppedDown(_stage.Ballot, new Ballot(9, C)), Assert.Single(_stage.Events));
        _stage.Hush();
        _stage.Accepted(B, 9);
        Assert.Empty(_stage.Heard<PaxosInput.ChosenHere>());
    }

    [Fact]
    public void A_promise_of_the_own_acceptor_to_a_higher_ballot_ends_a_reign()
    {
        _stage.Step(new PaxosInput.Promised(new Ballot(9, C)));
        Assert.Single(_stage.Heard<PaxosInput.Superseded>());
        _stage.Propose(CommandOf(1, Client(5)));
        Assert.Equal(NotCommittedReason.NoLeader, Assert.IsType<CommandAnswer.NotCommitted>(Assert.Single(_stage.Refused)).Reason);
    }

    [Fact]
    public void Who_is_told_to_lead_takes_commands_before_it_has_won()
    {
        var stage = new ProposerStage();
        stage.Step(new PaxosInput.Following(new Ballot(5, A)));
        stage.Propose(CommandOf(1, Client(5)));
        stage.Stand();
        stage.Promise(A);
        stage.Promise(C);
        Assert.Empty(stage.Refused);
        Assert.Equal(["1:NoOp", "2:Commands"], stage.Proposed(B));
        stage.Step(new PaxosInput.Following(new Ballot(6, B)));
        Assert.IsType<CommandAnswer.Unknown>(Assert.Single(stage.Refused));
    }

    [Fact]
    public void A_learner_that_begins_anew_is_told_what_was_chosen_here()
    {
        _stage.Step(new PaxosInput.PartStarted(Part.Learner, Slot.None));
        Assert.Equal(new PaxosInput.ChosenHere(_stage.Ballot, new Slot(1), new Slot(1)), Assert.Single(_stage.Heard<PaxosInput.ChosenHere>()));
    }
}
