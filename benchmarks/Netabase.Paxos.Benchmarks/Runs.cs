using Netabase.Paxos.Benchmarks.Client;
using Netabase.Paxos.Benchmarks.Contestants;
using Netabase.Paxos.Benchmarks.Members;

namespace Netabase.Paxos.Benchmarks;

/// <summary>Each measure in a folder of its own, and all of them as the issue's table.</summary>
internal static class Runs
{
    private const int CatchUpEntries = 1_000_000;
    private static readonly TimeSpan ElectionTimeout = TimeSpan.FromSeconds(1);

    public static string[] Contestants => ["netabase", "etcd", "dotnext"];

    public static async Task<T> InFolderAsync<T>(Func<string, Task<T>> run)
    {
        var root = Directory.CreateTempSubdirectory("netabase-paxos-");
        try
        {
            return await run(root.FullName).ConfigureAwait(false);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    public static Task<ComparisonResult> CompareAsync(string name, int seconds) => InFolderAsync(folder =>
    {
        IContestant contestant = name switch
        {
            "netabase" => Netabase(folder),
            "etcd" => new EtcdCluster(folder, 23_790),
            "dotnext" => new ProcessCluster(name, "DotNext.Net.Cluster 6.12", "log flushed before append and commit return (its only mode)", folder, 23_890),
            _ => throw new ArgumentException($"{name} is no contestant: {string.Join(", ", Contestants)} are"),
        };
        return Comparison.RunAsync(contestant, new ComparisonOptions(
            [1000, 64, 1], TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(12), 30_000, ElectionTimeout));
    });

    public static async Task<string> TableAsync(int seconds)
    {
        var floor = await InFolderAsync(Floor.RunAsync).ConfigureAwait(false);
        var local = await InFolderAsync(LocalPut.RunAsync).ConfigureAwait(false);
        var ours = await CompareAsync("netabase", seconds).ConfigureAwait(false);
        var etcd = await CompareAsync("etcd", seconds).ConfigureAwait(false);
        var log = await InFolderAsync(folder => CatchingUp.RunAsync(folder, CatchUpEntries, bySnapshot: false)).ConfigureAwait(false);
        var snapshot = await InFolderAsync(folder => CatchingUp.RunAsync(folder, CatchUpEntries, bySnapshot: true)).ConfigureAwait(false);
        var dotnext = await CompareAsync("dotnext", seconds).ConfigureAwait(false);
        var table = new Table();
        foreach (var clients in (int[])[64, 1000])
        {
            table.Compared($"committed 256 B writes/s, {clients} clients", ours.Writes[clients].PerSecond, etcd.Writes[clients].PerSecond, dotnext.Writes[clients].PerSecond, "1.5x / 2x");
        }

        table.Compared("one client, p50, us", ours.Writes[1].P50, etcd.Writes[1].P50, dotnext.Writes[1].P50, "at most 1.0x etcd");
        table.Beside($"the same against one fsync and one round trip ({Table.Text(floor.Sync)} + {Table.Text(floor.RoundTrip)} us)", $"{Table.Text(ours.Writes[1].P50 / (floor.Sync + floor.RoundTrip))}x", "at most 1.5x");
        table.Compared("linearizable reads/s, 64 clients", ours.Reads[64].PerSecond, etcd.Reads[64].PerSecond, dotnext.Reads[64].PerSecond, "1.5x etcd");
        table.Compared("leader killed: next acknowledged write, ms", ours.FailOver, etcd.FailOver, dotnext.FailOver, "at most 2,000 and etcd's");
        table.Beside("1,000,000 entries behind, by the log: entries/s", Table.Text(log), "at least 100,000");
        table.Beside("1,000,000 records behind, by a snapshot: records/s", Table.Text(snapshot), string.Empty);
        table.Beside($"a durable local put takes {Table.Text(local)} us; consensus costs", $"{Table.Text(ours.Writes[1].P50 / local)}x", "stated");
        return table.ToString();
    }

    private static ProcessCluster Netabase(string folder)
    {
        NetabaseMember.MakeKeys(folder, 3);
        return new ProcessCluster("netabase", "Netabase", "votes synced by a majority before the answer (SQLite, synchronous = FULL)", folder, 23_990);
    }
}
