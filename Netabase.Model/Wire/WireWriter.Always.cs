using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Netabase;

/// <summary>Fields with explicit presence: written whatever their value.</summary>
public ref partial struct WireWriter
{
    /// <summary>Characters up to which a string is given three bytes each instead of being counted first.</summary>
    private const int CountedFrom = 1024;

    /// <summary>Writes a field: a varint, 0 or 1.</summary>
    public void WriteAlways(uint tag, bool value) => WriteAlways(tag, value ? 1ul : 0ul);

    /// <summary>Writes a field: a zigzag varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteAlways(uint tag, int value) => WriteAlways(tag, (ulong)(uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes a field: a varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteAlways(uint tag, uint value) => WriteAlways(tag, (ulong)value);

    /// <summary>Writes a field: a zigzag varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteAlways(uint tag, long value) => WriteAlways(tag, (ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes a field: a varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteAlways(uint tag, ulong value)
    {
        ref var room = ref Room(MaxTag + MaxVarint);
        var width = PutTag(ref room, tag);
        _at += width + PutVarint(ref Unsafe.Add(ref room, width), value);
    }

    /// <summary>Writes a field: sixteen bytes, big endian, two's complement.</summary>
    public void WriteAlways(uint tag, Int128 value) => WriteAlways(tag, (UInt128)value);

    /// <summary>Writes a field: sixteen bytes, big endian.</summary>
    public void WriteAlways(uint tag, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        WriteAlways(tag, bytes);
    }

    /// <summary>Writes a field: four bytes, little endian.</summary>
    public void WriteAlways(uint tag, float value)
    {
        ref var room = ref Room(MaxTag + 4);
        var width = PutTag(ref room, tag);
        Put32(ref Unsafe.Add(ref room, width), BitConverter.SingleToUInt32Bits(value));
        _at += width + 4;
    }

    /// <summary>Writes a field: eight bytes, little endian.</summary>
    public void WriteAlways(uint tag, double value)
    {
        ref var room = ref Room(MaxTag + 8);
        var width = PutTag(ref room, tag);
        Put64(ref Unsafe.Add(ref room, width), BitConverter.DoubleToUInt64Bits(value));
        _at += width + 8;
    }

    /// <summary>Writes a field: a record of the 96 bits of the number, and of its decimals and sign.</summary>
    public void WriteAlways(uint tag, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(value, bits);
        var start = BeginLength(tag);
        Write(WireTag.DecimalLow, ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        Write(WireTag.DecimalHigh, (uint)bits[2]);
        Write(WireTag.DecimalSignScale, ((uint)value.Scale << 1) | (decimal.IsNegative(value) ? 1u : 0u));
        EndLength(start);
    }

    /// <summary>Writes a field: UTF-8 after its length.</summary>
    /// <exception cref="ArgumentException">It is null, or not valid UTF-16: half of a surrogate pair has no UTF-8.</exception>
    public void WriteAlways(uint tag, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var count = value.Length <= CountedFrom && _buffer.Length - _at >= (value.Length * 3) + MaxTag + MaxTag
            ? value.Length * 3
            : Encoding.UTF8.GetByteCount(value);
        ref var room = ref Room(MaxTag + MaxTag + count);
        _at += PutTag(ref room, tag);

        // Most text is ASCII, so the width of the length is guessed from the characters and put right if need be.
        var width = VarintWidth((uint)value.Length);
        var status = Utf8.FromUtf16(value, _buffer[(_at + width)..], out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
        {
            throw new ArgumentException("The text has half of a surrogate pair and therefore no UTF-8.", nameof(value));
        }

        var actual = VarintWidth((uint)written);
        if (actual != width)
        {
            _buffer.Slice(_at + width, written).CopyTo(_buffer[(_at + actual)..]);
        }

        _at += PutLength(ref _buffer[_at], (uint)written) + written;
    }

    /// <summary>Writes a field: the bytes after their length.</summary>
    public void WriteAlways(uint tag, scoped ReadOnlySpan<byte> value)
    {
        ref var room = ref Room(MaxTag + MaxTag + value.Length);
        var width = PutTag(ref room, tag);
        width += PutLength(ref Unsafe.Add(ref room, width), (uint)value.Length);
        value.CopyTo(SpanOf(ref Unsafe.Add(ref room, width), value.Length));
        _at += width + value.Length;
    }

    /// <summary>Writes a field: sixteen bytes in the order in which a guid is read aloud (RFC 9562).</summary>
    public void WriteAlways(uint tag, Guid value)
    {
        ref var room = ref Room(MaxTag + 17);
        var width = PutTag(ref room, tag);
        Unsafe.Add(ref room, width) = 16;
        _ = value.TryWriteBytes(SpanOf(ref Unsafe.Add(ref room, width + 1), 16), bigEndian: true, out _);
        _at += width + 17;
    }

    /// <summary>Writes a field: a record of the moment in units of 100 ns since 1970 (UTC), and of the offset in minutes.</summary>
    public void WriteAlways(uint tag, DateTimeOffset value)
    {
        var offset = value.TotalOffsetMinutes;
        WriteMoment(tag, value.UtcTicks - DateTime.UnixEpoch.Ticks, (uint)((offset << 1) ^ (offset >> 31)));
    }

    /// <summary>Writes a field: a record of the clock's reading in units of 100 ns since 1970, and of the kind.</summary>
    public void WriteAlways(uint tag, DateTime value) => WriteMoment(tag, value.Ticks - DateTime.UnixEpoch.Ticks, (uint)value.Kind);

    /// <summary>Writes a field: its day number, 0 being 0001-01-01, as a varint.</summary>
    public void WriteAlways(uint tag, DateOnly value) => WriteAlways(tag, (ulong)value.DayNumber);

    /// <summary>Writes a field: units of 100 ns since midnight as a varint.</summary>
    public void WriteAlways(uint tag, TimeOnly value) => WriteAlways(tag, (ulong)value.Ticks);

    /// <summary>Writes a field: units of 100 ns as a zigzag varint.</summary>
    public void WriteAlways(uint tag, TimeSpan value) => WriteAlways(tag, value.Ticks);

    /// <summary>Writes an enum's number as a varint, a negative one in ten bytes.</summary>
    public void WriteEnumAlways(uint tag, int value) => WriteAlways(tag, (ulong)value);

    /// <summary>Both parts are written only when they are not zero; together they are never longer than fourteen bytes.</summary>
    private void WriteMoment(uint tag, long ticks, uint second)
    {
        if (_depth == DepthMax)
        {
            ThrowTooDeep();
        }

        ref var room = ref Room(MaxTag + 1 + 9 + 1 + MaxVarint);
        var width = PutTag(ref room, tag);
        ref var content = ref Unsafe.Add(ref room, width + 1);
        var length = 0;
        if (ticks != 0)
        {
            content = WireTag.MomentTicks;
            Put64(ref Unsafe.Add(ref content, 1), (ulong)ticks);
            length = 9;
        }

        if (second != 0)
        {
            Unsafe.Add(ref content, length) = WireTag.MomentSecond;
            length += 1 + PutVarint(ref Unsafe.Add(ref content, length + 1), second);
        }

        Unsafe.Add(ref room, width) = (byte)length;
        _at += width + 1 + length;
    }
}
