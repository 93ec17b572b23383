using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Netabase;

/// <summary>Values without a tag: the elements of packed lists, and the bricks of everything else.</summary>
public ref partial struct WireWriter
{
    private const int MaxTag = 5;
    private const int MaxVarint = 10;

    /// <summary>Writes an element of a packed list: a varint, 0 or 1.</summary>
    public void WriteRaw(bool value) => WriteRaw(value ? 1u : 0u);

    /// <summary>Writes an element of a packed list: a zigzag varint.</summary>
    public void WriteRaw(int value) => WriteRaw((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes an element of a packed list: a varint.</summary>
    public void WriteRaw(uint value) => WriteRaw((ulong)value);

    /// <summary>Writes an element of a packed list: a zigzag varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRaw(long value) => WriteRaw((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes an element of a packed list: a varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteRaw(ulong value) => _at += PutVarint(ref Room(MaxVarint), value);

    /// <summary>Writes an element of a packed list: four bytes, little endian.</summary>
    public void WriteRaw(float value)
    {
        Put32(ref Room(4), BitConverter.SingleToUInt32Bits(value));
        _at += 4;
    }

    /// <summary>Writes an element of a packed list: eight bytes, little endian.</summary>
    public void WriteRaw(double value)
    {
        Put64(ref Room(8), BitConverter.DoubleToUInt64Bits(value));
        _at += 8;
    }

    /// <summary>Writes an element of a packed list: its day number, 0 being 0001-01-01, as a varint.</summary>
    public void WriteRaw(DateOnly value) => WriteRaw((uint)value.DayNumber);

    /// <summary>Writes an element of a packed list: units of 100 ns since midnight as a varint.</summary>
    public void WriteRaw(TimeOnly value) => WriteRaw((ulong)value.Ticks);

    /// <summary>Writes an element of a packed list: units of 100 ns as a zigzag varint.</summary>
    public void WriteRaw(TimeSpan value) => WriteRaw(value.Ticks);

    /// <summary>Writes an element of a packed list of enums: the number as a varint, a negative one in ten bytes.</summary>
    public void WriteRawEnum(int value) => WriteRaw((ulong)value);

    /// <summary>Writes a packed list of zigzag varints.</summary>
    public void WritePacked(uint tag, scoped ReadOnlySpan<long> values)
    {
        var start = BeginLength(tag);
        if (_buffer.Length - _at >= (long)values.Length * MaxVarint)
        {
            ref var room = ref Room(0);
            var width = 0;
            foreach (var value in values)
            {
                width += PutVarint(ref Unsafe.Add(ref room, width), (ulong)((value << 1) ^ (value >> 63)));
            }

            _at += width;
        }
        else
        {
            foreach (var value in values)
            {
                WriteRaw(value);
            }
        }

        EndLength(start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int VarintWidth(uint value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>The compiler knows the tag: for numbers up to 15 this is one store, up to 2047 two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PutTag(ref byte to, uint tag)
    {
        if (tag < 0x80)
        {
            to = (byte)tag;
            return 1;
        }

        if (tag < 0x4000)
        {
            to = (byte)(tag | 0x80);
            Unsafe.Add(ref to, 1) = (byte)(tag >> 7);
            return 2;
        }

        return PutLength(ref to, tag);
    }

    /// <summary>A number; there must be room for <see cref="MaxVarint"/> bytes, and what follows it is written later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PutVarint(ref byte to, ulong value)
    {
        if (value < 0x80)
        {
            to = (byte)value;
            return 1;
        }

        return PutLongVarint(ref to, value);
    }

    private static int PutLongVarint(ref byte to, ulong value)
    {
        if (value < 1ul << 14)
        {
            Put32(ref to, (uint)((value & 0x7F) | 0x80 | ((value & 0x3F80) << 1)));
            return 2;
        }

        if (value < 1ul << 21)
        {
            Put32(ref to, (uint)((value & 0x7F) | 0x8080 | ((value & 0x3F80) << 1) | ((value & 0x1F_C000) << 2)));
            return 3;
        }

        var groups = Sevens.Spread(value & 0x00FF_FFFF_FFFF_FFFF);
        if (value < 1ul << 56)
        {
            var width = (BitOperations.Log2(value) + 7) / 7;
            Put64(ref to, groups | (0x8080_8080_8080_8080 & ((1ul << ((width - 1) * 8)) - 1)));
            return width;
        }

        Put64(ref to, groups | 0x8080_8080_8080_8080);

        // The top eight bits are the ninth byte and, when its high bit is set, a tenth of 1: by arithmetic, since no processor can guess which.
        var top = (uint)(value >> 56);
        Unsafe.Add(ref to, 8) = (byte)top;
        Unsafe.Add(ref to, 9) = 1;
        return 9 + (int)(top >> 7);
    }

    /// <summary>A number, byte by byte: what follows it may already be there.</summary>
    private static int PutLength(ref byte to, uint value)
    {
        var count = 0;
        while (value >= 0x80)
        {
            Unsafe.Add(ref to, count++) = (byte)(value | 0x80);
            value >>= 7;
        }

        Unsafe.Add(ref to, count) = (byte)value;
        return count + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put32(ref byte to, uint value) =>
        Unsafe.WriteUnaligned(ref to, BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put64(ref byte to, ulong value) =>
        Unsafe.WriteUnaligned(ref to, BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<byte> SpanOf(ref byte start, int count) => MemoryMarshal.CreateSpan(ref start, count);
}
