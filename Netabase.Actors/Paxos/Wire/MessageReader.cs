using System.Collections.Immutable;
using Netabase.Protocol.Paxos;
using static Netabase.Actors.Paxos.Wire.WireParts;

namespace Netabase.Actors.Paxos.Wire;

/// <summary>Reads messages: what is not wholly one of ours, to the last byte, is none.</summary>
internal static class MessageReader
{
    private static readonly int LastNack = (int)NackReason.Refused;
    private static readonly int LastNotCommitted = (int)NotCommittedReason.TooLarge;

    /// <exception cref="RecordFormatException">The bytes are no message, or beyond a bound.</exception>
    public static Envelope Read(ReadOnlySpan<byte> frame, GroupId group, BatchPacking packing)
    {
        var reader = new WireReader(frame);
        var config = new ConfigId(GetNumber(ref reader, 1));
        var from = GetNode(ref reader, 2);
        var to = GetNode(ref reader, 3);
        var tag = reader.ReadTag();
        if ((tag & 7) != WireKind.Bytes || tag >> 3 < MessageWriter.FirstMessageField)
        {
            throw new RecordFormatException("A frame carries no message.");
        }

        var outer = reader.BeginLength();
        var message = ReadBody(ref reader, (MessageKind)((tag >> 3) - MessageWriter.FirstMessageField + 1), packing);
        reader.EndLength(outer);
        return reader.IsAtEnd
            ? new Envelope(group, config, from, to, message)
            : throw new RecordFormatException("A message is followed by more.");
    }

    private static PaxosMessage ReadBody(ref WireReader reader, MessageKind kind, BatchPacking packing) => kind switch
    {
        MessageKind.Prepare => new PaxosMessage.Prepare(
            GetBallot(ref reader, 1), GetSlot(ref reader, 3), GetBallot(ref reader, 4), GetBytes(ref reader, 6)),
        MessageKind.Promise => new PaxosMessage.Promise(
            GetBallot(ref reader, 1), GetSlot(ref reader, 3), GetSlot(ref reader, 4), ReadVotes(ref reader, 5, packing), GetSlotOrLast(ref reader, 6),
            GetBytes(ref reader, 7)),
        MessageKind.Accept => new PaxosMessage.Accept(
            GetBallot(ref reader, 1), GetSlot(ref reader, 3), GetSlot(ref reader, 4), ReadProposals(ref reader, 5, packing), GetSlot(ref reader, 6),
            GetSigned(ref reader, 7)),
        MessageKind.Accepted => new PaxosMessage.Accepted(
            GetBallot(ref reader, 1), GetSlot(ref reader, 3), GetNumber(ref reader, 4), GetSigned(ref reader, 5), GetSlot(ref reader, 6),
            GetBytes(ref reader, 7)),
        MessageKind.Nack => new PaxosMessage.Nack(
            GetBallot(ref reader, 1), (NackReason)GetChoice(ref reader, 3, LastNack), GetBallot(ref reader, 4), GetSlot(ref reader, 6),
            GetSlot(ref reader, 7), GetSigned(ref reader, 8), GetBytes(ref reader, 9)),
        MessageKind.Pulse => new PaxosMessage.Pulse(
            GetBallot(ref reader, 1), GetSlot(ref reader, 3), GetSlot(ref reader, 4), GetNumber(ref reader, 5), GetSigned(ref reader, 6),
            GetSigned(ref reader, 7)),
        MessageKind.Pulsed => new PaxosMessage.Pulsed(
            GetBallot(ref reader, 1), GetNumber(ref reader, 3), GetSigned(ref reader, 4), GetSigned(ref reader, 5), GetSlot(ref reader, 6),
            GetSlot(ref reader, 7)),
        MessageKind.CommitById => new PaxosMessage.CommitById(GetSlot(ref reader, 1), ReadDigests(ref reader, 2)),
        MessageKind.Commit => new PaxosMessage.Commit(
            GetSlot(ref reader, 1), ReadBatches(ref reader, 2, packing), GetSlot(ref reader, 3), GetSlot(ref reader, 4)),
        MessageKind.Fetch => new PaxosMessage.Fetch(GetSlot(ref reader, 1)),
        MessageKind.Caught => new PaxosMessage.Caught(GetSlot(ref reader, 1)),
        MessageKind.Heartbeat => new PaxosMessage.Heartbeat(GetNumber(ref reader, 1), GetSigned(ref reader, 2)),
        MessageKind.HeartbeatAnswer => new PaxosMessage.HeartbeatAnswer(
            GetNumber(ref reader, 1), GetSigned(ref reader, 2), GetBallot(ref reader, 3), GetBallot(ref reader, 5), GetFlag(ref reader, 7),
            new Checkpoint(GetSlot(ref reader, 8), GetDigest(ref reader, 9))),
        MessageKind.TimeoutNow => new PaxosMessage.TimeoutNow(GetBallot(ref reader, 1)),
        MessageKind.Forward => new PaxosMessage.Forward(GetList(ref reader, 1, ReadCommand), GetFlag(ref reader, 2)),
        MessageKind.ForwardAnswer => new PaxosMessage.ForwardAnswer(GetList(ref reader, 1, ReadAnswer)),
        MessageKind.ReadIndex => new PaxosMessage.ReadIndex(GetNumber(ref reader, 1)),
        MessageKind.ReadIndexAnswer => new PaxosMessage.ReadIndexAnswer(GetNumber(ref reader, 1), GetSlotOrLast(ref reader, 2)),
        MessageKind.SnapshotOffer => new PaxosMessage.SnapshotOffer(
            new SnapshotInfo(GetDigest(ref reader, 1), GetSlot(ref reader, 2), GetSize(ref reader, 3))),
        MessageKind.SnapshotRequest => new PaxosMessage.SnapshotRequest(GetDigest(ref reader, 1), GetSize(ref reader, 2), (int)GetSize(ref reader, 3, int.MaxValue)),
        MessageKind.SnapshotChunk => new PaxosMessage.SnapshotChunk(
            GetDigest(ref reader, 1), GetSize(ref reader, 2), GetBytes(ref reader, 3), GetDigest(ref reader, 4)),
        MessageKind.MakeWay => new PaxosMessage.MakeWay(GetNode(ref reader, 1)),
        _ => throw new RecordFormatException($"There is no message of kind {(int)kind}."),
    };

    private static long GetSize(ref WireReader reader, uint field, long highest = long.MaxValue) => GetSigned(ref reader, field) is var size && size >= 0 && size <= highest
        ? size
        : throw new RecordFormatException("A size or offset that cannot be.");

    private static ImmutableArray<Vote> ReadVotes(ref WireReader reader, uint field, BatchPacking packing) => GetList(
        ref reader,
        field,
        (ref WireReader one) => new Vote(GetSlot(ref one, 1), GetBallot(ref one, 2), TryGetBatch(ref one, 4, packing) ?? throw NoBatch()));

    private static ImmutableArray<Proposal> ReadProposals(ref WireReader reader, uint field, BatchPacking packing) => GetList(
        ref reader,
        field,
        (ref WireReader one) =>
        {
            var digest = TryGetDigest(ref one, 1);
            var batch = TryGetBatch(ref one, 2, packing);
            return digest is null == batch is null
                ? throw new RecordFormatException("A proposal has a digest or a batch.")
                : new Proposal(digest ?? batch!.Digest, batch);
        });

    private static ImmutableArray<Batch> ReadBatches(ref WireReader reader, uint field, BatchPacking packing) =>
        GetList(ref reader, field, (ref WireReader one) => TryGetBatch(ref one, 1, packing) ?? throw NoBatch());

    private static ImmutableArray<Digest> ReadDigests(ref WireReader reader, uint field)
    {
        var digests = ImmutableArray.CreateBuilder<Digest>();
        while (TryGetDigest(ref reader, field) is { } digest)
        {
            digests.Add(digest);
        }

        return digests.DrainToImmutable();
    }

    private static Command ReadCommand(ref WireReader reader) =>
        new(GetCommandId(ref reader, 1), GetNumber(ref reader, 3), GetBytes(ref reader, 4));

    private static CommandAnswer ReadAnswer(ref WireReader reader)
    {
        var id = GetCommandId(ref reader, 1);
        return GetChoice(ref reader, 3, 2) switch
        {
            0 => new CommandAnswer.Applied(id, GetSlot(ref reader, 4), GetBytes(ref reader, 5)),
            1 => new CommandAnswer.NotCommitted(id, (NotCommittedReason)GetChoice(ref reader, 6, LastNotCommitted)),
            _ => new CommandAnswer.Unknown(id),
        };
    }

    private static RecordFormatException NoBatch() => new("A batch is missing.");
}
