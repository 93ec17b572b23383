using System.Buffers.Binary;

namespace Netabase.Protocol.Paxos;

/// <summary>Reads little-endian fields off bytes that may be anybody's; after the first that does not fit everything is zero.</summary>
internal ref struct FieldReader(Payload bytes)
{
    private readonly Payload _bytes = bytes;
    private int _at;

    public bool Failed { get; private set; }

    public readonly bool AtEnd => _at == _bytes.Length;

    public byte Byte() => Take(1) is [var value] ? value : default;

    public int Int32() => Take(4) is { Length: 4 } span ? BinaryPrimitives.ReadInt32LittleEndian(span) : 0;

    public ulong UInt64() => Take(8) is { Length: 8 } span ? BinaryPrimitives.ReadUInt64LittleEndian(span) : 0;

    public long Int64() => (long)UInt64();

    public UInt128 UInt128() => Take(16) is { Length: 16 } span ? BinaryPrimitives.ReadUInt128LittleEndian(span) : default;

    public Digest Digest() => Take(32) is { Length: 32 } span ? Paxos.Digest.Read(span) : default;

    /// <summary>A length in four bytes, and as many bytes.</summary>
    public Payload Bytes()
    {
        var length = Int32();
        var from = _at;
        return Take(length).Length == length && !Failed ? new Payload(_bytes.Memory.Slice(from, length)) : default;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Failed || count < 0 || count > _bytes.Length - _at)
        {
            Failed = true;
            return default;
        }

        var span = _bytes.Span.Slice(_at, count);
        _at += count;
        return span;
    }
}
