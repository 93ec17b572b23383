using System.Diagnostics;

namespace Netabase.Paxos.Benchmarks.Client;

/// <summary>Closed loops: each client sends its next operation when the last one was answered.</summary>
internal static class Load
{
    public static async Task<LoadResult> RunAsync(int clients, TimeSpan time, Func<int, ValueTask> operation)
    {
        var latencies = new List<double>[clients];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var mine = latencies[client] = new List<double>(4096);
            while (clock.Elapsed < time)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(client).ConfigureAwait(false);
                mine.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            }
        }))).ConfigureAwait(false);
        var seconds = clock.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(mine => mine).Order().ToArray();
        return new LoadResult(all.Length / seconds, At(all, 0.5), At(all, 0.99));
    }

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)(share * (sorted.Length - 1))];
}

/// <param name="PerSecond">Operations answered per second.</param>
/// <param name="P50">Median latency in microseconds.</param>
/// <param name="P99">99th percentile in microseconds.</param>
internal sealed record LoadResult(double PerSecond, double P50, double P99);
