using System.Diagnostics;

namespace Netabase.Processes.Specs.Replicas;

/// <summary>What is done to a group under load; each act ends when everything is in order again, and the group went on in between.</summary>
internal sealed class Acts(ReplicaSet nodes, Load load, Cables? cables, Action<string> say)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public async Task<Replica> FollowerAsync()
    {
        var leader = await nodes.LeaderAsync();
        return nodes.All.First(node => node.IsUp && node != leader);
    }

    /// <summary>SIGKILL; the others go on, and it comes back.</summary>
    public async Task KillAsync(Replica node, int writes)
    {
        await ReplicaSet.KillAsync(node);
        await load.GoesOnAsync(writes);
        await nodes.StartAsync(node);
        await ReplicaSet.CaughtUpAsync(node);
        Say($"killed {node.Place}");
    }

    /// <summary>The leader and one of the others at once, of five.</summary>
    public async Task KillTwoAsync(int writes)
    {
        var (leader, other) = (await nodes.LeaderAsync(), await FollowerAsync());
        await Task.WhenAll(ReplicaSet.KillAsync(leader), ReplicaSet.KillAsync(other));
        await load.GoesOnAsync(writes);
        await Task.WhenAll(nodes.StartAsync(leader), nodes.StartAsync(other));
        await ReplicaSet.CaughtUpAsync(leader);
        await ReplicaSet.CaughtUpAsync(other);
        Say($"killed {leader.Place}, the leader, and {other.Place}");
    }

    /// <summary>Nobody reaches it and it reaches nobody; clients still ask it.</summary>
    public Task CutOffAsync(Replica node, int writes) => CutAsync(() => cables!.CutOff(node.Place), $"cut off {node.Place}", node, writes);

    /// <summary>It is heard by all and hears nobody.</summary>
    public Task DeafenAsync(Replica node, int writes) => CutAsync(
        () =>
        {
            foreach (var other in nodes.All.Where(other => other != node))
            {
                cables!.CutOneWay(other.Place, node.Place);
            }
        },
        $"deafened {node.Place}",
        node,
        writes);

    /// <summary>Two do not hear each other; both hear the rest.</summary>
    public Task CutBetweenAsync(Replica one, Replica other, int writes) =>
        CutAsync(() => cables!.Cut(one.Place, other.Place), $"cut between {one.Place} and {other.Place}", one, writes);

    /// <summary>Each is stopped in its turn, as for an upgrade.</summary>
    public async Task RollAsync(int writes)
    {
        foreach (var node in nodes.All)
        {
            await ReplicaSet.StopAsync(node);
            await load.GoesOnAsync(writes);
            await nodes.StartAsync(node);
            await ReplicaSet.CaughtUpAsync(node);
        }

        Say("restarted all");
    }

    /// <summary>A member and its disk are lost for ever; another takes its place.</summary>
    public async Task ReplaceAsync(int place, int writes)
    {
        var lost = nodes[place];
        await ReplicaSet.KillAsync(lost);
        await lost.Node!.DisposeAsync();
        var asked = await nodes.LeaderAsync();
        await ReplicaSet.ChangeAsync(asked, "remove", lost);
        var next = nodes.Replace(place);
        await nodes.StartAsync(next, withheld: true);
        await ReplicaSet.ChangeAsync(asked, "add", next);
        await ReplicaSet.CaughtUpAsync(next);
        await ReplicaSet.ChangeAsync(asked, "promote", next);
        next.IsUp = true;
        await load.GoesOnAsync(writes);
        Say($"replaced {place}");
    }

    /// <summary>Its disk has no byte left while the others go on; then it has, and the node answers again without a restart.</summary>
    public async Task FillAsync(Replica node, SmallDisk disk, int writes)
    {
        disk.Fill();
        await load.GoesOnAsync(writes);
        disk.Empty();
        await ReplicaSet.CaughtUpAsync(node);
        Say($"filled the disk of {node.Place}");
    }

    private async Task CutAsync(Action cut, string what, Replica node, int writes)
    {
        cut();
        await load.GoesOnAsync(writes);
        cables!.HealAll();
        await ReplicaSet.CaughtUpAsync(node);
        Say(what);
    }

    private void Say(string what) => say($"{_watch.Elapsed.TotalSeconds:0.0} s: {what}; {load.Summary}");
}
