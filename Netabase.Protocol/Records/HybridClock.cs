namespace Netabase.Protocol.Records;

/// <summary>
/// The step of a hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone: Logical Physical Clocks, 2014, figure 5),
/// with the wall time as an input. The owner keeps the last reading, and gives it back with the next step.
/// </summary>
public static class HybridClock
{
    /// <summary>The reading for something written now: later than every reading before it, and wall time whenever that allows.</summary>
    /// <param name="last">The last reading.</param>
    /// <param name="now">Wall time in unix milliseconds; a clock set back does not set the readings back.</param>
    /// <exception cref="InvalidOperationException">The last reading is the last of all.</exception>
    public static HybridTimestamp Tick(HybridTimestamp last, long now)
    {
        var wall = Math.Clamp(now, 0, HybridTimestamp.MillisecondsMax);
        return wall > last.Milliseconds ? HybridTimestamp.Create(wall, 0) : Next(last);
    }

    /// <summary>The clock after a reading of another node was seen: what is written next is later than that.</summary>
    /// <param name="last">The last reading.</param>
    /// <param name="seen">The other's reading.</param>
    /// <param name="now">Wall time in unix milliseconds.</param>
    /// <param name="aheadMax">How far, in milliseconds, the other's wall part may be ahead of ours: one broken clock must not drag all others along.</param>
    /// <param name="merged">The new last reading.</param>
    /// <returns>False, and the clock as it was, when the reading is too far ahead.</returns>
    public static bool TryMerge(HybridTimestamp last, HybridTimestamp seen, long now, long aheadMax, out HybridTimestamp merged)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(aheadMax);
        if (seen.Milliseconds - Math.Clamp(now, 0, HybridTimestamp.MillisecondsMax) > aheadMax)
        {
            merged = last;
            return false;
        }

        merged = seen > last ? seen : last;
        return true;
    }

    /// <summary>The smallest reading after this one; a full counter runs over into the next millisecond.</summary>
    private static HybridTimestamp Next(HybridTimestamp last) => last.Value < ulong.MaxValue
        ? new HybridTimestamp(last.Value + 1)
        : throw new InvalidOperationException("the hybrid clock has reached its end");
}
