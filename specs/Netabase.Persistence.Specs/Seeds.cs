using Xunit.Abstractions;

namespace Netabase.Persistence.Specs;

/// <summary>Seeds of random specs: printed, and taken from <c>NETABASE_SEED</c> to replay one; <c>NETABASE_LONG=1</c> runs many.</summary>
internal static class Seeds
{
    public static bool IsLong => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";

    public static IEnumerable<int> Take(ITestOutputHelper output, int count, int countWhenLong)
    {
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("NETABASE_SEED"), out var given)
            ? [given]
            : Enumerable.Range(0, IsLong ? countWhenLong : count).Select(_ => Random.Shared.Next());
        foreach (var seed in seeds)
        {
            output.WriteLine($"NETABASE_SEED={seed}");
            yield return seed;
        }
    }
}
