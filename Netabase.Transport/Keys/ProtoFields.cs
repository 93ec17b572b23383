namespace Netabase.Transport.Keys;

/// <summary>
/// Walks over the fields of a protobuf message in memory: numbers up to 64 bits and lengths that are compared with what is
/// there. Unknown fields are the caller's to pass over, as protobuf wants; groups are refused.
/// </summary>
internal ref struct ProtoFields(ReadOnlySpan<byte> message, string what)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The current value, when it is a varint.</summary>
    public ulong? Number { get; private set; }

    /// <summary>The current value, when it is length-delimited.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether the current value is length-delimited.</summary>
    public bool IsBytes { get; private set; }

    /// <summary>Goes to the next field.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;

        var tag = ReadVarint();
        if (tag >> 3 is 0 or > int.MaxValue) throw Malformed();
        Field = (int)(tag >> 3);
        var wireType = tag & 7;
        (Number, IsBytes) = (null, wireType == 2);
        Bytes = [];
        switch (wireType)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes = Take(ReadVarint());
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Malformed();
        }

        return true;
    }

    /// <summary>The current value as bytes, or a refusal when it is of another kind.</summary>
    public readonly ReadOnlySpan<byte> ExpectBytes() => IsBytes ? Bytes : throw Malformed();

    /// <summary>The current value as a number, or a refusal when it is of another kind.</summary>
    public readonly ulong ExpectNumber() => Number ?? throw Malformed();

    /// <summary>The refusal of the whole message.</summary>
    public readonly TransportException Malformed() => new(TransportError.InvalidData, $"The {what} is malformed.");

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < Math.Min(_rest.Length, 10); i++)
        {
            var group = _rest[i];
            if (i == 9 && group > 1) break;
            value |= (ulong)(group & 0x7f) << (7 * i);
            if (group >= 0x80) continue;
            _rest = _rest[(i + 1)..];
            return value;
        }

        throw Malformed();
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length) throw Malformed();
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}

/// <summary>Writes a protobuf message of known fields, in the order of the calls.</summary>
internal sealed class ProtoMessage
{
    private readonly List<byte> _bytes = [];

    public ProtoMessage Number(int field, ulong value)
    {
        Varint((ulong)field << 3);
        Varint(value);
        return this;
    }

    public ProtoMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        return Prefixed(value);
    }

    /// <summary>A length and the bytes, without a field number.</summary>
    public ProtoMessage Prefixed(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
