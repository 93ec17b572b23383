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
        // Long enough, and with pauses, that the compiler has replaced its first draft by the one it optimised with what it saw.
        for (var i = 0; i < 10; i++)
        {
            foreach (var contestant in contestants)
            {
                contestant(operations);
            }

            Thread.Sleep(100);
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
