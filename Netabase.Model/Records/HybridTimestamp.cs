namespace Netabase;

/// <summary>
/// A hybrid logical clock's reading (Kulkarni et al., 2014): close to wall time, and later than everything its node had
/// seen. 48 bits of unix milliseconds above 16 bits of counter, so that readings compare as numbers until the year 10889.
/// </summary>
/// <param name="Value">The 64 bits.</param>
public readonly record struct HybridTimestamp(ulong Value) : IComparable<HybridTimestamp>
{
    /// <summary>The largest counter within one millisecond.</summary>
    public const int CounterMax = ushort.MaxValue;

    /// <summary>The largest wall time, in unix milliseconds.</summary>
    public const long MillisecondsMax = (1L << 48) - 1;

    /// <summary>Before every reading.</summary>
    public static HybridTimestamp Zero => default;

    /// <summary>The wall part, in unix milliseconds.</summary>
    public long Milliseconds => (long)(Value >> 16);

    /// <summary>The count of readings within that millisecond.</summary>
    public int Counter => (int)(Value & CounterMax);

    /// <summary>Puts the two parts together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A part is negative or too large.</exception>
    public static HybridTimestamp Create(long milliseconds, int counter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, MillisecondsMax);
        ArgumentOutOfRangeException.ThrowIfNegative(counter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counter, CounterMax);
        return new(((ulong)milliseconds << 16) | (uint)counter);
    }

    /// <inheritdoc/>
    public int CompareTo(HybridTimestamp other) => Value.CompareTo(other.Value);

    /// <summary>Milliseconds and counter, for people.</summary>
    public override string ToString() => $"{Milliseconds}.{Counter}";

    /// <summary>Order of time.</summary>
    public static bool operator <(HybridTimestamp left, HybridTimestamp right) => left.Value < right.Value;

    /// <summary>Order of time.</summary>
    public static bool operator >(HybridTimestamp left, HybridTimestamp right) => left.Value > right.Value;

    /// <summary>Order of time.</summary>
    public static bool operator <=(HybridTimestamp left, HybridTimestamp right) => left.Value <= right.Value;

    /// <summary>Order of time.</summary>
    public static bool operator >=(HybridTimestamp left, HybridTimestamp right) => left.Value >= right.Value;
}
