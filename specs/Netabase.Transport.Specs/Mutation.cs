namespace Netabase.Transport.Specs;

/// <summary>Input for fuzzing: mostly something true with a few faults in it, since pure noise is refused at the first byte.</summary>
internal static class Mutation
{
    /// <summary>A sound input with one to four faults, or, one time in eight, noise.</summary>
    public static byte[] Of(byte[] sound, Random random)
    {
        if (random.Next(8) == 0)
        {
            var noise = new byte[random.Next(sound.Length * 2)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = new List<byte>(sound);
        for (var faults = random.Next(1, 5); faults > 0 && bytes.Count > 0; faults--) Spoil(bytes, random);
        return [.. bytes];
    }

    private static void Spoil(List<byte> bytes, Random random)
    {
        var at = random.Next(bytes.Count);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = random.Next(2) == 0 ? (byte)0xff : (byte)0;
                break;
            case 3:
                bytes.RemoveRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1));
                break;
            case 4:
                bytes.Insert(at, (byte)random.Next(256));
                break;
            default:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, random.Next(Math.Min(16, bytes.Count - at)) + 1));
                break;
        }
    }
}
