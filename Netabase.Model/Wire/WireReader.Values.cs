using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Netabase;

/// <summary>One value each, after its tag or within a packed list.</summary>
public ref partial struct WireReader
{
    private const char NotAscii = '\uFFFF';

    private static ReadOnlySpan<byte> SixteenZeros => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Reads a varint: zero is false, every other number true.</summary>
    public bool ReadBool() => ReadVarint() != 0;

    /// <summary>Reads a zigzag varint.</summary>
    public sbyte ReadInt8() => (sbyte)ReadSigned(sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads a zigzag varint.</summary>
    public short ReadInt16() => (short)ReadSigned(short.MinValue, short.MaxValue);

    /// <summary>Reads a zigzag varint.</summary>
    public int ReadInt32() => (int)ReadSigned(int.MinValue, int.MaxValue);

    /// <summary>Reads a zigzag varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a varint.</summary>
    public byte ReadUInt8() => (byte)ReadUnsigned(byte.MaxValue);

    /// <summary>Reads a varint.</summary>
    public ushort ReadUInt16() => (ushort)ReadUnsigned(ushort.MaxValue);

    /// <summary>Reads a varint: one UTF-16 code unit.</summary>
    public char ReadChar() => (char)ReadUnsigned(char.MaxValue);

    /// <summary>Reads a varint.</summary>
    public uint ReadUInt32() => (uint)ReadUnsigned(uint.MaxValue);

    /// <summary>Reads a varint.</summary>
    public ulong ReadUInt64() => ReadVarint();

    /// <summary>Reads sixteen bytes, big endian, two's complement.</summary>
    public Int128 ReadInt128() => (Int128)ReadUInt128();

    /// <summary>Reads sixteen bytes, big endian.</summary>
    public UInt128 ReadUInt128() => BinaryPrimitives.ReadUInt128BigEndian(TakeSixteen());

    /// <summary>Reads four bytes, little endian.</summary>
    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    /// <summary>Reads eight bytes, little endian.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Reads a record of the 96 bits of the number, and of its decimals and sign.</summary>
    public decimal ReadDecimal()
    {
        ulong low = 0;
        ulong high = 0;
        ulong signScale = 0;
        var outer = BeginLength();
        for (var tag = ReadTag(); tag != 0; tag = ReadTag())
        {
            switch (tag)
            {
                case WireTag.DecimalLow:
                    low = ReadVarint();
                    break;
                case WireTag.DecimalHigh:
                    high = ReadVarint();
                    break;
                case WireTag.DecimalSignScale:
                    signScale = ReadVarint();
                    break;
                default:
                    Skip(tag, [1, 2, 3]);
                    break;
            }
        }

        EndLength(outer);
        if (high > uint.MaxValue || signScale > ((28 << 1) | 1))
        {
            throw Bad("a decimal is out of range");
        }

        return new decimal((int)low, (int)(low >> 32), (int)high, (signScale & 1) != 0, (byte)(signScale >> 1));
    }

    /// <summary>Reads UTF-8.</summary>
    /// <exception cref="RecordFormatException">The bytes are not UTF-8.</exception>
    public string ReadString()
    {
        var bytes = Take(ReadLength());
        if (bytes.IsEmpty)
        {
            return string.Empty;
        }

        // Most text is ASCII, and is made where it will stay.
        var text = string.Create(bytes.Length, bytes, static (characters, bytes) =>
        {
            if (Ascii.ToUtf16(bytes, characters, out _) != OperationStatus.Done)
            {
                characters[0] = NotAscii;
            }
        });
        return text[0] == NotAscii ? ReadUtf8(bytes) : text;
    }

    private readonly string ReadUtf8(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);

        // What is not UTF-8 comes out as U+FFFD; only where there is one, its bytes must be looked at.
        if (text.Contains('\uFFFD', StringComparison.Ordinal) && !Utf8.IsValid(bytes))
        {
            throw Bad("a text is not UTF-8");
        }

        return text;
    }

    /// <summary>Reads bytes into an array of their own.</summary>
    public byte[] ReadBytes() => Take(ReadLength()).ToArray();

    /// <summary>Reads bytes into memory of their own.</summary>
    public Payload ReadPayload() => Payload.Copy(Take(ReadLength()));

    /// <summary>Reads bytes into an array of their own.</summary>
    public ImmutableArray<byte> ReadImmutableBytes() => ImmutableCollectionsMarshal.AsImmutableArray(ReadBytes());

    /// <summary>Reads sixteen bytes in the order in which a guid is read aloud; none at all are the empty guid.</summary>
    public Guid ReadGuid() => new(TakeSixteen(), bigEndian: true);

    /// <summary>Reads a record of the moment in units of 100 ns since 1970 (UTC), and of the offset in minutes.</summary>
    public DateTimeOffset ReadDateTimeOffset()
    {
        const long OffsetMax = 14 * 60;
        var (ticks, second) = ReadMoment();
        var offset = (long)(second >> 1) ^ -(long)(second & 1);
        if (offset is < -OffsetMax or > OffsetMax)
        {
            throw Bad("an offset is more than fourteen hours");
        }

        var local = ticks + (offset * TimeSpan.TicksPerMinute);
        if ((ulong)ticks > (ulong)DateTime.MaxValue.Ticks || (ulong)local > (ulong)DateTime.MaxValue.Ticks)
        {
            throw Bad("a moment is outside the years 1 to 9999");
        }

        return new DateTimeOffset(local, new TimeSpan(offset * TimeSpan.TicksPerMinute));
    }

    /// <summary>Reads a record of the clock's reading in units of 100 ns since 1970, and of the kind.</summary>
    public DateTime ReadDateTime()
    {
        var (ticks, kind) = ReadMoment();
        if ((ulong)ticks > (ulong)DateTime.MaxValue.Ticks || kind > (ulong)DateTimeKind.Local)
        {
            throw Bad("a moment is outside the years 1 to 9999, or of no known kind");
        }

        return new DateTime(ticks, (DateTimeKind)kind);
    }

    /// <summary>Reads a varint: the day number, 0 being 0001-01-01.</summary>
    public DateOnly ReadDateOnly() => DateOnly.FromDayNumber((int)ReadUnsigned((ulong)DateOnly.MaxValue.DayNumber));

    /// <summary>Reads a varint: units of 100 ns since midnight.</summary>
    public TimeOnly ReadTimeOnly() => new((long)ReadUnsigned((ulong)TimeOnly.MaxValue.Ticks));

    /// <summary>Reads a zigzag varint: units of 100 ns.</summary>
    public TimeSpan ReadTimeSpan() => new(ReadInt64());

    /// <summary>Reads an enum's number; one without a name is kept.</summary>
    /// <param name="lowest">The least number that the enum's own type holds.</param>
    /// <param name="highest">The greatest.</param>
    public int ReadEnum(int lowest, int highest)
    {
        var value = (long)ReadVarint();
        if (value < lowest || value > highest)
        {
            throw Bad("an enum's number is out of range");
        }

        return (int)value;
    }

    private long ReadSigned(long lowest, long highest)
    {
        var value = ReadInt64();
        if (value < lowest || value > highest)
        {
            throw Bad("a number is out of range");
        }

        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadUnsigned(ulong highest)
    {
        var value = ReadVarint();
        if (value > highest)
        {
            throw Bad("a number is out of range");
        }

        return value;
    }

    private ReadOnlySpan<byte> TakeSixteen()
    {
        var length = ReadLength();
        if (length == 16)
        {
            return Take(16);
        }

        // A writer in another language has no guid or 128-bit number, only bytes, and empty bytes are its zero.
        return length == 0 ? SixteenZeros : throw Bad("a value has sixteen bytes, or none");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (long Ticks, ulong Second) ReadMoment()
    {
        // As we write it: both parts, the second of one or two bytes.
        var rest = _bytes[_at..];
        if (rest.Length >= 13 && rest[1] == WireTag.MomentTicks && rest[10] == WireTag.MomentSecond)
        {
            var ticks = unchecked(BinaryPrimitives.ReadInt64LittleEndian(rest[2..]) + DateTime.UnixEpoch.Ticks);
            if (rest[0] == 11 && rest[11] < 0x80)
            {
                _at += 12;
                return (ticks, rest[11]);
            }

            if (rest[0] == 12 && rest[11] >= 0x80 && rest[12] < 0x80)
            {
                _at += 13;
                return (ticks, (ulong)((rest[11] & 0x7F) | (rest[12] << 7)));
            }
        }

        return ReadMomentInAnyOrder();
    }

    private (long Ticks, ulong Second) ReadMomentInAnyOrder()
    {
        var outer = BeginLength();
        var ticks = 0L;
        var second = 0ul;
        for (var tag = ReadTag(); tag != 0; tag = ReadTag())
        {
            switch (tag)
            {
                case WireTag.MomentTicks:
                    ticks = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                    break;
                case WireTag.MomentSecond:
                    second = ReadVarint();
                    break;
                default:
                    Skip(tag, [1, 2]);
                    break;
            }
        }

        EndLength(outer);
        return (unchecked(ticks + DateTime.UnixEpoch.Ticks), second);
    }
}
