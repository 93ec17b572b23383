using System.Collections.Immutable;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Wire;

/// <summary>
/// The parts that messages are made of, as fields in ascending order; a default value is left out and an unknown field is an error,
/// so that a message has one form.
/// </summary>
internal static class WireParts
{
    public static uint Number(uint field) => (field << 3) | WireKind.Varint;

    public static uint Bytes(uint field) => (field << 3) | WireKind.Bytes;

    public static void Put(ref WireWriter writer, uint field, ulong value) => writer.Write(Number(field), value);

    public static void Put(ref WireWriter writer, uint field, long value) => writer.Write(Number(field), value);

    public static void Put(ref WireWriter writer, uint field, Slot slot) => writer.Write(Number(field), slot.Number);

    public static void Put(ref WireWriter writer, uint field, NodeId node) => writer.Write(Bytes(field), node.Value);

    public static void Put(ref WireWriter writer, uint field, Payload bytes) => writer.Write(Bytes(field), bytes.Span);

    /// <summary>Two fields: the number, and in the next the owner.</summary>
    public static void Put(ref WireWriter writer, uint field, Ballot ballot)
    {
        writer.Write(Number(field), ballot.Number);
        writer.Write(Bytes(field + 1), ballot.Owner.Value);
    }

    public static void Put(ref WireWriter writer, uint field, Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        digest.Write(bytes);
        writer.WriteAlways(Bytes(field), bytes);
    }

    /// <summary>Two fields: the client, and in the next the sequence number.</summary>
    public static void Put(ref WireWriter writer, uint field, CommandId id)
    {
        writer.Write(Bytes(field), id.Client.Value);
        writer.Write(Number(field + 1), id.Sequence);
    }

    /// <summary>Two fields, of which one comes: the bytes, or in the next the packed bytes after their unpacked size.</summary>
    public static void Put(ref WireWriter writer, uint field, Batch batch, BatchPacking packing)
    {
        if (packing.Pack(batch) is not { } packed)
        {
            writer.WriteAlways(Bytes(field), batch.Bytes.Span);
            return;
        }

        var nested = writer.BeginLength(Bytes(field + 1));
        writer.Write(Number(1), (ulong)batch.Bytes.Length);
        writer.WriteAlways(Bytes(2), packed.Span);
        writer.EndLength(nested);
    }

    public static ulong GetNumber(ref WireReader reader, uint field) => reader.TryReadTag(Number(field)) ? reader.ReadUInt64() : 0;

    public static long GetSigned(ref WireReader reader, uint field) => reader.TryReadTag(Number(field)) ? reader.ReadInt64() : 0;

    /// <exception cref="RecordFormatException">No log comes there.</exception>
    public static Slot GetSlot(ref WireReader reader, uint field) => GetSlotOrLast(ref reader, field) is var slot && slot != Slot.Last
        ? slot
        : throw Beyond(slot.Number);

    /// <summary>Where <see cref="Slot.Last"/> has a meaning of its own.</summary>
    /// <exception cref="RecordFormatException">Another slot where no log comes.</exception>
    public static Slot GetSlotOrLast(ref WireReader reader, uint field)
    {
        var slot = new Slot(GetNumber(ref reader, field));
        return slot <= Slot.Highest || slot == Slot.Last ? slot : throw Beyond(slot.Number);
    }

    public static NodeId GetNode(ref WireReader reader, uint field) => new(GetWide(ref reader, field));

    public static Payload GetBytes(ref WireReader reader, uint field) => reader.TryReadTag(Bytes(field)) ? reader.ReadPayload() : Payload.Empty;

    public static bool GetFlag(ref WireReader reader, uint field) => reader.TryReadTag(Number(field)) && reader.ReadBool();

    /// <exception cref="RecordFormatException">No group comes to such a number.</exception>
    public static Ballot GetBallot(ref WireReader reader, uint field)
    {
        var number = GetNumber(ref reader, field);
        return number <= Ballot.HighestNumber ? new(number, GetNode(ref reader, field + 1)) : throw Beyond(number);
    }

    public static CommandId GetCommandId(ref WireReader reader, uint field) =>
        new(new ClientId(GetWide(ref reader, field)), GetNumber(ref reader, field + 1));

    /// <exception cref="RecordFormatException">There is none.</exception>
    public static Digest GetDigest(ref WireReader reader, uint field) =>
        TryGetDigest(ref reader, field) ?? throw new RecordFormatException("A digest is missing.");

    public static Digest? TryGetDigest(ref WireReader reader, uint field)
    {
        if (!reader.TryReadTag(Bytes(field)))
        {
            return null;
        }

        var bytes = reader.ReadPayload();
        return bytes.Length == Digest.Size ? Digest.Read(bytes.Span) : throw new RecordFormatException($"A digest of {bytes.Length} bytes.");
    }

    public static Batch? TryGetBatch(ref WireReader reader, uint field, BatchPacking packing)
    {
        if (reader.TryReadTag(Bytes(field)))
        {
            return packing.Read(reader.ReadPayload());
        }

        if (!reader.TryReadTag(Bytes(field + 1)))
        {
            return null;
        }

        var outer = reader.BeginLength();
        var size = reader.TryReadTag(Number(1)) ? reader.ReadUInt32() : 0;
        var packed = GetBytes(ref reader, 2);
        reader.EndLength(outer);
        return packing.Read(packing.Unpack(packed.Span, size));
    }

    /// <summary>An enumeration of consecutive values from zero.</summary>
    public static int GetChoice(ref WireReader reader, uint field, int highest) => reader.TryReadTag(Number(field)) ? reader.ReadEnum(0, highest) : 0;

    public static ImmutableArray<T> GetList<T>(ref WireReader reader, uint field, WireItemReader<T> read)
    {
        if (!reader.TryReadTag(Bytes(field)))
        {
            return [];
        }

        var items = ImmutableArray.CreateBuilder<T>();
        do
        {
            var outer = reader.BeginLength();
            items.Add(read(ref reader));
            reader.EndLength(outer);
        }
        while (reader.TryReadTag(Bytes(field)));
        return items.DrainToImmutable();
    }

    private static RecordFormatException Beyond(ulong number) => new($"A slot or ballot of {number}.");

    private static UInt128 GetWide(ref WireReader reader, uint field) => reader.TryReadTag(Bytes(field)) ? reader.ReadUInt128() : 0;
}

/// <summary>Reads one item of a list, its length already read.</summary>
internal delegate T WireItemReader<out T>(ref WireReader reader);
