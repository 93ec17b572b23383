using System.Diagnostics;
using System.Globalization;
using System.Text;
using Netabase.Paxos.Benchmarks.Client;

namespace Netabase.Paxos.Benchmarks;

/// <summary>The table for one contestant.</summary>
internal static class Comparison
{
    private const int ValueBytes = 256;
    private const int Keys = 1024;

    public static async Task RunAsync(IContestant contestant, ComparisonOptions options)
    {
        Console.WriteLine($"{contestant.Name}; {contestant.Durability}; election time-out {options.ElectionTimeout.TotalMilliseconds:0} ms");
        await using (contestant.ConfigureAwait(false))
        {
            await contestant.StartAsync(options.ElectionTimeout).ConfigureAwait(false);
            var value = new byte[ValueBytes];
            new Random(1).NextBytes(value);
            var keys = Enumerable.Range(0, Keys).Select(i => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key-{i:0000}"))).ToArray();

            // Keys exist before they are read, and what is compiled at first use is.
            await Load.RunAsync(16, options.WarmUp, client => contestant.WriteAsync(client, keys[Random.Shared.Next(Keys)], value)).ConfigureAwait(false);
            foreach (var clients in options.Clients)
            {
                Tell($"writes of {ValueBytes} B, {clients} clients", await Load.RunAsync(
                    clients, options.Time, client => contestant.WriteAsync(client, keys[(client * 31) % Keys], value)).ConfigureAwait(false));
            }

            foreach (var clients in options.Clients.Where(clients => clients <= 64))
            {
                Tell($"linearizable reads, {clients} clients", await Load.RunAsync(
                    clients, options.Time, client => contestant.ReadAsync(client, keys[(client * 31) % Keys])).ConfigureAwait(false));
            }

            await FailOverAsync(contestant, keys[0], value).ConfigureAwait(false);
        }
    }

    private static async Task FailOverAsync(IContestant contestant, byte[] key, byte[] value)
    {
        await contestant.KillLeaderAsync().ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await contestant.WriteAnywhereAsync(key, value, deadline.Token).ConfigureAwait(false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  leader killed: next acknowledged write after {clock.ElapsedMilliseconds} ms"));
    }

    private static void Tell(string what, LoadResult result) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"  {what,-36} {result.PerSecond,10:0}/s  p50 {result.P50,8:0} us  p99 {result.P99,8:0} us"));
}

/// <param name="Clients">How many closed loops, one run each.</param>
/// <param name="Time">How long each run.</param>
/// <param name="WarmUp">How long before the first.</param>
/// <param name="ElectionTimeout">The same for all.</param>
internal sealed record ComparisonOptions(int[] Clients, TimeSpan Time, TimeSpan WarmUp, TimeSpan ElectionTimeout);
