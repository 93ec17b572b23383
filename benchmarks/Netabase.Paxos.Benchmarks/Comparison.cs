using System.Diagnostics;
using System.Globalization;
using System.Text;
using Netabase.Paxos.Benchmarks.Client;

namespace Netabase.Paxos.Benchmarks;

/// <summary>The measures of one contestant.</summary>
internal static class Comparison
{
    public const int ValueBytes = 256;
    private const int Keys = 1024;

    public static async Task<ComparisonResult> RunAsync(IContestant contestant, ComparisonOptions options)
    {
        Console.Error.WriteLine($"{contestant.Name}; {contestant.Durability}; election time-out {options.ElectionTimeout.TotalMilliseconds:0} ms");
        await using (contestant.ConfigureAwait(false))
        {
            await contestant.StartAsync(options.ElectionTimeout).ConfigureAwait(false);
            var (keys, value) = (MakeKeys(), MakeValue());

            // Keys exist before they are read, and what is compiled at first use is.
            // A busy machine takes its time over that.
            var done = 0;
            for (var begun = Stopwatch.GetTimestamp(); done < options.WarmUpWrites && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(2);)
            {
                await Load.RunAsync(1000, options.WarmUp, client => contestant.WriteAsync(client, keys[Interlocked.Increment(ref done) % Keys], value)).ConfigureAwait(false);
                await Load.RunAsync(64, options.WarmUp, client => contestant.WriteAsync(client, keys[Interlocked.Increment(ref done) % Keys], value)).ConfigureAwait(false);
            }

            var writes = new Dictionary<int, LoadResult>();
            var reads = new Dictionary<int, LoadResult>();
            foreach (var clients in options.Clients)
            {
                writes[clients] = await MeasureAsync(
                    contestant, $"writes of {ValueBytes} B, {clients} clients", clients, options.Time, client => contestant.WriteAsync(client, keys[(client * 31) % Keys], value)).ConfigureAwait(false);
            }

            foreach (var clients in options.Clients.Where(clients => clients <= 64))
            {
                reads[clients] = await MeasureAsync(
                    contestant, $"linearizable reads, {clients} clients", clients, options.Time, client => contestant.ReadAsync(client, keys[(client * 31) % Keys])).ConfigureAwait(false);
            }

            return new ComparisonResult(writes, reads, await FailOverAsync(contestant, keys[0], value).ConfigureAwait(false));
        }
    }

    public static byte[][] MakeKeys() =>
        [.. Enumerable.Range(0, Keys).Select(i => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key-{i:0000}")))];

    public static byte[] MakeValue()
    {
        var value = new byte[ValueBytes];
        new Random(1).NextBytes(value);
        return value;
    }

    private static async Task<LoadResult> MeasureAsync(IContestant contestant, string what, int clients, TimeSpan time, Func<int, ValueTask> operation)
    {
        var before = contestant.ProcessorTime;
        var clock = Stopwatch.StartNew();
        var result = await Load.RunAsync(clients, time, operation).ConfigureAwait(false);
        var cost = (contestant.ProcessorTime - before).TotalMicroseconds / (result.PerSecond * clock.Elapsed.TotalSeconds);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {what,-36} {result.PerSecond,10:0}/s  p50 {result.P50,8:0} us  p99 {result.P99,8:0} us  members' processors {cost,6:0} us each"));
        return result;
    }

    private static async Task<double> FailOverAsync(IContestant contestant, byte[] key, byte[] value)
    {
        await contestant.KillLeaderAsync().ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await contestant.WriteAnywhereAsync(key, value, deadline.Token).ConfigureAwait(false);
        var took = clock.Elapsed.TotalMilliseconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  leader killed: next acknowledged write after {took:0} ms"));
        return took;
    }
}

/// <param name="Clients">How many closed loops, one run each.</param>
/// <param name="Time">How long each run.</param>
/// <param name="WarmUp">How long before the first, once with many clients and once with fewer.</param>
/// <param name="WarmUpWrites">How many writes at least.</param>
/// <param name="ElectionTimeout">The same for all.</param>
internal sealed record ComparisonOptions(int[] Clients, TimeSpan Time, TimeSpan WarmUp, int WarmUpWrites, TimeSpan ElectionTimeout);

/// <param name="Writes">By clients.</param>
/// <param name="Reads">By clients.</param>
/// <param name="FailOver">From the leader's death to the next acknowledged write, in milliseconds.</param>
internal sealed record ComparisonResult(IReadOnlyDictionary<int, LoadResult> Writes, IReadOnlyDictionary<int, LoadResult> Reads, double FailOver);
