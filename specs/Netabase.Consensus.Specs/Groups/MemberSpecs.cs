using Netabase.Actors.Node;
using Netabase.Consensus.Specs.Records;
using Netabase.Multiformats;
using static Netabase.Consensus.Specs.Groups.GroupActorSpecs;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>Members come, vote, lead and go, by the log itself.</summary>
public sealed class MemberSpecs
{
    private static readonly PeerId StrangerId = PeerId.Parse("12D3KooWLfkykviwneXKcMKw3SmEKLL7r3QJHq4N2wfZpyJ1KbpD");

    private const string Hasty = "netabase.paxos.defaults { election-timeout = 500ms, heartbeat-interval = 50ms, resend-after = 100ms, call-timeout = 5s }";

    [Fact]
    public async Task A_node_that_is_added_catches_up_votes_and_takes_a_lost_ones_place()
    {
        await using var world = new GroupWorld(4, Hasty) { Founders = 3 };
        await StartAsync(world, 3);
        await PutUntilThereAsync(world[0], Account("ada", 1));
        await world.StartAsync(3);

        // Nobody writes meanwhile: the leader itself fills the window of slots that passes before a change governs.
        await StepAsync(world[0], new MemberStep.Add(world.PeerOf(3)));
        await UntilAsync(world[3], status => status.Members.Length == 4);
        await StepAsync(world[1], new MemberStep.Promote(world.PeerOf(3)));
        await StepAsync(world[2], new MemberStep.Remove(world.PeerOf(1)));
        await world.StopAsync(1);
        await world.StopAsync(await OtherThanAsync(world, 3));
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[3], Account("ada", 2)));
    }

    [Fact]
    public async Task A_member_that_was_away_for_longer_than_the_log_reaches_is_brought_up_by_a_snapshot()
    {
        await using var world = new GroupWorld(3, $"{Hasty}\nnetabase.paxos.defaults {{ keep-slots = 8, log-bytes-max = 2048 }}");
        await StartAsync(world, 3);
        await PutUntilThereAsync(world[0], Account("ada", 0));
        await world.StopAsync(2);
        for (var i = 1; i <= 60; i++)
        {
            Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[0], Account($"a{i % 7}", i)));
        }

        await world.StartAsync(2);
        await UntilAsync(world[2], status => status.AppliedThrough >= 60);
        Assert.Equal(60, (await world[2].Records<Ledger.Account>().GetAsync(Key("a4")))!.Balance);
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[2], Account("ada", 2)));
    }

    [Fact]
    public async Task The_leader_hands_over_to_the_one_that_is_named_whichever_member_is_asked()
    {
        await using var world = new GroupWorld(3, Hasty);
        await StartAsync(world, 3);
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var leader = await world.LeaderAsync(0, "ledger");
        Assert.False(await world[leader].TransferLeadershipAsync("ledger", StrangerId));
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        foreach (var (asked, next) in ((int, int)[])[(leader, (leader + 1) % 3), (leader, (leader + 2) % 3), ((leader + 1) % 3, leader)])
        {
            // On a busy machine another election may come between.
            while (!await world[asked].TransferLeadershipAsync("ledger", world.PeerOf(next), deadline.Token))
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }

        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[leader], Account("ada", 2)));
        var log = await world[leader].GetLogAsync("ledger", 0, 100);
        Assert.Contains(log, slot => slot is { Kind: "commands", IsChosen: true });
    }

    [Fact]
    public async Task With_leases_the_leader_reads_alone_and_a_new_one_waits_them_out()
    {
        await using var world = new GroupWorld(3, $"{Hasty}\nnetabase.paxos.defaults.lease-duration = 400ms");
        await StartAsync(world, 3);
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var leader = await world.LeaderAsync(0, "ledger");
        Assert.Equal(1, (await ReadAsync(world[leader], Consistency.Linearizably)).Balance);
        await world.StopAsync(leader);
        var next = (leader + 1) % 3;
        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[next], Account("ada", 2)));
        Assert.Equal(2, (await ReadAsync(world[(leader + 2) % 3], Consistency.Linearizably)).Balance);
        Assert.Equal(2, (await ReadAsync(world[next], new Consistency.Stale(TimeSpan.FromSeconds(30)))).Balance);
    }

    /// <summary>Where elections are as quick as here, a busy machine has some that nobody asked for, and a read in between is not answered.</summary>
    internal static async Task<Ledger.Account> ReadAsync(NetabaseNode node, Consistency consistency)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (true)
        {
            if (await node.GetRecordAsync(Key("ada"), consistency, deadline.Token) is GetResult<Ledger.Account>.Found found)
            {
                return found.Record;
            }
        }
    }

    private static async Task StartAsync(GroupWorld world, int nodes)
    {
        for (var node = 0; node < nodes; node++)
        {
            await world.StartAsync(node);
        }
    }

    private static async Task<int> OtherThanAsync(GroupWorld world, int node)
    {
        var leader = await world.LeaderAsync(node, "ledger");
        return leader != node ? leader : 0;
    }

    /// <summary>Until the step is in the log: on a busy machine no leader may be there for a while, and then nothing is known.</summary>
    private static async Task StepAsync(NetabaseNode node, MemberStep step)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        ConsensusResult result;
        var id = node.NewOperationId();
        do
        {
            deadline.Token.ThrowIfCancellationRequested();
            result = await node.ChangeMembersAsync("ledger", step, id, deadline.Token);
        }
        while (result is ConsensusResult.Unknown or ConsensusResult.NotCommitted { Reason: RefusalReason.NoLeader });
        var applied = Assert.IsType<ConsensusResult.Applied>(result);
        Assert.Equal(applied, await node.ChangeMembersAsync("ledger", step, id, deadline.Token));
    }

    private static async Task UntilAsync(NetabaseNode node, Func<GroupStatus, bool> isSo)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (!isSo((await node.GetGroupsAsync(deadline.Token))[0]))
        {
            // A read that goes to the leader and back takes its time.
            await node.GetRecordAsync(Key("ada"), Consistency.Linearizably, deadline.Token);
        }
    }
}
