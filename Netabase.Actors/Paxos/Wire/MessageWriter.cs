using System.Collections.Immutable;
using Netabase.Protocol.Paxos;
using static Netabase.Actors.Paxos.Wire.WireParts;

namespace Netabase.Actors.Paxos.Wire;

/// <summary>Writes messages; <c>specs/wire.md</c> has the table.</summary>
internal static class MessageWriter
{
    /// <summary>The field in which a message of the first kind stands; the others follow.</summary>
    public const uint FirstMessageField = 4;

    /// <summary>An envelope without its group, which the stream's hello has named.</summary>
    public static void Write(ref WireWriter writer, Envelope envelope, BatchPacking packing)
    {
        Put(ref writer, 1, envelope.Config.Number);
        Put(ref writer, 2, envelope.From);
        Put(ref writer, 3, envelope.To);
        var kind = KindOf(envelope.Message);
        var nested = writer.BeginLength(Bytes(FirstMessageField + (uint)kind - 1));
        WriteBody(ref writer, envelope.Message, packing);
        writer.EndLength(nested);
    }

    private static MessageKind KindOf(PaxosMessage message) => message switch
    {
        PaxosMessage.Prepare => MessageKind.Prepare,
        PaxosMessage.Promise => MessageKind.Promise,
        PaxosMessage.Accept => MessageKind.Accept,
        PaxosMessage.Accepted => MessageKind.Accepted,
        PaxosMessage.Nack => MessageKind.Nack,
        PaxosMessage.Pulse => MessageKind.Pulse,
        PaxosMessage.Pulsed => MessageKind.Pulsed,
        PaxosMessage.CommitById => MessageKind.CommitById,
        PaxosMessage.Commit => MessageKind.Commit,
        PaxosMessage.Fetch => MessageKind.Fetch,
        PaxosMessage.Caught => MessageKind.Caught,
        PaxosMessage.Heartbeat => MessageKind.Heartbeat,
        PaxosMessage.HeartbeatAnswer => MessageKind.HeartbeatAnswer,
        PaxosMessage.TimeoutNow => MessageKind.TimeoutNow,
        PaxosMessage.Forward => MessageKind.Forward,
        PaxosMessage.ForwardAnswer => MessageKind.ForwardAnswer,
        PaxosMessage.ReadIndex => MessageKind.ReadIndex,
        PaxosMessage.ReadIndexAnswer => MessageKind.ReadIndexAnswer,
        PaxosMessage.SnapshotOffer => MessageKind.SnapshotOffer,
        PaxosMessage.SnapshotRequest => MessageKind.SnapshotRequest,
        PaxosMessage.SnapshotChunk => MessageKind.SnapshotChunk,
        PaxosMessage.MakeWay => MessageKind.MakeWay,
        _ => throw new ArgumentException($"{message.GetType().Name} has no number on the wire."),
    };

    private static void WriteBody(ref WireWriter writer, PaxosMessage message, BatchPacking packing)
    {
        switch (message)
        {
            case PaxosMessage.Prepare or PaxosMessage.Promise or PaxosMessage.Accept or PaxosMessage.Accepted or PaxosMessage.Nack:
                WritePhase(ref writer, message, packing);
                break;
            case PaxosMessage.Pulse or PaxosMessage.Pulsed or PaxosMessage.Heartbeat or PaxosMessage.HeartbeatAnswer or PaxosMessage.TimeoutNow:
                WritePulse(ref writer, message);
                break;
            case PaxosMessage.CommitById or PaxosMessage.Commit or PaxosMessage.Fetch or PaxosMessage.Caught:
                WriteChosen(ref writer, message, packing);
                break;
            case PaxosMessage.Forward or PaxosMessage.ForwardAnswer or PaxosMessage.ReadIndex or PaxosMessage.ReadIndexAnswer or PaxosMessage.MakeWay:
                WriteCall(ref writer, message);
                break;
            default:
                WriteSnapshot(ref writer, message);
                break;
        }
    }

    private static void WritePhase(ref WireWriter writer, PaxosMessage message, BatchPacking packing)
    {
        switch (message)
        {
            case PaxosMessage.Prepare prepare:
                Put(ref writer, 1, prepare.Ballot);
                Put(ref writer, 3, prepare.From);
                Put(ref writer, 4, prepare.Handover);
                Put(ref writer, 6, prepare.Candidate);
                break;
            case PaxosMessage.Promise promise:
                Put(ref writer, 1, promise.Ballot);
                Put(ref writer, 3, promise.From);
                Put(ref writer, 4, promise.ChosenThrough);
                WriteVotes(ref writer, 5, promise.Votes, packing);
                Put(ref writer, 6, promise.Through);
                Put(ref writer, 7, promise.Yea);
                break;
            case PaxosMessage.Accept accept:
                Put(ref writer, 1, accept.Ballot);
                Put(ref writer, 3, accept.Base);
                Put(ref writer, 4, accept.First);
                WriteProposals(ref writer, 5, accept.Proposals, packing);
                Put(ref writer, 6, accept.ChosenThrough);
                Put(ref writer, 7, accept.SentAt);
                break;
            case PaxosMessage.Accepted accepted:
                Put(ref writer, 1, accepted.Ballot);
                Put(ref writer, 3, accepted.Through);
                Put(ref writer, 4, accepted.WriteSeq);
                Put(ref writer, 5, accepted.SentAt);
                Put(ref writer, 6, accepted.ChosenThrough);
                Put(ref writer, 7, accepted.Yea);
                break;
            case PaxosMessage.Nack nack:
                Put(ref writer, 1, nack.Ballot);
                Put(ref writer, 3, (ulong)nack.Reason);
                Put(ref writer, 4, nack.Seen);
                Put(ref writer, 6, nack.Slot);
                Put(ref writer, 7, nack.ChosenThrough);
                Put(ref writer, 8, nack.RetryAfter);
                Put(ref writer, 9, nack.Meta);
                break;
        }
    }

    private static void WritePulse(ref WireWriter writer, PaxosMessage message)
    {
        switch (message)
        {
            case PaxosMessage.Pulse pulse:
                Put(ref writer, 1, pulse.Ballot);
                Put(ref writer, 3, pulse.Base);
                Put(ref writer, 4, pulse.ChosenThrough);
                Put(ref writer, 5, pulse.Round);
                Put(ref writer, 6, pulse.SentAt);
                Put(ref writer, 7, pulse.LeaseFor);
                break;
            case PaxosMessage.Pulsed pulsed:
                Put(ref writer, 1, pulsed.Ballot);
                Put(ref writer, 3, pulsed.Round);
                Put(ref writer, 4, pulsed.SentAt);
                Put(ref writer, 5, pulsed.LeaseFor);
                Put(ref writer, 6, pulsed.Through);
                Put(ref writer, 7, pulsed.ChosenThrough);
                break;
            case PaxosMessage.Heartbeat heartbeat:
                Put(ref writer, 1, heartbeat.Round);
                Put(ref writer, 2, heartbeat.SentAt);
                break;
            case PaxosMessage.HeartbeatAnswer answer:
                Put(ref writer, 1, answer.Round);
                Put(ref writer, 2, answer.SentAt);
                Put(ref writer, 3, answer.Own);
                Put(ref writer, 5, answer.Leader);
                writer.Write(Number(7), answer.Happy);
                Put(ref writer, 8, answer.Applied.Slot);
                Put(ref writer, 9, answer.Applied.Chain);
                break;
            case PaxosMessage.TimeoutNow now:
                Put(ref writer, 1, now.Ballot);
                break;
        }
    }

    private static void WriteChosen(ref WireWriter writer, PaxosMessage message, BatchPacking packing)
    {
        switch (message)
        {
            case PaxosMessage.CommitById commit:
                Put(ref writer, 1, commit.First);
                foreach (var digest in commit.Digests)
                {
                    Put(ref writer, 2, digest);
                }

                break;
            case PaxosMessage.Commit commit:
                Put(ref writer, 1, commit.First);
                foreach (var batch in commit.Batches)
                {
                    var nested = writer.BeginLength(Bytes(2));
                    Put(ref writer, 1, batch, packing);
                    writer.EndLength(nested);
                }

                Put(ref writer, 3, commit.ChosenThrough);
                Put(ref writer, 4, commit.FirstAvailable);
                break;
            case PaxosMessage.Fetch fetch:
                Put(ref writer, 1, fetch.From);
                break;
            case PaxosMessage.Caught caught:
                Put(ref writer, 1, caught.Through);
                break;
        }
    }

    private static void WriteCall(ref WireWriter writer, PaxosMessage message)
    {
        switch (message)
        {
            case PaxosMessage.Forward forward:
                foreach (var command in forward.Commands)
                {
                    var nested = writer.BeginLength(Bytes(1));
                    Put(ref writer, 1, command.Id);
                    Put(ref writer, 3, command.AnsweredBelow);
                    Put(ref writer, 4, command.Body);
                    writer.EndLength(nested);
                }

                writer.Write(Number(2), forward.IsChange);
                break;
            case PaxosMessage.ForwardAnswer answer:
                foreach (var one in answer.Answers)
                {
                    var nested = writer.BeginLength(Bytes(1));
                    WriteAnswer(ref writer, one);
                    writer.EndLength(nested);
                }

                break;
            case PaxosMessage.ReadIndex read:
                Put(ref writer, 1, read.Request);
                break;
            case PaxosMessage.ReadIndexAnswer answer:
                Put(ref writer, 1, answer.Request);
                Put(ref writer, 2, answer.Slot);
                break;
            case PaxosMessage.MakeWay wish:
                Put(ref writer, 1, wish.Target);
                break;
        }
    }

    private static void WriteSnapshot(ref WireWriter writer, PaxosMessage message)
    {
        switch (message)
        {
            case PaxosMessage.SnapshotOffer offer:
                Put(ref writer, 1, offer.Snapshot.Id);
                Put(ref writer, 2, offer.Snapshot.Through);
                Put(ref writer, 3, offer.Snapshot.Size);
                break;
            case PaxosMessage.SnapshotRequest request:
                Put(ref writer, 1, request.Id);
                Put(ref writer, 2, request.Offset);
                Put(ref writer, 3, (long)request.Length);
                break;
            case PaxosMessage.SnapshotChunk chunk:
                Put(ref writer, 1, chunk.Id);
                Put(ref writer, 2, chunk.Offset);
                Put(ref writer, 3, chunk.Bytes);
                Put(ref writer, 4, chunk.Check);
                break;
        }
    }

    private static void WriteVotes(ref WireWriter writer, uint field, ImmutableArray<Vote> votes, BatchPacking packing)
    {
        foreach (var vote in votes)
        {
            var nested = writer.BeginLength(Bytes(field));
            Put(ref writer, 1, vote.Slot);
            Put(ref writer, 2, vote.Ballot);
            Put(ref writer, 4, vote.Batch, packing);
            writer.EndLength(nested);
        }
    }

    /// <summary>A batch that comes along has its digest in itself.</summary>
    private static void WriteProposals(ref WireWriter writer, uint field, ImmutableArray<Proposal> proposals, BatchPacking packing)
    {
        foreach (var proposal in proposals)
        {
            var nested = writer.BeginLength(Bytes(field));
            if (proposal.Batch is { } batch)
            {
                Put(ref writer, 2, batch, packing);
            }
            else
            {
                Put(ref writer, 1, proposal.Digest);
            }

            writer.EndLength(nested);
        }
    }

    private static void WriteAnswer(ref WireWriter writer, CommandAnswer answer)
    {
        Put(ref writer, 1, answer.Id);
        switch (answer)
        {
            case CommandAnswer.Applied applied:
                Put(ref writer, 4, applied.Slot);
                Put(ref writer, 5, applied.Outcome);
                break;
            case CommandAnswer.NotCommitted refused:
                Put(ref writer, 3, 1UL);
                Put(ref writer, 6, (ulong)refused.Reason);
                break;
            default:
                Put(ref writer, 3, 2UL);
                break;
        }
    }
}
