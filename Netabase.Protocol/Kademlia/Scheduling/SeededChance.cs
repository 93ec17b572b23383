namespace Netabase.Protocol.Kademlia.Scheduling;

/// <summary>Chance as an input: SplitMix64 (Steele, Lea, Flood, 2014) from a seed, so that a run can be replayed.</summary>
/// <param name="seed">The owner's: random in a node, given in a simulation.</param>
internal sealed class SeededChance(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, the end.</summary>
    public long Below(long end) => end <= 1 ? 0 : (long)(Next() % (ulong)end);
}
