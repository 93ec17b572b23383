using System.Diagnostics;
using System.Globalization;
using System.Text;
using Netabase.Paxos.Benchmarks.Contestants;
using Netabase.Paxos.Benchmarks.Members;

namespace Netabase.Paxos.Benchmarks;

/// <summary>A member that was away comes back to a group that has gone on without it.</summary>
internal static class CatchingUp
{
    // The group's bounds are wide enough for the leader to send the log itself; by default it would send a snapshot of the state instead.
    private const string WholeLog = "keep-slots = 1000000, log-bytes-max = 4000000000";
    private const int Clients = 2000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <returns>Entries a second: writes that it had missed, by the time from its process's start until it had applied them all.</returns>
    public static async Task<double> RunAsync(string folder, int entries, bool bySnapshot)
    {
        NetabaseMember.MakeKeys(folder, 3);
        var cluster = new ProcessCluster("netabase", "Netabase", string.Empty, folder, 23_990, bySnapshot ? string.Empty : WholeLog);
        await using (cluster.ConfigureAwait(false))
        {
            await cluster.StartAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            var value = Comparison.MakeValue();
            var away = cluster.AnyFollower();
            await cluster.WriteAsync(0, "first"u8.ToArray(), value).ConfigureAwait(false);
            await cluster.KillAsync(away).ConfigureAwait(false);
            await WriteAsync(cluster, entries, value, bySnapshot).ConfigureAwait(false);
            var target = await cluster.AppliedThroughAsync(cluster.Leader).ConfigureAwait(false) ?? throw new IOException("the leader is gone");
            var clock = Stopwatch.StartNew();
            cluster.Start(away);
            while (await cluster.AppliedThroughAsync(away).ConfigureAwait(false) is not { } applied || applied < target)
            {
                if (clock.Elapsed > Patience)
                {
                    throw new TimeoutException("the member did not catch up");
                }

                await Task.Delay(20).ConfigureAwait(false);
            }

            var rate = entries / clock.Elapsed.TotalSeconds;
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {entries} entries behind, {(bySnapshot ? "by a snapshot" : "by the log")}: {rate:0} entries/s, {target} slots, {clock.ElapsedMilliseconds} ms"));
            return rate;
        }
    }

    // By a snapshot as many records travel as there were writes; by the log every write does, whatever it wrote over.
    private static async Task WriteAsync(ProcessCluster cluster, int entries, byte[] value, bool isEachNew)
    {
        var keys = Comparison.MakeKeys();
        var left = entries;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) is >= 0 and var number)
            {
                var key = isEachNew ? Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"entry-{number}")) : keys[number % keys.Length];
                await cluster.WriteAsync(client, key, value).ConfigureAwait(false);
            }
        }))).ConfigureAwait(false);
    }
}
