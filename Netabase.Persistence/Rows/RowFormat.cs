using System.Buffers.Binary;
using System.Numerics;

namespace Netabase.Persistence.Rows;

/// <summary>
/// A row as persistent stores keep it, in one piece so that one look at it says everything:
/// <c>flags(1) clock(8, big endian) [expiry(8, big endian)] [length(2) publisher] [length(2) signature] value</c>, and
/// where the store under it has no checksums of its own <c>crc32c(4, big endian)</c> over the key and all of that.
/// </summary>
public static class RowFormat
{
    /// <summary>Bytes of the checksum.</summary>
    public const int ChecksumLength = 4;

    private const byte Version = 0x10;
    private const byte VersionMask = 0xf0;
    private const byte IsTombstone = 0x01;
    private const byte HasExpiry = 0x02;
    private const byte HasPublisher = 0x04;
    private const byte HasSignature = 0x08;
    private const int FixedLength = 9;

    /// <summary>How many bytes a row takes, without a checksum.</summary>
    public static int Measure(RecordMetadata metadata, int valueLength)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return FixedLength
            + (metadata.ExpiresAt is null ? 0 : sizeof(long))
            + (metadata.Publisher is { } publisher ? sizeof(ushort) + publisher.Multihash.Length : 0)
            + (metadata.Signature.IsEmpty ? 0 : sizeof(ushort) + metadata.Signature.Length)
            + valueLength;
    }

    /// <summary>Writes a row into room of exactly <see cref="Measure"/> bytes.</summary>
    public static void Write(Span<byte> room, RecordMetadata metadata, ReadOnlySpan<byte> value, RowState state)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var flags = Version;
        BinaryPrimitives.WriteUInt64BigEndian(room[1..], metadata.Clock.Value);
        var at = FixedLength;
        if (state == RowState.Tombstone)
        {
            flags |= IsTombstone;
        }

        if (metadata.ExpiresAt is { } expiresAt)
        {
            flags |= HasExpiry;
            BinaryPrimitives.WriteInt64BigEndian(room[at..], expiresAt);
            at += sizeof(long);
        }

        if (metadata.Publisher is { } publisher)
        {
            flags |= HasPublisher;
            at += WriteCounted(room[at..], publisher.Multihash.Span);
        }

        if (!metadata.Signature.IsEmpty)
        {
            flags |= HasSignature;
            at += WriteCounted(room[at..], metadata.Signature.Span);
        }

        room[0] = flags;
        value.CopyTo(room[at..]);
    }

    /// <summary>Reads a row without copying.</summary>
    /// <returns>False when the bytes are no row.</returns>
    public static bool TryRead(ReadOnlySpan<byte> row, out RowMetadata metadata, out RowState state, out ReadOnlySpan<byte> value)
    {
        metadata = default;
        value = default;
        state = RowState.Live;
        if (row.Length < FixedLength || (row[0] & VersionMask) != Version)
        {
            return false;
        }

        var flags = row[0];
        var clock = new HybridTimestamp(BinaryPrimitives.ReadUInt64BigEndian(row[1..]));
        var rest = row[FixedLength..];
        long? expiresAt = null;
        if ((flags & HasExpiry) != 0)
        {
            if (!BinaryPrimitives.TryReadInt64BigEndian(rest, out var time))
            {
                return false;
            }

            expiresAt = time;
            rest = rest[sizeof(long)..];
        }

        ReadOnlySpan<byte> publisher = default, signature = default;
        if (((flags & HasPublisher) != 0 && !TryReadCounted(ref rest, out publisher))
            || ((flags & HasSignature) != 0 && !TryReadCounted(ref rest, out signature)))
        {
            return false;
        }

        metadata = new RowMetadata(clock, publisher, expiresAt, signature);
        state = (flags & IsTombstone) == 0 ? RowState.Live : RowState.Tombstone;
        value = rest;
        return true;
    }

    /// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4) over a key and a row.</summary>
    public static uint Checksum(ReadOnlySpan<byte> key, ReadOnlySpan<byte> row) => ~Append(Append(uint.MaxValue, key), row);

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }

    private static int WriteCounted(Span<byte> room, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(room, checked((ushort)bytes.Length));
        bytes.CopyTo(room[sizeof(ushort)..]);
        return sizeof(ushort) + bytes.Length;
    }

    private static bool TryReadCounted(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out var length) || rest.Length < sizeof(ushort) + length)
        {
            return false;
        }

        bytes = rest.Slice(sizeof(ushort), length);
        rest = rest[(sizeof(ushort) + length)..];
        return true;
    }
}
