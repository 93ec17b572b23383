namespace Netabase.Protocol.Specs;

/// <summary>Hostile bytes: sound ones with bits turned over, pieces cut, doubled and exchanged, and pure noise.</summary>
internal static class Fuzz
{
    /// <summary>A hundred times as many in a long run.</summary>
    public static int Rounds(int usual) => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? usual * 100 : usual;

    public static byte[] Mutated(SplitMix64 random, byte[] sound)
    {
        var bytes = (byte[])sound.Clone();
        for (var times = random.Below(4); times >= 0; times--)
        {
            var at = random.Below(bytes.Length + 1);
            bytes = random.Below(6) switch
            {
                0 when bytes.Length > at => Flipped(bytes, at, (byte)(1 << random.Below(8))),
                1 => bytes[..at],
                2 => [.. bytes[..at], .. random.Bytes(random.Below(6)), .. bytes[at..]],
                3 => [.. bytes, .. bytes[at..]],
                4 when bytes.Length > at => Flipped(bytes, at, 0xff),
                5 when times == 0 && random.Chance(0.1) => random.Bytes(random.Below(100)),
                _ => bytes,
            };
        }

        return bytes;
    }

    private static byte[] Flipped(byte[] bytes, int at, byte mask)
    {
        bytes[at] ^= mask;
        return bytes;
    }
}
