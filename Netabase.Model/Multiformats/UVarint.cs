namespace Netabase.Multiformats;

/// <summary>How the reading of a varint ended.</summary>
public enum UVarintStatus
{
    /// <summary>A value was read.</summary>
    Ok,

    /// <summary>The bytes end inside the varint; more of them may complete it.</summary>
    Incomplete,

    /// <summary>It goes on after <see cref="UVarint.MaxLength"/> bytes.</summary>
    TooLong,

    /// <summary>It ends in a zero group, so a shorter encoding of the same value exists.</summary>
    NotMinimal,
}

/// <summary>
/// multiformats/unsigned-varint: 7 bits a byte, least significant group first, the high bit set on all but the last.
/// Only the shortest encoding counts, and nothing above 63 bits.
/// </summary>
public static class UVarint
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxLength = 9;

    /// <summary>The greatest value, 2^63 - 1.</summary>
    public const ulong MaxValue = long.MaxValue;

    /// <summary>How many bytes a value takes, 1 to 9.</summary>
    public static int LengthOf(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1);
        return (bits + 6) / 7;
    }

    /// <summary>Writes a value and returns how many bytes it took.</summary>
    /// <exception cref="ArgumentException">The value is above <see cref="MaxValue"/>, or the destination too short.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        var length = LengthOf(value);
        if (destination.Length < length)
            throw new ArgumentException($"A varint of {length} bytes does not fit into {destination.Length}.", nameof(destination));

        for (var i = 0; i < length - 1; i++)
        {
            destination[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length - 1] = (byte)value;
        return length;
    }

    /// <summary>Reads the varint at the start of the bytes; value and count are 0 unless the result is <see cref="UVarintStatus.Ok"/>.</summary>
    public static UVarintStatus TryRead(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        value = 0;
        consumed = 0;
        var sum = 0UL;
        var end = Math.Min(source.Length, MaxLength);
        for (var i = 0; i < end; i++)
        {
            var group = source[i];
            sum |= (ulong)(group & 0x7f) << (7 * i);
            if (group >= 0x80) continue;
            if (group == 0 && i > 0) return UVarintStatus.NotMinimal;

            value = sum;
            consumed = i + 1;
            return UVarintStatus.Ok;
        }

        return source.Length < MaxLength ? UVarintStatus.Incomplete : UVarintStatus.TooLong;
    }

    /// <summary>Reads the varint at the start of the bytes.</summary>
    /// <exception cref="MultiformatException">It is cut off, longer than 9 bytes or not minimal.</exception>
    public static ulong Read(ReadOnlySpan<byte> source, out int consumed)
    {
        var status = TryRead(source, out var value, out consumed);
        return status == UVarintStatus.Ok ? value : throw new MultiformatException(Describe(status));
    }

    /// <summary>
    /// Reads a length or a code that must not exceed a cap, and takes it off the front of the bytes.
    /// </summary>
    internal static bool TryTake(ref ReadOnlySpan<byte> source, ulong max, out int value)
    {
        value = 0;
        if (TryRead(source, out var read, out var consumed) != UVarintStatus.Ok || read > max || read > int.MaxValue) return false;
        value = (int)read;
        source = source[consumed..];
        return true;
    }

    internal static string Describe(UVarintStatus status) => status switch
    {
        UVarintStatus.Incomplete => "The varint is cut off.",
        UVarintStatus.TooLong => $"The varint is longer than {MaxLength} bytes.",
        UVarintStatus.NotMinimal => "The varint is not minimal: it ends in a zero group.",
        _ => "The varint is sound.",
    };
}
