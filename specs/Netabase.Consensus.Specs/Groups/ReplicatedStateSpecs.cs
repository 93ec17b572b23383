using Netabase.Actors.Paxos.State;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>A state of an application's own, in a group beside that of the records.</summary>
public sealed class ReplicatedStateSpecs
{
    private const string Two = """
        netabase.paxos {
          defaults { election-timeout = 500ms, heartbeat-interval = 50ms, resend-after = 100ms, call-timeout = 5s, keep-slots = 64 }
        }
        """;

    [Fact]
    public async Task Every_member_has_the_same_state_and_the_leaders_end_loses_and_repeats_nothing()
    {
        await using var world = await StartAsync(3);
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(i, (await AddAsync(world, i % 3, 1)).Result);
        }

        Assert.IsType<ConsensusResult.Applied>(await GroupActorSpecs.PutUntilThereAsync(world[0], GroupActorSpecs.Account("ada", 1)));
        var name = world[0].NewOperationId();
        var once = await AddAsync(world, 0, 5, name);
        await world.StopAsync(await world.LeaderAsync(1, "tally"));
        var alive = Enumerable.Range(0, 3).First(world.Runs);
        Assert.Equal(once, await AddAsync(world, alive, 5, name));
        Assert.Equal(16, (await AddAsync(world, alive, 1)).Result);
        Assert.Equal(16, await world[alive].ReplicatedLog<Tally, long, long>("tally").ReadAsync(tally => tally.Sum, Consistency.Linearizably));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_from_what_was_frozen_and_the_rest_of_the_log()
    {
        await using var world = await StartAsync(1);
        for (var i = 0; i < 100; i++)
        {
            await AddAsync(world, 0, 1);
        }

        await world.StopAsync(0);
        await world.StartAsync(0);
        Assert.Equal(101, (await AddAsync(world, 0, 1)).Result);
        Assert.InRange(await world[0].ReplicatedLog<Tally, long, long>("tally").ReadAsync(tally => tally.Applied, Consistency.Linearizably), 1, 50);
    }

    [Fact]
    public async Task A_state_that_fails_stops_its_group_and_no_other()
    {
        await using var world = await StartAsync(1);
        await AddAsync(world, 0, 1);
        await using var events = world[0].SubscribeToBroadcasts();
        Assert.IsNotType<SubmitResult<long>.Applied>(await world[0].ReplicatedLog<Tally, long, long>("tally").SubmitAsync(0));
        var stopped = await GroupWorld.UntilAsync<ConsensusEvent.GroupStopped>(events, _ => true);
        Assert.Equal("tally", stopped.Group);
        Assert.Contains("nothing to add", stopped.Detail, StringComparison.Ordinal);
        Assert.IsType<ConsensusResult.Applied>(await GroupActorSpecs.PutUntilThereAsync(world[0], GroupActorSpecs.Account("ada", 1)));
    }

    private static async Task<GroupWorld> StartAsync(int members)
    {
        var world = new GroupWorld(members, Two) { States = [ReplicatedStatePlug.For<Tally, long, long>("tally", () => new Tally())], Others = ["tally"] };
        for (var node = 0; node < members; node++)
        {
            await world.StartAsync(node);
        }

        return world;
    }

    private static async Task<SubmitResult<long>.Applied> AddAsync(GroupWorld world, int node, long amount, OperationId? id = null)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (true)
        {
            // One name for all attempts, or an answer that was lost would count twice.
            id ??= world[node].NewOperationId();
            if (await world[node].ReplicatedLog<Tally, long, long>("tally").SubmitAsync(amount, id, deadline.Token) is SubmitResult<long>.Applied applied)
            {
                return applied;
            }
        }
    }
}
