using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>A client is told what is known of its call, and never a guess.</summary>
public sealed class GatewaySpecs
{
    private readonly Gateway _gateway = new(A, Settings, 1);
    private readonly List<Ready> _all = [];
    private long _now = 10_000;
    private long? _wakeAt;

    private List<CommandAnswer> Answers => [.. _all.SelectMany(ready => ready.Answers)];

    private List<ReadAnswer> Reads => [.. _all.SelectMany(ready => ready.Reads)];

    private List<Outgoing> Sent => [.. _all.SelectMany(ready => ready.SendNow)];

    [Fact]
    public void A_command_goes_to_the_proposer_here_when_this_node_leads_and_is_answered_when_it_is_applied()
    {
        Follow(A);
        Submit(1);
        Assert.Equal(Part.Proposer, Assert.Single(Told<PaxosInput.Propose>()).To);
        var applied = new CommandAnswer.Applied(Id(1), new Slot(7), Payload.Copy([1]));
        Step(new PaxosInput.AppliedHere(new Slot(7), [new AppliedCommand(new Slot(7), applied)]));
        Assert.Equal(applied, Assert.Single(Answers));
    }

    [Fact]
    public void A_command_is_forwarded_to_who_leads_and_again_after_silence_and_to_the_next_leader()
    {
        Follow(B);
        Submit(1);
        Assert.Equal(B, Assert.Single(Sent).To);
        Tick(130);
        Assert.Equal([B, B], Sent.Select(sent => sent.To));
        Follow(C, 6);
        Assert.Equal([B, B, C], Sent.Select(sent => sent.To));
        var applied = new CommandAnswer.Applied(Id(1), new Slot(7), default);
        Hear(C, new PaxosMessage.ForwardAnswer([applied]));
        Hear(B, new PaxosMessage.ForwardAnswer([applied]));
        Assert.Equal(applied, Assert.Single(Answers));
    }

    [Fact]
    public void Without_a_leader_a_command_waits_and_is_not_committed_at_its_deadline()
    {
        Submit(1, deadline: 500);
        Tick(499);
        Assert.Empty(Answers);
        Tick(1);
        Assert.Equal(new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.NoLeader), Assert.Single(Answers));
    }

    [Fact]
    public void A_command_that_waited_for_a_leader_is_given_to_it()
    {
        Submit(1);
        Assert.Empty(Sent);
        Follow(B);
        Assert.IsType<PaxosMessage.Forward>(Assert.Single(Sent).Message);
    }

    [Fact]
    public void What_was_forwarded_is_unknown_at_its_deadline_though_it_was_refused()
    {
        Follow(B);
        Submit(1, deadline: 500);
        Hear(B, new PaxosMessage.ForwardAnswer([new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.NoLeader)]));
        Assert.Empty(Answers);
        Tick(500);
        Assert.Equal(new CommandAnswer.Unknown(Id(1)), Assert.Single(Answers));
    }

    [Fact]
    public void What_the_proposer_here_handed_back_unproposed_is_not_committed_and_what_it_holds_is_unknown()
    {
        Follow(A);
        Submit(1, deadline: 50);
        Submit(2, deadline: 50);
        Step(new PaxosInput.Refused([new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.NoLeader)]));
        Tick(50);
        Assert.Contains(new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.NoLeader), Answers);
        Assert.Contains(new CommandAnswer.Unknown(Id(2)), Answers);
    }

    [Fact]
    public void A_proposer_that_is_busy_is_back_pressure_for_who_is_in_no_doubt()
    {
        Follow(A);
        Submit(1);
        Step(new PaxosInput.Refused([new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.Busy)]));
        Assert.Equal(new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.Busy), Assert.Single(Answers));
    }

    [Fact]
    public void A_command_whose_votes_were_out_when_the_term_ended_is_given_to_the_next_leader_and_stays_in_doubt()
    {
        Follow(A);
        Submit(1, deadline: 500);
        Step(new PaxosInput.Refused([new CommandAnswer.Unknown(Id(1))]));
        Follow(A, 7);
        Assert.Equal(2, Told<PaxosInput.Propose>().Count);
        Step(new PaxosInput.Refused([new CommandAnswer.NotCommitted(Id(1), NotCommittedReason.NoLeader)]));
        Tick(500);
        Assert.Equal(new CommandAnswer.Unknown(Id(1)), Assert.Single(Answers));
    }

    [Fact]
    public void Of_a_retry_nobody_says_that_it_is_not_committed()
    {
        Step(new PaxosInput.Submit(CommandOf(1, Client(5)), false, _now + 500, IsRetry: true));
        Tick(500);
        Assert.Equal(new CommandAnswer.Unknown(Id(1)), Assert.Single(Answers));
    }

    [Fact]
    public void More_calls_than_the_bound_are_refused_as_busy_and_a_command_larger_than_a_batch_at_once()
    {
        var gateway = new Gateway(A, Settings with { GatewayCallsMax = 1 }, 1);
        gateway.Step(Command(1, 500), _now);
        var busy = Assert.IsType<CommandAnswer.NotCommitted>(Assert.Single(gateway.Step(Command(2, 500), _now).Answers));
        Assert.Equal(NotCommittedReason.Busy, busy.Reason);
        Assert.IsType<ReadAnswer.Failed>(Assert.Single(gateway.Step(LinearizableRead(1), _now).Reads));
        var large = new PaxosInput.Submit(CommandOf(3, Client(5), 0, new byte[Settings.BatchBytesMax]), false, _now + 500);
        Assert.Equal(NotCommittedReason.TooLarge, Assert.IsType<CommandAnswer.NotCommitted>(Assert.Single(gateway.Step(large, _now).Answers)).Reason);
    }

    [Fact]
    public void A_leaders_gateway_answers_who_forwarded_when_it_is_applied_here()
    {
        Follow(A);
        Hear(C, new PaxosMessage.Forward([CommandOf(1, Client(5))], false));
        Assert.Equal(C, Assert.IsType<PaxosInput.Propose>(Assert.Single(Told<PaxosInput.Propose>()).Input).From);
        var applied = new CommandAnswer.Applied(Id(1), new Slot(7), default);
        Step(new PaxosInput.AppliedHere(new Slot(7), [new AppliedCommand(new Slot(7), applied)]));
        Assert.Equal(C, Assert.Single(Sent).To);
        Assert.Equal(applied, Assert.Single(Assert.IsType<PaxosMessage.ForwardAnswer>(Sent[0].Message).Answers));
    }

    [Fact]
    public void Who_does_not_lead_says_so_to_who_forwards_and_to_who_asks_for_an_index()
    {
        Follow(B);
        Hear(C, new PaxosMessage.Forward([CommandOf(1, Client(5))], false));
        Hear(C, new PaxosMessage.ReadIndex(9));
        Assert.Equal(
            NotCommittedReason.NoLeader,
            Assert.IsType<CommandAnswer.NotCommitted>(Assert.Single(Assert.IsType<PaxosMessage.ForwardAnswer>(Sent[0].Message).Answers)).Reason);
        Assert.Equal(new PaxosMessage.ReadIndexAnswer(9, Slot.Last), Sent[1].Message);
    }

    [Fact]
    public void A_read_is_answered_when_the_state_has_reached_the_leaders_index()
    {
        Follow(B);
        Step(LinearizableRead(1));
        Step(LinearizableRead(2));
        Step(LinearizableRead(3));
        var question = Assert.IsType<PaxosMessage.ReadIndex>(Assert.Single(Sent).Message);
        Hear(B, new PaxosMessage.ReadIndexAnswer(question.Request, new Slot(4)));
        Assert.Empty(Reads);
        Assert.Equal(2, Sent.Count);
        Step(new PaxosInput.AppliedHere(new Slot(4), []));
        Assert.Equal(new ReadAnswer.Ready(1, new Slot(4), long.MaxValue), Assert.Single(Reads));
        Hear(B, new PaxosMessage.ReadIndexAnswer(question.Request + 1, new Slot(4)));
        Assert.Equal([1ul, 2ul, 3ul], Reads.Select(read => read.Read));
    }

    [Fact]
    public void An_answer_to_another_question_or_of_another_node_is_not_taken()
    {
        Follow(B);
        Step(LinearizableRead(1));
        var question = Assert.IsType<PaxosMessage.ReadIndex>(Assert.Single(Sent).Message);
        Hear(C, new PaxosMessage.ReadIndexAnswer(question.Request, Slot.None));
        Hear(B, new PaxosMessage.ReadIndexAnswer(question.Request - 1, Slot.None));
        Assert.Empty(Reads);
        var other = new Gateway(A, Settings, 2);
        other.Step(new PaxosInput.Following(new Ballot(5, B)), _now);
        var first = Assert.IsType<PaxosMessage.ReadIndex>(Assert.Single(other.Step(LinearizableRead(1), _now).SendNow).Message);
        Assert.NotEqual(question.Request, first.Request);
    }

    [Fact]
    public void A_read_asks_again_after_silence_and_fails_at_its_deadline()
    {
        Follow(B);
        Step(LinearizableRead(1, 500));
        while (Reads.Count == 0)
        {
            Tick(_wakeAt!.Value - _now);
        }

        Assert.InRange(Sent.Count, 2, 5);
        Assert.Equal(new ReadAnswer.Failed(1), Assert.Single(Reads));
        Assert.Equal(10_500, _now);
    }

    [Fact]
    public void A_lease_that_ran_out_before_the_state_was_there_is_asked_for_again()
    {
        Follow(A);
        Step(LinearizableRead(1));
        var want = Assert.IsType<PaxosInput.WantReadIndex>(Assert.Single(Told<PaxosInput.WantReadIndex>()).Input);
        Step(new PaxosInput.ReadIndexed(want.Request, new Slot(4), _now + 10));
        _now += 20;
        Step(new PaxosInput.AppliedHere(new Slot(4), []));
        Assert.Empty(Reads);
        Step(new PaxosInput.ReadIndexed(want.Request + 1, new Slot(4), _now + 10));
        Assert.Equal(new ReadAnswer.Ready(1, new Slot(4), _now + 10), Assert.Single(Reads));
    }

    [Fact]
    public void A_stale_read_is_answered_from_here_while_the_state_is_no_older_than_it_allows()
    {
        Follow(B);
        Step(new PaxosInput.Read(1, new ReadKind.Stale(long.MaxValue), _now + 500));
        Assert.Single(Reads);
        Step(new PaxosInput.Read(2, new ReadKind.Stale(100), _now + 500));
        Assert.Single(Reads);
        var question = Assert.IsType<PaxosMessage.ReadIndex>(Assert.Single(Sent).Message);
        _now += 60;
        Hear(B, new PaxosMessage.ReadIndexAnswer(question.Request, Slot.None));
        Assert.Equal(2, Reads.Count);
        _now += 40;
        Step(new PaxosInput.Read(3, new ReadKind.Stale(100), _now + 500));
        Assert.Equal(3, Reads.Count);
        Step(new PaxosInput.Read(4, new ReadKind.Stale(99), _now + 500));
        Assert.Equal(3, Reads.Count);
    }

    [Fact]
    public void Questions_of_others_are_put_to_the_proposer_and_answered_to_them()
    {
        Follow(A);
        Hear(C, new PaxosMessage.ReadIndex(9));
        var want = Assert.IsType<PaxosInput.WantReadIndex>(Assert.Single(Told<PaxosInput.WantReadIndex>()).Input);
        Step(new PaxosInput.ReadIndexed(want.Request, new Slot(4), 99));
        Assert.Equal(new Outgoing(C, new PaxosMessage.ReadIndexAnswer(9, new Slot(4))), Assert.Single(Sent));
    }

    [Fact]
    public void Calls_in_the_hands_of_a_proposer_that_began_anew_are_given_to_it_again()
    {
        Follow(A);
        Submit(1, deadline: 50);
        Step(LinearizableRead(1));
        Step(new PaxosInput.PartStarted(Part.Proposer, Slot.None));
        Assert.Equal(2, Told<PaxosInput.Propose>().Count);
        Assert.Equal(2, Told<PaxosInput.WantReadIndex>().Count);
    }

    [Fact]
    public void A_wish_for_another_leader_is_put_to_whoever_leads_until_that_one_is_followed_or_the_deadline_has_come()
    {
        Step(new PaxosInput.MakeWay(C, _now + 5_000));
        Assert.Empty(Sent);
        Follow(B);
        Tick(130);
        Assert.Equal([new Outgoing(B, new PaxosMessage.MakeWay(C)), new Outgoing(B, new PaxosMessage.MakeWay(C))], Sent);
        Follow(A, 6);
        Assert.Equal([new Told(Part.Proposer, new PaxosInput.Transfer(C))], Told<PaxosInput.Transfer>());
        Follow(C, 7);
        Follow(B, 8);
        Tick(5_000);
        Assert.Equal(2, Sent.Count);
        Step(new PaxosInput.MakeWay(C, _now + 10));
        Tick(10);
        Follow(A, 9);
        Assert.Equal(3, Sent.Count);
        Assert.Single(Told<PaxosInput.Transfer>());
    }

    [Fact]
    public void A_wish_of_another_nodes_operator_is_heard_by_who_leads_and_by_nobody_else()
    {
        Follow(B);
        Hear(C, new PaxosMessage.MakeWay(C));
        Follow(A, 6);
        Assert.Empty(Told<PaxosInput.Transfer>());
        Hear(C, new PaxosMessage.MakeWay(C));
        Assert.Equal([new Told(Part.Proposer, new PaxosInput.Transfer(C))], Told<PaxosInput.Transfer>());
    }

    private static CommandId Id(ulong sequence) => new(Client(5), sequence);

    private PaxosInput.Submit Command(ulong sequence, long deadline) =>
        new PaxosInput.Submit(CommandOf(sequence, Client(5)), false, _now + deadline);

    private PaxosInput.Read LinearizableRead(ulong number, long deadline = 500) =>
        new PaxosInput.Read(number, new ReadKind.Linearizable(), _now + deadline);

    private void Submit(ulong sequence, long deadline = 5000) => Step(Command(sequence, deadline));

    private void Follow(NodeId leader, ulong number = 5) => Step(new PaxosInput.Following(new Ballot(number, leader)));

    private void Hear(NodeId from, PaxosMessage message) => Step(new PaxosInput.Received(from, message));

    private List<Told> Told<T>()
        where T : PaxosInput => [.. _all.SelectMany(ready => ready.Tell).Where(told => told.Input is T)];

    private void Step(PaxosInput input)
    {
        var ready = _gateway.Step(input, _now);
        _wakeAt = ready.WakeAt;
        _all.Add(ready);
    }

    private void Tick(long later)
    {
        _now += later;
        Step(new PaxosInput.Tick());
    }
}
