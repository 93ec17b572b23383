using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>A proposer on node A of three, with everybody else's lines spoken by the spec.</summary>
internal sealed class ProposerStage
{
    private readonly List<Ready> _all = [];

    public ProposerStage(PaxosSettings? settings = null, Membership? membership = null, ulong chosen = 0, ulong promised = 0)
    {
        Proposer = new Proposer(A, settings ?? Settings, 1);
        Step(new PaxosInput.Started());
        Step(new PaxosInput.Promised(promised == 0 ? Ballot.None : new Ballot(promised, B), IsAnswer: true));
        Learned(chosen, membership ?? Three());
        Hush();
    }

    public Proposer Proposer { get; }

    public long Now { get; set; } = 10_000;

    public Ballot Ballot { get; private set; } = new(5, A);

    public long? WakeAt { get; private set; }

    /// <summary>Everything sent since the last <see cref="Hush"/>.</summary>
    public List<Outgoing> Sent => [.. _all.SelectMany(ready => ready.SendNow)];

    public List<Told> Told => [.. _all.SelectMany(ready => ready.Tell)];

    public List<PaxosEvent> Events => [.. _all.SelectMany(ready => ready.Events)];

    public List<CommandAnswer> Refused => [.. Heard<PaxosInput.Refused>().SelectMany(refused => refused.Answers)];

    public void Hush() => _all.Clear();

    public Ready Step(PaxosInput input)
    {
        var ready = Proposer.Step(input, Now);
        _all.Add(ready);
        WakeAt = ready.WakeAt;
        return ready;
    }

    public void Tick(long later)
    {
        Now += later;
        Step(new PaxosInput.Tick());
    }

    public void Hear(NodeId from, PaxosMessage message) => Step(new PaxosInput.Received(from, message));

    public void Learned(ulong chosen, Membership membership) =>
        Step(new PaxosInput.Advanced(new Slot(chosen), new Slot(chosen), membership));

    public void Stand(ulong number = 5, Ballot handover = default)
    {
        Ballot = new Ballot(number, A);
        Step(new PaxosInput.Stand(Ballot, handover));
    }

    public void Promise(NodeId from, ulong asked = 1, ulong chosen = 0, params Vote[] votes) =>
        Hear(from, new PaxosMessage.Promise(Ballot, new Slot(asked), new Slot(chosen), [.. votes], Slot.Last, default));

    public void Accepted(NodeId from, ulong through, ulong chosen = 0) =>
        Hear(from, new PaxosMessage.Accepted(Ballot, new Slot(through), 1, Now, new Slot(chosen), default));

    public void Pulsed(NodeId from, ulong round, ulong through = 0, ulong chosen = 0, long? sentAt = null, long lease = 0) =>
        Hear(from, new PaxosMessage.Pulsed(Ballot, round, sentAt ?? Now, lease, new Slot(through), new Slot(chosen)));

    public void Nack(NodeId from, NackReason reason, Ballot seen = default, ulong slot = 0, ulong chosen = 0, long retryAfter = 0) =>
        Hear(from, new PaxosMessage.Nack(Ballot, reason, seen, new Slot(slot), new Slot(chosen), retryAfter, default));

    /// <summary>Leads from slot 1 on, its own no-op chosen there.</summary>
    public ProposerStage Lead()
    {
        Stand();
        Promise(A);
        Promise(B);
        Accepted(A, 1);
        Accepted(B, 1);
        Hush();
        return this;
    }

    public void Propose(params Command[] commands) => Step(new PaxosInput.Propose(A, [.. commands], false));

    public void Change(MembershipChange change, ulong sequence = 1) =>
        Step(new PaxosInput.Propose(A, [new Command(new CommandId(Client(5, 9), sequence), 0, change.Write())], true));

    /// <summary>Messages of one kind to one node, since the last <see cref="Hush"/>.</summary>
    public List<T> To<T>(NodeId node)
        where T : PaxosMessage => [.. Sent.Where(sent => sent.To == node).Select(sent => sent.Message).OfType<T>()];

    public List<T> Heard<T>()
        where T : PaxosInput => [.. Told.Select(told => told.Input).OfType<T>()];

    /// <summary>What a node was asked to vote for, as "slot:kind".</summary>
    public List<string> Proposed(NodeId node) => [.. To<PaxosMessage.Accept>(node).SelectMany(accept =>
        accept.Proposals.Select((proposal, i) => $"{accept.First.Plus(i)}:{proposal.Batch?.Kind.ToString() ?? "by id"}"))];
}
