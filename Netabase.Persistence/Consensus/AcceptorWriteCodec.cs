using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Protocol.Paxos;

namespace Netabase.Persistence.Consensus;

/// <summary>
/// One durable change of an acceptor as bytes of its journal. Version (1), flags (1), write (8), chosen through (8), truncated through
/// (8), the promise where the flag says so (8 + 16), count (4), then per vote slot (8), ballot (8 + 16), length (4), the batch's
/// canonical bytes; little-endian. A snapshot of the journal is one such change that holds everything.
/// </summary>
public static class AcceptorWriteCodec
{
    /// <summary>The version written; read are this and all before it.</summary>
    public const byte Version = 1;

    private const byte HasPromise = 1;
    private const int HeaderSize = 30;
    private const int BallotSize = 24;
    private const int VoteHeaderSize = 8 + BallotSize + 4;

    /// <summary>The bytes of a change.</summary>
    /// <param name="write">The change.</param>
    /// <param name="room">So many bytes in front of it are the caller's, so that what frames it need not copy it.</param>
    /// <param name="tail">And so many after it.</param>
    public static byte[] Write(AcceptorWrite write, int room = 0, int tail = 0)
    {
        ArgumentNullException.ThrowIfNull(write);
        var size = room + tail + HeaderSize + (write.Promised is null ? 0 : BallotSize);
        foreach (var vote in write.Votes)
        {
            size = checked(size + VoteHeaderSize + vote.Batch.Bytes.Length);
        }

        var bytes = new byte[size];
        var at = bytes.AsSpan(room);
        at[0] = Version;
        at[1] = write.Promised is null ? (byte)0 : HasPromise;
        BinaryPrimitives.WriteUInt64LittleEndian(at[2..], write.WriteSeq);
        BinaryPrimitives.WriteUInt64LittleEndian(at[10..], write.ChosenThrough.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(at[18..], write.TruncatedThrough.Number);
        BinaryPrimitives.WriteInt32LittleEndian(at[26..], write.Votes.Length);
        at = at[HeaderSize..];
        if (write.Promised is { } promised)
        {
            at = WriteBallot(at, promised);
        }

        foreach (var vote in write.Votes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, vote.Slot.Number);
            at = WriteBallot(at[8..], vote.Ballot);
            BinaryPrimitives.WriteInt32LittleEndian(at, vote.Batch.Bytes.Length);
            vote.Batch.Bytes.Span.CopyTo(at[4..]);
            at = at[(4 + vote.Batch.Bytes.Length)..];
        }

        return bytes;
    }

    /// <summary>A change from its bytes.</summary>
    /// <exception cref="StoreException">Incompatible: of a later version. Damaged: not what was written.</exception>
    public static AcceptorWrite Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length > 0 && span[0] > Version)
        {
            throw new StoreException(StoreError.Incompatible, $"the acceptor's journal holds version {span[0]}; this version of Netabase reads up to {Version}");
        }

        if (span.Length < HeaderSize || span[0] != Version || span[1] > HasPromise)
        {
            throw Damaged();
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(span[26..]);
        var at = HeaderSize;
        Ballot? promised = null;
        if (span[1] == HasPromise)
        {
            promised = ReadBallot(Take(span, ref at, BallotSize));
        }

        var votes = ImmutableArray.CreateBuilder<Vote>();
        for (var i = 0; i < count; i++)
        {
            var header = Take(span, ref at, VoteHeaderSize);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header[(8 + BallotSize)..]);
            Take(span, ref at, length);
            votes.Add(new Vote(
                new Slot(BinaryPrimitives.ReadUInt64LittleEndian(header)),
                ReadBallot(header[8..]),
                Batch.TryRead(Payload.Copy(span.Slice(at - length, length)), out var batch) ? batch! : throw Damaged()));
        }

        return count >= 0 && at == span.Length
            ? new AcceptorWrite(
                BinaryPrimitives.ReadUInt64LittleEndian(span[2..]),
                promised,
                votes.DrainToImmutable(),
                new Slot(BinaryPrimitives.ReadUInt64LittleEndian(span[10..])),
                new Slot(BinaryPrimitives.ReadUInt64LittleEndian(span[18..])))
            : throw Damaged();
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> span, ref int at, int length)
    {
        if (length < 0 || span.Length - at < length)
        {
            throw Damaged();
        }

        at += length;
        return span.Slice(at - length, length);
    }

    private static Span<byte> WriteBallot(Span<byte> at, Ballot ballot)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(at, ballot.Number);
        BinaryPrimitives.WriteUInt128LittleEndian(at[8..], ballot.Owner.Value);
        return at[BallotSize..];
    }

    private static Ballot ReadBallot(ReadOnlySpan<byte> at) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(at), new NodeId(BinaryPrimitives.ReadUInt128LittleEndian(at[8..])));

    private static StoreException Damaged() => new(StoreError.Damaged, "an event of the acceptor's journal is not what was written");
}
