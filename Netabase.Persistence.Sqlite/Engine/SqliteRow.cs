using System.Buffers.Binary;
using Netabase.Persistence.Rows;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>A row's blob: <see cref="RowFormat"/> and a checksum, since SQLite has none and would hand out what a disk made of it.</summary>
internal static class SqliteRow
{
    public static int Measure(RecordMetadata metadata, int valueLength) => RowFormat.Measure(metadata, valueLength) + RowFormat.ChecksumLength;

    public static void Write(Span<byte> room, ReadOnlySpan<byte> key, RecordMetadata metadata, ReadOnlySpan<byte> value, RowState state)
    {
        var row = room[..^RowFormat.ChecksumLength];
        RowFormat.Write(row, metadata, value, state);
        BinaryPrimitives.WriteUInt32BigEndian(room[^RowFormat.ChecksumLength..], RowFormat.Checksum(key, row));
    }

    /// <exception cref="StoreException">Damaged: the bytes are not what was written under that key.</exception>
    public static void Read(
        ReadOnlySpan<byte> blob, ReadOnlySpan<byte> key, string path, out RowMetadata metadata, out RowState state, out ReadOnlySpan<byte> value)
    {
        if (blob.Length < RowFormat.ChecksumLength
            || BinaryPrimitives.ReadUInt32BigEndian(blob[^RowFormat.ChecksumLength..]) != RowFormat.Checksum(key, blob[..^RowFormat.ChecksumLength])
            || !RowFormat.TryRead(blob[..^RowFormat.ChecksumLength], out metadata, out state, out value))
        {
            throw new StoreException(StoreError.Damaged, $"{path}: the record {Convert.ToHexStringLower(key)} does not match its checksum");
        }
    }
}
