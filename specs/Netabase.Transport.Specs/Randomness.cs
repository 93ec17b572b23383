using System.Globalization;

namespace Netabase.Transport.Specs;

/// <summary>Chance in specs: a seed from NETABASE_SEED replays a run, and NETABASE_LONG=1 makes it a long one.</summary>
internal static class Randomness
{
    public static int Seed() =>
        int.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : Random.Shared.Next();

    public static int Count(int usual, int @long) => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? @long : usual;

    /// <summary>Up to so many random bytes.</summary>
    public static byte[] Bytes(Random random, int most)
    {
        var bytes = new byte[random.Next(most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Runs a decoder that may succeed or refuse, but nothing else.</summary>
    public static void OnlyRefuses(int seed, int run, Action decode)
    {
        try
        {
            decode();
        }
        catch (TransportException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}, run {run}: {e}");
        }
    }
}
