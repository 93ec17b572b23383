using System.Buffers.Binary;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>
/// How rows, index entries and expiries lie in RocksDB's one order of bytes. Rows: <c>model(2) key</c>. Index:
/// <c>model(2) number(4) escaped(index key) 00 01 key</c>, where a zero byte of the index key is written <c>00 ff</c>, so that
/// a key ends before every longer one and the order is (index key, key). Expiries: <c>model(2) time(8) key</c>. Numbers big endian.
/// </summary>
internal static class RocksKeys
{
    private const byte Zero = 0x00;
    private const byte EscapedZero = 0xff;
    private const byte End = 0x01;
    private const byte BehindEnd = 0x02;
    private const int ModelLength = sizeof(ushort);
    private const int IndexPrefixLength = ModelLength + sizeof(int);
    private const int ExpiryPrefixLength = ModelLength + sizeof(long);

    public static byte[] Row(int model, ReadOnlySpan<byte> key) => [.. Model(model), .. key];

    /// <summary>The same in the caller's room, when it fits there.</summary>
    public static ReadOnlySpan<byte> Row(int model, ReadOnlySpan<byte> key, Span<byte> room)
    {
        if (key.Length > room.Length - ModelLength)
        {
            return Row(model, key);
        }

        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)model);
        key.CopyTo(room[ModelLength..]);
        return room[..(ModelLength + key.Length)];
    }

    public static ReadOnlySpan<byte> KeyOfRow(ReadOnlySpan<byte> row) => row[ModelLength..];

    public static byte[] Model(int model) => [(byte)(model >> 8), (byte)model];

    /// <summary>Behind everything of a model.</summary>
    public static byte[] BehindModel(int model) => Model(model + 1);

    public static byte[] Index(int model, int number)
    {
        var prefix = new byte[IndexPrefixLength];
        Model(model).CopyTo(prefix, 0);
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(ModelLength), number);
        return prefix;
    }

    /// <summary>Behind everything of an index.</summary>
    public static byte[] BehindIndex(int model, int number) => Index(model, number + 1);

    public static byte[] Entry(int model, int number, ReadOnlySpan<byte> indexKey, ReadOnlySpan<byte> key) =>
        [.. Index(model, number), .. Escape(indexKey), Zero, End, .. key];

    /// <summary>Before every entry of an index key, or behind every one.</summary>
    public static byte[] EntryEdge(int model, int number, ReadOnlySpan<byte> indexKey, bool isBehind) =>
        [.. Index(model, number), .. Escape(indexKey), Zero, isBehind ? BehindEnd : End];

    public static byte[] Expiry(int model, long expiresAt, ReadOnlySpan<byte> key)
    {
        var bytes = new byte[ExpiryPrefixLength + key.Length];
        Model(model).CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(ModelLength), expiresAt ^ long.MinValue);
        key.CopyTo(bytes.AsSpan(ExpiryPrefixLength));
        return bytes;
    }

    public static (long ExpiresAt, byte[] Key) ReadExpiry(ReadOnlySpan<byte> expiry) =>
        (BinaryPrimitives.ReadInt64BigEndian(expiry[ModelLength..]) ^ long.MinValue, expiry[ExpiryPrefixLength..].ToArray());

    /// <summary>Takes an index entry apart.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="room">Where an index key that has zero bytes is put together; as long as the longest index key.</param>
    /// <param name="indexKey">The index key.</param>
    /// <param name="key">The primary key.</param>
    /// <returns>False when the bytes are no entry.</returns>
    public static bool TryReadEntry(ReadOnlySpan<byte> entry, Span<byte> room, out ReadOnlySpan<byte> indexKey, out ReadOnlySpan<byte> key)
    {
        indexKey = default;
        key = default;
        if (entry.Length < IndexPrefixLength)
        {
            return false;
        }

        var rest = entry[IndexPrefixLength..];
        var length = 0;
        while (rest.IndexOf(Zero) is >= 0 and var zero && zero + 1 < rest.Length && length + zero < room.Length + (rest[zero + 1] == End ? 1 : 0))
        {
            rest[..zero].CopyTo(room[length..]);
            length += zero;
            if (rest[zero + 1] == End)
            {
                indexKey = room[..length];
                key = rest[(zero + 2)..];
                return true;
            }

            room[length++] = Zero;
            rest = rest[(zero + 2)..];
        }

        return false;
    }

    private static byte[] Escape(ReadOnlySpan<byte> indexKey)
    {
        var zeros = indexKey.Count(Zero);
        var escaped = new byte[indexKey.Length + zeros];
        var at = 0;
        foreach (var one in indexKey)
        {
            escaped[at++] = one;
            if (one == Zero)
            {
                escaped[at++] = EscapedZero;
            }
        }

        return escaped;
    }
}
