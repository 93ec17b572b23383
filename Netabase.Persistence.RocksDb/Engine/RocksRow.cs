using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Persistence.Rows;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>
/// A row's bytes: <c>count(1) [number(4) length(2) index key]* row</c>, the last as in <see cref="RowFormat"/>. The index keys
/// stand in the row, since RocksDB knows no indexes and the entries of an old row must be found when it goes. RocksDB
/// checks its blocks by checksums of its own.
/// </summary>
internal static class RocksRow
{
    private const int CountLength = 1;
    private const int KeyHeaderLength = sizeof(int) + sizeof(ushort);

    public static byte[] Write(
        RecordMetadata metadata, ReadOnlySpan<byte> value, RowState state, IReadOnlyList<(int Number, Payload Key)> indexKeys)
    {
        var length = RowFormat.Measure(metadata, value.Length);
        var bytes = new byte[CountLength + indexKeys.Sum(entry => KeyHeaderLength + entry.Key.Length) + length];
        bytes[0] = checked((byte)indexKeys.Count);
        var at = CountLength;
        foreach (var (number, key) in indexKeys)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), number);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + sizeof(int)), checked((ushort)key.Length));
            key.Span.CopyTo(bytes.AsSpan(at + KeyHeaderLength));
            at += KeyHeaderLength + key.Length;
        }

        RowFormat.Write(bytes.AsSpan(at), metadata, value, state);
        return bytes;
    }

    /// <exception cref="StoreException">Damaged: the bytes are no row.</exception>
    public static void Read(ReadOnlySpan<byte> bytes, string path, out RowMetadata metadata, out RowState state, out ReadOnlySpan<byte> value)
    {
        if (!TrySkipIndexKeys(bytes, null, out var row) || !RowFormat.TryRead(row, out metadata, out state, out value))
        {
            throw new StoreException(StoreError.Damaged, $"{path}: a row is not what was written");
        }
    }

    /// <exception cref="StoreException">Damaged: the bytes are no row.</exception>
    public static ImmutableArray<(int Number, Payload Key)> ReadIndexKeys(ReadOnlySpan<byte> bytes, string path)
    {
        var keys = ImmutableArray.CreateBuilder<(int, Payload)>();
        return TrySkipIndexKeys(bytes, keys, out _)
            ? keys.ToImmutable()
            : throw new StoreException(StoreError.Damaged, $"{path}: a row is not what was written");
    }

    private static bool TrySkipIndexKeys(ReadOnlySpan<byte> bytes, ImmutableArray<(int, Payload)>.Builder? keys, out ReadOnlySpan<byte> row)
    {
        row = default;
        if (bytes.IsEmpty)
        {
            return false;
        }

        var rest = bytes[CountLength..];
        for (var left = bytes[0]; left > 0; left--)
        {
            if (rest.Length < KeyHeaderLength)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[sizeof(int)..]);
            if (rest.Length < KeyHeaderLength + length)
            {
                return false;
            }

            keys?.Add((BinaryPrimitives.ReadInt32BigEndian(rest), Payload.Copy(rest.Slice(KeyHeaderLength, length))));
            rest = rest[(KeyHeaderLength + length)..];
        }

        row = rest;
        return true;
    }
}
