using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Netabase;

/// <summary>
/// One encoding a type, so that unsigned byte order is the order in which the values compare, and two values have the same
/// bytes exactly when they compare as equal. <c>specs/wire.md</c> has the table.
/// </summary>
public ref partial struct KeyWriter
{
    private const byte Escaped = 0x00;
    private const byte EscapedZero = 0xFF;
    private const byte EscapedEnd = 0x01;

    /// <summary>False, then true.</summary>
    public void Append(bool value) => Claim(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>One byte, its sign bit turned over.</summary>
    public void Append(sbyte value) => Claim(1)[0] = (byte)(value ^ sbyte.MinValue);

    /// <summary>One byte.</summary>
    public void Append(byte value) => Claim(1)[0] = value;

    /// <summary>Two bytes, big endian, the sign bit turned over.</summary>
    public void Append(short value) => Append((ushort)(value ^ short.MinValue));

    /// <summary>Two bytes, big endian.</summary>
    public void Append(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Claim(2), value);

    /// <summary>Two bytes, big endian: one UTF-16 code unit.</summary>
    public void Append(char value) => Append((ushort)value);

    /// <summary>Four bytes, big endian, the sign bit turned over.</summary>
    public void Append(int value) => Append((uint)(value ^ int.MinValue));

    /// <summary>Four bytes, big endian.</summary>
    public void Append(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Claim(4), value);

    /// <summary>Eight bytes, big endian, the sign bit turned over.</summary>
    public void Append(long value) => Append((ulong)(value ^ long.MinValue));

    /// <summary>Eight bytes, big endian.</summary>
    public void Append(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Claim(8), value);

    /// <summary>Sixteen bytes, big endian, the sign bit turned over.</summary>
    public void Append(Int128 value) => Append((UInt128)(value ^ Int128.MinValue));

    /// <summary>Sixteen bytes, big endian.</summary>
    public void Append(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Claim(16), value);

    /// <summary>Four bytes: not-a-number first, then as numbers; the two zeros are one.</summary>
    public void Append(float value)
    {
        var bits = value == 0 ? 0 : BitConverter.SingleToUInt32Bits(value);
        Append(float.IsNaN(value) ? 0u : (bits >> 31) != 0 ? ~bits : bits | (1u << 31));
    }

    /// <summary>Eight bytes: not-a-number first, then as numbers; the two zeros are one.</summary>
    public void Append(double value)
    {
        var bits = value == 0 ? 0 : BitConverter.DoubleToUInt64Bits(value);
        Append(double.IsNaN(value) ? 0ul : (bits >> 63) != 0 ? ~bits : bits | (1ul << 63));
    }

    /// <summary>
    /// Twenty-four bytes: the number times 10^28, which makes every decimal whole, big endian with the sign bit turned over.
    /// </summary>
    public void Append(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(value, bits);
        UInt128 low = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        UInt128 high = (uint)bits[2];

        // 96 bits times at most 10^28 (94 bits) fit in 190: three limbs of 64, the upper two in one 128-bit number.
        for (var scale = (int)value.Scale; scale < 28; scale++)
        {
            low *= 10;
            high = (high * 10) + (low >> 64);
            low = (ulong)low;
        }

        if (decimal.IsNegative(value))
        {
            // Two's complement over 192 bits.
            low = (ulong)(~(ulong)low + 1);
            high = ~high + (low == 0 ? UInt128.One : UInt128.Zero);
        }

        var room = Claim(24);
        BinaryPrimitives.WriteUInt128BigEndian(room, high ^ (UInt128.One << 127));
        BinaryPrimitives.WriteUInt64BigEndian(room[16..], (ulong)low);
    }

    /// <summary>UTF-8 as it is, up to the end of the key: by code point, and a prefix of the text is a prefix of the key.</summary>
    /// <exception cref="ArgumentException">It is null, or not valid UTF-16.</exception>
    public void Append(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var room = Claim(Encoding.UTF8.GetByteCount(value));
        if (Utf8.FromUtf16(value, room, out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new ArgumentException("The text has half of a surrogate pair and therefore no UTF-8.", nameof(value));
        }
    }

    /// <summary>The bytes as they are, up to the end of the key.</summary>
    public void Append(scoped ReadOnlySpan<byte> value) => value.CopyTo(Claim(value.Length));

    /// <summary>Sixteen bytes in the order in which a guid is read aloud, which is also how guids compare.</summary>
    public void Append(Guid value) => value.TryWriteBytes(Claim(16), bigEndian: true, out _);

    /// <summary>Eight bytes: the moment, whatever the offset, since moments that compare as equal are one key.</summary>
    public void Append(DateTimeOffset value) => Append((ulong)value.UtcTicks);

    /// <summary>Eight bytes: the clock's reading, whatever its kind.</summary>
    public void Append(DateTime value) => Append((ulong)value.Ticks);

    /// <summary>Four bytes: the day number.</summary>
    public void Append(DateOnly value) => Append((uint)value.DayNumber);

    /// <summary>Eight bytes: units of 100 ns since midnight.</summary>
    public void Append(TimeOnly value) => Append((ulong)value.Ticks);

    /// <summary>Eight bytes: units of 100 ns, the sign bit turned over.</summary>
    public void Append(TimeSpan value) => Append(value.Ticks);

    /// <summary>Text within a composite: UTF-8 in which 00 becomes 00 FF, ended by 00 01, so that a shorter text comes first whatever follows.</summary>
    /// <exception cref="ArgumentException">It is null, or not valid UTF-16.</exception>
    public void AppendPart(string value)
    {
        var start = _length;
        Append(value);
        EscapeFrom(start);
    }

    /// <summary>Bytes within a composite: 00 becomes 00 FF, and 00 01 ends them.</summary>
    public void AppendPart(scoped ReadOnlySpan<byte> value)
    {
        var start = _length;
        Append(value);
        EscapeFrom(start);
    }

    /// <summary>Whether a part of a composite that may be null is there: null comes first.</summary>
    public void AppendPresence(bool isPresent) => Append(isPresent);

    private void EscapeFrom(int start)
    {
        var written = _length - start;
        var zeros = _buffer.Slice(start, written).Count(Escaped);
        _ = Claim(zeros + 2);
        var part = _buffer[start.._length];
        part[^1] = EscapedEnd;
        part[^2] = Escaped;

        // From the back, so that nothing is overwritten before it is moved.
        for (int from = written - 1, to = part.Length - 3; to > from; from--)
        {
            if (part[from] == Escaped)
            {
                part[to--] = EscapedZero;
            }

            part[to--] = part[from];
        }
    }
}
