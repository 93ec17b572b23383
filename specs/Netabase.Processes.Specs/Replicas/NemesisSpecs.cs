using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>Five processes and everything that can be done to them, drawn by a seed, for minutes: <c>specs/long-runs.md</c>.</summary>
public sealed class NemesisSpecs(ITestOutputHelper output) : ProcessSpec
{
    private const int Count = 5;
    private const int Few = 50;

    [SkippableFact]
    public async Task Whatever_happens_to_five_under_load_their_history_is_linearizable()
    {
        Skip.If(Environment.GetEnvironmentVariable("NETABASE_LONG") != "1", "NETABASE_LONG=1 runs it.");
        using var cables = Cables.TryCreate(Count);
        Skip.If(cables is null, "This needs network namespaces: root, and the ip command.");
        using var disk = SmallDisk.TryMount(ReplicaSet.FolderOf(Folder, 0), mebibytes: 256);
        Skip.If(disk is null, "This needs a file system of its own: root, and mount.");
        var seed = Number("NETABASE_SEED", Environment.TickCount & 0xffff);
        var minutes = Number("NETABASE_MINUTES", 10);
        output.WriteLine($"NETABASE_SEED={seed}");
        var random = new Random(seed);
        await using var nodes = await ReplicaSet.StartAsync(Folder, Count, cables);
        await nodes.LeaderAsync();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(minutes))
        {
            // A history of some acts at a time is judged, so that one that is wrong is short.
            await using var load = new Load(nodes, clients: 8, random.Next(), $"{watch.ElapsedMilliseconds}.");
            var acts = new Acts(nodes, load, cables, output.WriteLine);
            await load.GoesOnAsync(Few);
            for (var act = 0; act < 6; act++)
            {
                await ActAsync(random, nodes, acts, disk);
            }

            await load.EndAsync([.. nodes.All]);
            output.WriteLine($"{watch.Elapsed.TotalMinutes:0.0} min: linearizable; {load.Summary}");
        }
    }

    private static async Task ActAsync(Random random, ReplicaSet nodes, Acts acts, SmallDisk disk)
    {
        var leader = await nodes.LeaderAsync();
        var any = nodes[random.Next(Count)];
        var some = random.Next(2) == 0 ? leader : any;
        await (random.Next(8) switch
        {
            0 => acts.KillAsync(some, Few),
            1 => acts.KillTwoAsync(Few),
            2 => acts.CutOffAsync(some, Few),
            3 => acts.DeafenAsync(some, Few),
            4 => acts.CutBetweenAsync(leader, await acts.FollowerAsync(), Few),
            5 => acts.RollAsync(Few / 5),

            // The first one has the small disk.
            6 => acts.ReplaceAsync(1 + random.Next(Count - 1), Few),
            _ => acts.FillAsync(nodes[0], disk, Few),
        });
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;
}
