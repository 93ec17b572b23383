using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Nodes, ballots and batches to write specs with.</summary>
internal static class PaxosSamples
{
    public static readonly NodeId A = new(1);
    public static readonly NodeId B = new(2);
    public static readonly NodeId C = new(3);

    public static PaxosSettings Settings { get; } = new(
        ElectionTimeout: 1000, HeartbeatInterval: 200, ResendAfter: 100, BatchCommandsMax: 100, BatchBytesMax: 65536, EagerRounds: 2,
        QueuedCommandsMax: 1000, QueuedBytesMax: 1 << 20, InFlightBytesMax: 1 << 20, AheadMax: 256, KeepSlots: 16, LogBytesMax: 1 << 20,
        ChunkBytes: 4096, ChunksInFlight: 4, GatewayCallsMax: 100, LeaseDuration: 0, ClockDriftPpm: 100_000, SessionExpiry: 10_000,
        SessionsMax: 3, SessionOutcomesMax: 4, ReadRoundWait: 0);

    public static Member MemberOf(NodeId node) => new(node, Payload.Copy([(byte)(ulong)node.Value]));

    public static Membership Three(int window = 4) => Membership.Founded([MemberOf(A), MemberOf(B), MemberOf(C)], window);

    public static ClientId Client(long born, int which = 0) => ClientId.Create(born, (UInt128)which << 48);

    public static Command CommandOf(ulong sequence, ClientId client, ulong answeredBelow = 0, params byte[] body) =>
        new(new CommandId(client, sequence), answeredBelow, Payload.Copy(body));

    public static Batch BatchOf(byte body) => Batch.Of([CommandOf(1, Client(5), 0, body)], 5);

    public static Batch ChangeOf(MembershipChange change, ulong sequence = 1) =>
        Batch.Of(new CommandId(Client(5, 9), sequence), 0, change, 5);

    public static PaxosInput Prepare(Ballot ballot, ulong from = 1, Ballot handover = default) =>
        new PaxosInput.Received(ballot.Owner, new PaxosMessage.Prepare(ballot, new Slot(from), handover, default));

    public static PaxosInput Accept(Ballot ballot, ulong first, params Batch[] batches) =>
        new PaxosInput.Received(ballot.Owner, new PaxosMessage.Accept(
            ballot, new Slot(1), new Slot(first), [.. batches.Select(batch => new Proposal(batch.Digest, batch))], Slot.None, 7));

    public static PaxosInput Pulse(Ballot ballot, long leaseFor = 0) =>
        new PaxosInput.Received(ballot.Owner, new PaxosMessage.Pulse(ballot, new Slot(1), Slot.None, 1, 7, leaseFor));
}
