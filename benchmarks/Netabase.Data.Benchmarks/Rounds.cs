using System.Diagnostics;

namespace Netabase.Data.Benchmarks;

/// <summary>
/// Times several contestants in turns: a neighbour's load or a warm cache meets them all alike, and the median of the rounds
/// is not moved by the one in which it did not.
/// </summary>
internal static class Rounds
{
    /// <summary>The median nanoseconds an operation takes, one entry a contestant.</summary>
    /// <param name="contestants">Each runs its operation so many times.</param>
    /// <param name="rounds">How often each has its turn.</param>
    /// <param name="operations">Operations a turn.</param>
    public static double[] Median(IReadOnlyList<Action<int>> contestants, int rounds, int operations)
    {
        foreach (var contestant in contestants)
        {
            // Long enough that the compiler has replaced its first draft by the one it optimised with what it saw.
            for (var i = 0; i < 40; i++)
            {
                contestant(operations / 20);
                Thread.Yield();
            }
        }

        var times = contestants.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contestants.Count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                contestants[i](operations);
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations);
            }
        }

        return [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
    }
}
