namespace Netabase.Transport.Yamux;

/// <summary>
/// A token bucket for frames that move nothing. A peer that works earns more than it spends: payload and streams that end
/// in order refill it, so that only one that does nothing but ping, update, or open streams and reset them runs dry.
/// </summary>
internal struct FloodBudget(int burst, int perSecond, long ticksPerSecond, long now)
{
    private const int EarnedPerStream = 4;
    private const int BytesPerToken = 1024;

    private long _tokens = burst;
    private long _filledAt = now;
    private long _bytes;

    /// <summary>Spends one; false when the peer floods us.</summary>
    internal bool TrySpend(long now)
    {
        if (_tokens == 0)
            Refill(now);
        if (_tokens == 0)
            return false;
        _tokens--;
        return true;
    }

    /// <summary>We opened a stream, or one of the peer's came to its end in order.</summary>
    internal void EarnStream() => _tokens = Math.Min(burst, _tokens + EarnedPerStream);

    /// <summary>Payload moved in either direction.</summary>
    internal void EarnBytes(long count)
    {
        _bytes += count;
        _tokens = Math.Min(burst, _tokens + (_bytes / BytesPerToken));
        _bytes %= BytesPerToken;
    }

    private void Refill(long now)
    {
        var elapsed = Math.Min(now - _filledAt, ticksPerSecond * (1 + (burst / Math.Max(1, perSecond))));
        var earned = elapsed * perSecond / ticksPerSecond;
        if (earned <= 0)
            return;
        _tokens = Math.Min(burst, _tokens + earned);
        _filledAt = now;
    }
}
