using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Netabase;

/// <summary>
/// Reads protobuf wire format that anybody may have written. Whatever is wrong is a <see cref="RecordFormatException"/>;
/// nothing is allocated that the bytes at hand do not pay for; nesting ends at <see cref="WireWriter.DepthMax"/>.
/// Used by generated code, which first asks for each field in its place and falls back to whatever order the bytes have.
/// </summary>
public ref partial struct WireReader
{
    private const int MaxVarint = 10;

    private readonly ReadOnlySpan<byte> _all;
    private ReadOnlySpan<byte> _bytes;
    private int _at;
    private int _depth;

    /// <summary>Starts at the first byte.</summary>
    public WireReader(ReadOnlySpan<byte> bytes) => _all = _bytes = bytes;

    /// <summary>Passes over the next tag if it is this one.</summary>
    /// <param name="tag">The tag that a writer of ours would put next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(uint tag)
    {
        if (tag < 0x80)
        {
            if ((uint)_at < (uint)_bytes.Length && _bytes[_at] == tag)
            {
                _at++;
                return true;
            }

            return false;
        }

        if (tag < 0x4000)
        {
            if (_bytes.Length - _at >= 2 && _bytes[_at] == (byte)(tag | 0x80) && _bytes[_at + 1] == tag >> 7)
            {
                _at += 2;
                return true;
            }

            return false;
        }

        return TryReadLongTag(tag);
    }

    /// <summary>Reads the next tag.</summary>
    /// <returns>Zero at the end of the record.</returns>
    /// <exception cref="RecordFormatException">Not a tag, or a field number of zero.</exception>
    public uint ReadTag()
    {
        if (_at == _bytes.Length)
        {
            return 0;
        }

        var tag = ReadVarint();
        if (tag > uint.MaxValue || tag >> 3 == 0)
        {
            throw Bad("there is no such field number");
        }

        return (uint)tag;
    }

    /// <summary>Passes over a field that the model does not know, as a later version of it may have written.</summary>
    /// <param name="tag">The field's tag.</param>
    /// <param name="known">The numbers that the model does know: such a field has come with a wire type that it cannot have.</param>
    /// <exception cref="RecordFormatException">A known field of another wire type, or not a field at all.</exception>
    public void Skip(uint tag, ReadOnlySpan<int> known)
    {
        if (known.Contains((int)(tag >> 3)))
        {
            throw Bad($"field {tag >> 3} cannot have wire type {tag & 7}");
        }

        Skip(tag);
    }

    /// <summary>Reads the length of a nested record or of a packed list and keeps within it until <see cref="EndLength"/>.</summary>
    /// <returns>What <see cref="EndLength"/> wants to know.</returns>
    public int BeginLength()
    {
        if (++_depth > WireWriter.DepthMax)
        {
            throw Bad($"values are nested more than {WireWriter.DepthMax} deep");
        }

        var outer = _bytes.Length;
        var length = ReadLength();
        _bytes = _bytes[..(_at + length)];
        return outer;
    }

    /// <summary>Back to the enclosing record.</summary>
    public void EndLength(int outer)
    {
        if (_at != _bytes.Length)
        {
            throw Bad("a nested value does not end where its length says");
        }

        _depth--;
        _bytes = _all[..outer];
    }

    /// <summary>Whether nothing is left of the record or list.</summary>
    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <summary>How many varints the packed list holds: every varint has one last byte, so the list can be made in its size.</summary>
    public readonly int CountVarints()
    {
        var rest = _bytes[_at..];
        var count = 0;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            count += BitOperations.PopCount(~BinaryPrimitives.ReadUInt64LittleEndian(rest) & 0x8080_8080_8080_8080);
        }

        foreach (var b in rest)
        {
            count += (b >> 7) ^ 1;
        }

        return count;
    }

    /// <summary>How many values of fixed width the packed list holds.</summary>
    public readonly int CountFixed(int width) => (_bytes.Length - _at) / width;

    internal void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case WireTag.Varint:
                _ = ReadVarint();
                break;
            case WireTag.Fixed64:
                _ = Take(8);
                break;
            case WireTag.Length:
                _ = Take(ReadLength());
                break;
            case WireTag.GroupStart:
                SkipGroup(tag >> 3);
                break;
            case WireTag.Fixed32:
                _ = Take(4);
                break;
            default:
                throw Bad($"wire type {tag & 7} does not begin a field");
        }
    }

    /// <summary>Groups are protobuf's oldest nesting: nobody writes them, but an unknown field may be one.</summary>
    private void SkipGroup(uint number)
    {
        if (++_depth > WireWriter.DepthMax)
        {
            throw Bad($"values are nested more than {WireWriter.DepthMax} deep");
        }

        while (true)
        {
            var tag = ReadTag();
            if (tag == 0)
            {
                throw Bad("a group does not end");
            }

            if ((tag & 7) == WireTag.GroupEnd)
            {
                if (tag >> 3 != number)
                {
                    throw Bad("a group ends that did not begin");
                }

                _depth--;
                return;
            }

            Skip(tag);
        }
    }

    private bool TryReadLongTag(uint tag)
    {
        var start = _at;
        if (_at < _bytes.Length && _bytes[_at] >= 0x80 && ReadVarint() == tag)
        {
            return true;
        }

        _at = start;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadLength()
    {
        var length = ReadVarint();
        if (length > (ulong)(_bytes.Length - _at))
        {
            throw Bad("a length points past the end");
        }

        return (int)length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong ReadVarint()
    {
        if ((uint)_at < (uint)_bytes.Length)
        {
            var first = _bytes[_at];
            if (first < 0x80)
            {
                _at++;
                return first;
            }
        }

        return ReadLongVarint();
    }

    private ulong ReadLongVarint()
    {
        if (_bytes.Length - _at < MaxVarint)
        {
            return ReadVarintByByte();
        }

        // Eight bytes at once: the first without its high bit is the last of the number, and the sevens are pushed together.
        var word = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_at..]);
        if ((word & 0x8000) == 0)
        {
            _at += 2;
            return TwoOf(word);
        }

        if ((word & 0x80_0000) == 0)
        {
            _at += 3;
            return ThreeOf(word);
        }

        var ends = ~word & 0x8080_8080_8080_8080;
        if (ends == 0)
        {
            var value = Sevens.Compact(word) | TopOf(_bytes, _at, out var width);
            _at += width;
            return value;
        }

        _at += (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
        return Sevens.Compact(word & (ends ^ (ends - 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong TwoOf(ulong word) => (word & 0x7F) | ((word & 0x7F00) >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ThreeOf(ulong word) => TwoOf(word) | ((word & 0x7F_0000) >> 2);

    /// <summary>
    /// The bits from 56 on of a number that goes on behind its eighth byte: by arithmetic, since no processor can guess whether
    /// a tenth follows the ninth.
    /// </summary>
    /// <param name="all">Ten bytes at least from <paramref name="at"/> on.</param>
    /// <param name="at">Where the number begins.</param>
    /// <param name="width">9 or 10.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong TopOf(ReadOnlySpan<byte> all, int at, out int width)
    {
        uint ninth = all[at + 8];
        var more = ninth >> 7;
        var tenth = all[at + 9] & (0 - more);
        if (tenth > 1)
        {
            _at = at;
            throw Bad("a varint has more than 64 bits");
        }

        width = 9 + (int)more;
        return ((ulong)(ninth & 0x7F) << 56) | ((ulong)tenth << 63);
    }

    /// <summary>Near the end of the bytes, where eight cannot be read at once.</summary>
    private ulong ReadVarintByByte()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at >= _bytes.Length)
            {
                throw Bad("a varint does not end");
            }

            var b = _bytes[_at++];
            if (shift == 63 && b > 1)
            {
                break;
            }

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Bad("a varint has more than 64 bits");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        if (_bytes.Length - _at < count)
        {
            ThrowCutOff();
        }

        var taken = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(_bytes), _at), count);
        _at += count;
        return taken;
    }

    [DoesNotReturn]
    private readonly void ThrowCutOff() => throw Bad("the bytes end within a value");

    private readonly RecordFormatException Bad(string what) => new($"Not a record of this model: at byte {_at}, {what}.");
}
