namespace Netabase.Transport.Loopback;

/// <summary>Chance that a seed replays for ever (Steele, Lea, Flood: Fast splittable pseudorandom number generators).</summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>At least 0, below 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));
}
