using System.Buffers.Binary;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos;

/// <summary>
/// What an acceptor's journal holds, in the order it happened. The journal is given plain bytes, kind (1) and body, since whatever
/// else it was given a plugin would choose the serializer of, and the application's system its default.
/// </summary>
internal abstract record AcceptorEvent
{
    private const byte BornKind = 1;
    private const byte WroteKind = 2;
    private const byte KeptKind = 3;
    private const int LifeEnd = 17;

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
        Born born => Head(new byte[LifeEnd], BornKind, born.Life),
        Wrote wrote => Head(AcceptorWriteCodec.Write(wrote.Write, room: 1), WroteKind),
        Kept kept => Head(AcceptorWriteCodec.Write(kept.All, LifeEnd), KeptKind, kept.Life),
        _ => throw new InvalidOperationException($"{GetType()} has no kind."),
    };

    /// <summary>The event that was kept.</summary>
    /// <exception cref="StoreException">Incompatible: of a later version. Damaged: not what was written.</exception>
    public static AcceptorEvent Decode(object kept) => kept is not byte[] { Length: > 0 } bytes ? throw Damaged() : bytes[0] switch
    {
        BornKind when bytes.Length == LifeEnd => new Born(ReadLife(bytes)),
        WroteKind => new Wrote(AcceptorWriteCodec.Read(bytes.AsMemory(1))),
        KeptKind when bytes.Length > LifeEnd => new Kept(ReadLife(bytes), AcceptorWriteCodec.Read(bytes.AsMemory(LifeEnd))),
        > KeptKind => throw new StoreException(StoreError.Incompatible, $"the acceptor's journal holds an event of kind {bytes[0]}, which this version of Netabase does not know"),
        _ => throw Damaged(),
    };

    private static byte[] Head(byte[] bytes, byte kind)
    {
        bytes[0] = kind;
        return bytes;
    }

    private static byte[] Head(byte[] bytes, byte kind, NodeId life)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(1), life.Value);
        return Head(bytes, kind);
    }

    private static NodeId ReadLife(byte[] bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes.AsSpan(1)));

    private static StoreException Damaged() => new(StoreError.Damaged, "an event of the acceptor's journal is not what was written");
}
