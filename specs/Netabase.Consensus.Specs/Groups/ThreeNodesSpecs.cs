using Netabase.Actors.Node;
using Netabase.Consensus.Specs.Records;
using static Netabase.Consensus.Specs.Groups.GroupActorSpecs;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>Three nodes with the real cores, their journals and stores in SQLite, over connections that can be cut.</summary>
public sealed class ThreeNodesSpecs
{
    private const string Hasty = "netabase.paxos.defaults { election-timeout = 500ms, heartbeat-interval = 50ms, resend-after = 100ms, call-timeout = 5s }";

    [Fact]
    public async Task What_was_acknowledged_on_one_is_read_on_every_other()
    {
        await using var world = await StartAsync();
        for (var i = 0; i < 9; i++)
        {
            Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[i % 3], Account("ada", i)));
            for (var node = 0; node < 3; node++)
            {
                Assert.Equal(i, await ReadAsync(world[node], "ada"));
            }
        }
    }

    [Fact]
    public async Task When_the_leader_dies_the_others_go_on_and_it_catches_up_when_it_is_back()
    {
        await using var world = await StartAsync();
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var leader = await world.LeaderAsync(0, "ledger");
        await world.StopAsync(leader);
        var other = (leader + 1) % 3;
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[other], Account("ada", 2)));
        Assert.Equal(2, await ReadAsync(world[(leader + 2) % 3], "ada"));
        await world.StartAsync(leader);
        Assert.Equal(2, await ReadAsync(world[leader], "ada"));
    }

    [Fact]
    public async Task A_minority_acknowledges_nothing_and_hears_of_everything_afterwards()
    {
        await using var world = await StartAsync("netabase.paxos.defaults.call-timeout = 1s");
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var leader = await world.LeaderAsync(0, "ledger");
        var (one, other) = ((leader + 1) % 3, (leader + 2) % 3);
        world.Connections.Cut(world.PeerOf(leader), world.PeerOf(one));
        world.Connections.Cut(world.PeerOf(leader), world.PeerOf(other));
        var cut = world[leader].PutRecordConsensusAsync(Account("ada", 2)).AsTask();
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[one], Account("ada", 3)));
        Assert.IsNotType<ConsensusResult.Applied>(await cut);
        Assert.IsType<GetResult<Ledger.Account>.TimedOut>(await world[leader].GetRecordAsync(Key("ada"), Consistency.Linearizably));
        world.Connections.HealAll();
        var read = await ReadAsync(world[leader], "ada");
        Assert.Contains(read, new long?[] { 2, 3 });
        Assert.Equal(read, await ReadAsync(world[other], "ada"));
    }

    [Fact]
    public async Task All_of_them_stop_and_start_and_nothing_is_lost()
    {
        await using var world = await StartAsync();
        for (var i = 0; i < 20; i++)
        {
            Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[0], Account($"a{i}", i)));
        }

        for (var node = 0; node < 3; node++)
        {
            await world.StopAsync(node);
        }

        for (var node = 0; node < 3; node++)
        {
            await world.StartAsync(node);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i, await ReadAsync(world[2], $"a{i}"));
        }
    }

    /// <summary>The stores do not wait for their disks, since the journals have: here every store is put back to what it was twenty writes ago.</summary>
    [Fact]
    public async Task A_power_failure_that_takes_the_last_commits_of_every_store_takes_nothing_that_was_acknowledged()
    {
        await using var world = await StartAsync();
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[0], Account("ada", 1)));
        await StopAsync(world);
        for (var node = 0; node < 3; node++)
        {
            File.Copy(StoreOf(world, node), $"{StoreOf(world, node)}.before");
            await world.StartAsync(node);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[0], Account($"a{i}", i)));
        }

        await StopAsync(world);
        for (var node = 0; node < 3; node++)
        {
            File.Move($"{StoreOf(world, node)}.before", StoreOf(world, node), overwrite: true);
            await world.StartAsync(node);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i, await ReadAsync(world[i % 3], $"a{i}"));
        }

        static string StoreOf(GroupWorld world, int node) => Path.Combine(world.PathOf(node), "store.db");
    }

    private static async Task StopAsync(GroupWorld world)
    {
        for (var node = 0; node < 3; node++)
        {
            await world.StopAsync(node);
        }
    }

    private static async Task<GroupWorld> StartAsync(string hocon = "")
    {
        var world = new GroupWorld(3, $"{Hasty}\n{hocon}");
        for (var node = 0; node < 3; node++)
        {
            await world.StartAsync(node);
        }

        return world;
    }

    private static async Task<long?> ReadAsync(NetabaseNode node, string name)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (true)
        {
            switch (await node.GetRecordAsync(Key(name), Consistency.Linearizably, deadline.Token))
            {
                case GetResult<Ledger.Account>.Found found:
                    return found.Record.Balance;
                case GetResult<Ledger.Account>.NotFound:
                    return null;
            }
        }
    }
}
