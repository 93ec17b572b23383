using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Wire;

/// <summary>One or more of every message that there is.</summary>
internal static class Messages
{
    public static readonly NodeId Left = new(UInt128.MaxValue - 5);
    public static readonly NodeId Right = new(7);
    public static readonly Ballot Ballot = new(12, Left);
    public static readonly GroupId Group = new("ledger");

    public static Batch Small { get; } = Batch.Of([Command(1, 20), Command(2, 0)], 1_700_000_000_123);

    /// <summary>Compresses well, and is over the size from which that is tried.</summary>
    public static Batch Large { get; } = Batch.Of([.. Enumerable.Range(1, 40).Select(i => Command(i, 256))], -5);

    public static IEnumerable<PaxosMessage> All()
    {
        var meta = Payload.Copy([1, 2, 3]);
        var vote = new Vote(new Slot(9), new Ballot(3, Right), Small);
        yield return new PaxosMessage.Prepare(Ballot, new Slot(4), new Ballot(11, Right), meta);
        yield return new PaxosMessage.Prepare(Ballot, Slot.None, Ballot.None, Payload.Empty);
        yield return new PaxosMessage.Promise(Ballot, new Slot(4), new Slot(3), [vote, vote with { Batch = Large }, vote with { Batch = Batch.NoOp(3) }], Slot.Last, meta);
        yield return new PaxosMessage.Promise(Ballot, new Slot(4), Slot.None, [], new Slot(8), Payload.Empty);
        yield return new PaxosMessage.Accept(
            Ballot, new Slot(1), new Slot(5), [new(Small.Digest, Small), new(Large.Digest, null), new(Large.Digest, Large)], new Slot(4), -17);
        yield return new PaxosMessage.Accepted(Ballot, new Slot(8), 77, 5, new Slot(6), meta);
        foreach (var reason in Enum.GetValues<NackReason>())
        {
            yield return new PaxosMessage.Nack(Ballot, reason, new Ballot(13, Right), new Slot(2), new Slot(1), 250, meta);
        }

        yield return new PaxosMessage.Pulse(Ballot, new Slot(1), new Slot(9), 4, 1_000, 700);
        yield return new PaxosMessage.Pulsed(Ballot, 4, 1_000, 0, new Slot(9), new Slot(8));
        yield return new PaxosMessage.CommitById(new Slot(3), [Small.Digest, Large.Digest]);
        yield return new PaxosMessage.Commit(new Slot(3), [Small, Large, Batch.NoOp(0)], new Slot(5), new Slot(1));
        yield return new PaxosMessage.Commit(new Slot(3), [], Slot.None, Slot.None);
        yield return new PaxosMessage.Fetch(new Slot(3));
        yield return new PaxosMessage.Caught(new Slot(3));
        yield return new PaxosMessage.Heartbeat(9, 123);
        yield return new PaxosMessage.HeartbeatAnswer(9, 123, Ballot, new Ballot(2, Right), true, new Checkpoint(new Slot(8), Small.Digest));
        yield return new PaxosMessage.HeartbeatAnswer(0, 0, Ballot.None, Ballot.None, false, default);
        yield return new PaxosMessage.TimeoutNow(Ballot);
        yield return new PaxosMessage.Forward([Command(1, 4), Command(2, 0)], IsChange: false);
        yield return new PaxosMessage.Forward([Command(1, 4)], IsChange: true);
        var id = Command(1, 0).Id;
        yield return new PaxosMessage.ForwardAnswer([new CommandAnswer.Applied(id, new Slot(4), meta), new CommandAnswer.Unknown(id)]);
        yield return new PaxosMessage.ForwardAnswer(
            [.. Enum.GetValues<NotCommittedReason>().Select(reason => new CommandAnswer.NotCommitted(id, reason))]);
        yield return new PaxosMessage.ReadIndex(8);
        yield return new PaxosMessage.ReadIndexAnswer(8, Slot.Last);
        yield return new PaxosMessage.MakeWay(Right);
        yield return new PaxosMessage.SnapshotOffer(new SnapshotInfo(Small.Digest, new Slot(100), 1L << 40));
        yield return new PaxosMessage.SnapshotRequest(Small.Digest, 1L << 33, 65_536);
        yield return new PaxosMessage.SnapshotChunk(Small.Digest, 12, meta, Large.Digest);
    }

    public static Command Command(int number, int size) => new(
        new CommandId(new ClientId(((UInt128)(uint)number << 64) | 1), (ulong)number), 1, Payload.Copy([.. Enumerable.Range(0, size).Select(i => (byte)(i % 7))]));
}
