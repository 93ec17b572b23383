using Xunit.Abstractions;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>
/// Groups of three and of five processes that lose what can be lost while clients write, read and compare: whatever was acknowledged is
/// there, and nothing twice.
/// </summary>
public sealed class UnderFireSpecs(ITestOutputHelper output) : ProcessSpec
{
    private const int Few = 30;

    [SkippableFact]
    public async Task Three_that_are_cut_apart_run_out_of_disk_and_are_started_anew_one_by_one_lose_nothing()
    {
        SkipUnlessLong();
        using var cables = Cables.TryCreate(3);
        Skip.If(cables is null, "This needs network namespaces: root, and the ip command.");
        using var disk = SmallDisk.TryMount(ReplicaSet.FolderOf(Folder, 1), mebibytes: 64);
        Skip.If(disk is null, "This needs a file system of its own: root, and mount.");
        await using var nodes = await ReplicaSet.StartAsync(Folder, 3, cables);
        await using var load = await BegunAsync(nodes);
        var acts = new Acts(nodes, load, cables, output.WriteLine);
        await acts.CutOffAsync(await nodes.LeaderAsync(), Few);
        await acts.DeafenAsync(await nodes.LeaderAsync(), Few);
        await acts.CutBetweenAsync(await nodes.LeaderAsync(), await acts.FollowerAsync(), Few);
        await acts.FillAsync(nodes[1], disk, Few);
        await acts.RollAsync(Few);
        await EndAsync(nodes, load);
    }

    [SkippableFact]
    public async Task Five_lose_their_leader_and_another_at_once_and_one_for_ever_and_go_on()
    {
        SkipUnlessLong();
        await using var nodes = await ReplicaSet.StartAsync(Folder, 5);
        await using var load = await BegunAsync(nodes);
        var acts = new Acts(nodes, load, null, output.WriteLine);
        await acts.KillTwoAsync(Few);
        await acts.ReplaceAsync((await acts.FollowerAsync()).Place, Few);
        await EndAsync(nodes, load);
    }

    /// <summary>Minutes on a machine that does much else.</summary>
    private static void SkipUnlessLong() => Skip.If(Environment.GetEnvironmentVariable("NETABASE_LONG") != "1", "NETABASE_LONG=1 runs it.");

    private static async Task<Load> BegunAsync(ReplicaSet nodes)
    {
        await nodes.LeaderAsync();
        var load = new Load(nodes, clients: 3, seed: Environment.TickCount & 0xffff);
        await load.GoesOnAsync(Few);
        return load;
    }

    private async Task EndAsync(ReplicaSet nodes, Load load)
    {
        await load.EndAsync([.. nodes.All]);
        output.WriteLine(load.Summary);
    }
}
