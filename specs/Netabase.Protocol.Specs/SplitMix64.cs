using Xunit.Abstractions;

namespace Netabase.Protocol.Specs;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood, 2014): a framework's seeded Random is not promised to stay the same for ever, and a printed
/// seed has to replay its run years later. NETABASE_SEED replays one.
/// </summary>
public sealed class SplitMix64
{
    private ulong _state;

    public SplitMix64(ulong seed) => _state = seed;

    /// <summary>The seed from the environment, else this one; printed, so that a failure can be replayed.</summary>
    public static SplitMix64 Seeded(ITestOutputHelper output, ulong otherwise)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), out var given) ? given : otherwise;
        output.WriteLine($"NETABASE_SEED={seed}");
        return new SplitMix64(seed);
    }

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>0 up to, not including, <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = (byte)Next();
        }

        return bytes;
    }
}
