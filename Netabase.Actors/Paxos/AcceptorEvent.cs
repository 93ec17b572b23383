using System.Buffers.Binary;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Rows;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos;

/// <summary>
/// What an acceptor's journal holds, in the order it happened. The journal is given plain bytes, kind (1), body and CRC-32C over both (4,
/// little-endian), since whatever else it was given a plugin would choose the serializer of, and the application's system its default.
/// Databases trust the disk under them: without the checksum a bit that fell over there would be another promise.
/// </summary>
internal abstract record AcceptorEvent
{
    private const byte BornKind = 0x11;
    private const byte WroteKind = 0x12;
    private const byte KeptKind = 0x13;

    // The same without a checksum, as they were written at first.
    private const byte FirstBornKind = 1;
    private const byte FirstWroteKind = 2;
    private const byte FirstKeptKind = 3;
    private const int LifeEnd = 17;
    private const int CheckSize = 4;

    private AcceptorEvent()
    {
    }

    /// <summary>The first event of all: this disk's life begins, and its name is here and nowhere else.</summary>
    public sealed record Born(NodeId Life) : AcceptorEvent;

    /// <summary>One durable change, whatever had gathered for it.</summary>
    public sealed record Wrote(AcceptorWrite Write) : AcceptorEvent;

    /// <summary>A snapshot: everything before it.</summary>
    public sealed record Kept(NodeId Life, AcceptorWrite All) : AcceptorEvent;

    /// <summary>The bytes that are kept.</summary>
    public byte[] Encode() => this switch
    {
        Born born => Sealed(WithLife(new byte[LifeEnd + CheckSize], born.Life), BornKind),
        Wrote wrote => Sealed(AcceptorWriteCodec.Write(wrote.Write, 1, CheckSize), WroteKind),
        Kept kept => Sealed(WithLife(AcceptorWriteCodec.Write(kept.All, LifeEnd, CheckSize), kept.Life), KeptKind),
        _ => throw new InvalidOperationException($"{GetType()} has no kind."),
    };

    /// <summary>The event that was kept.</summary>
    /// <exception cref="StoreException">Incompatible: of a later version. Damaged: not what was written.</exception>
    public static AcceptorEvent Decode(object kept) => kept is not byte[] { Length: > 0 } bytes ? throw Damaged() : bytes[0] switch
    {
        BornKind => ReadBorn(Unsealed(bytes)),
        WroteKind => new Wrote(AcceptorWriteCodec.Read(Unsealed(bytes)[1..])),
        KeptKind => ReadKept(Unsealed(bytes)),
        FirstBornKind => ReadBorn(bytes),
        FirstWroteKind => new Wrote(AcceptorWriteCodec.Read(bytes.AsMemory(1))),
        FirstKeptKind => ReadKept(bytes),
        0 => throw Damaged(),
        var kind => throw new StoreException(StoreError.Incompatible, $"the acceptor's journal holds an event of kind {kind}, which this version of Netabase does not know"),
    };

    private static Born ReadBorn(ReadOnlyMemory<byte> bytes) => bytes.Length == LifeEnd ? new Born(ReadLife(bytes.Span)) : throw Damaged();

    private static Kept ReadKept(ReadOnlyMemory<byte> bytes) =>
        bytes.Length > LifeEnd ? new Kept(ReadLife(bytes.Span), AcceptorWriteCodec.Read(bytes[LifeEnd..])) : throw Damaged();

    private static byte[] WithLife(byte[] bytes, NodeId life)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(1), life.Value);
        return bytes;
    }

    private static byte[] Sealed(byte[] bytes, byte kind)
    {
        bytes[0] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - CheckSize), RowFormat.Checksum([], bytes.AsSpan(0, bytes.Length - CheckSize)));
        return bytes;
    }

    private static ReadOnlyMemory<byte> Unsealed(byte[] bytes)
    {
        var end = bytes.Length - CheckSize;
        return end > 0 && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(end)) == RowFormat.Checksum([], bytes.AsSpan(0, end))
            ? bytes.AsMemory(0, end)
            : throw Damaged();
    }

    private static NodeId ReadLife(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes[1..]));

    private static StoreException Damaged() => new(StoreError.Damaged, "an event of the acceptor's journal is not what was written");
}
