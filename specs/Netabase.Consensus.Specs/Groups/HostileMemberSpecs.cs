using Netabase.Actors.Paxos.Links;
using Netabase.Consensus.Specs.Wire;
using Netabase.Protocol.Paxos;
using Netabase.Transport.Framing;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;
using static Netabase.Consensus.Specs.Groups.GroupActorSpecs;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>
/// A group of four of which one keeps no rule, against three real nodes that need each other: what it says is refused and counted, and
/// nothing that was acknowledged changes.
/// </summary>
public sealed class HostileMemberSpecs
{
    private const string Hasty = """
        netabase.paxos.defaults { election-timeout = 1s, heartbeat-interval = 100ms, resend-after = 100ms, call-timeout = 5s, batch-bytes-max = 4096, chunk-bytes = 16384, links.frame-max = 131072 }
        """;

    private const int Honest = 3;
    private const int Hostile = 3;

    [Fact]
    public async Task Frames_of_a_member_that_are_no_messages_are_counted_and_the_group_goes_on()
    {
        await using var world = await StartAsync();
        using var refused = new Refusals();
        await using var hostile = await HostileMember.JoinAsync(world, Hostile, members: 4);
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var random = new Random(4);
        for (var node = 0; node < Honest; node++)
        {
            for (var i = 0; i < 100; i++)
            {
                var garbage = new byte[random.Next(0, 200)];
                random.NextBytes(garbage);
                await hostile.SayAsync(world.PeerOf(node), garbage);
            }
        }

        // One in so many bytes may be a message by chance; nearly none is.
        await refused.UntilAsync("malformed", 290);
        await GoesOnAsync(world, 2);
    }

    [Fact]
    public async Task What_others_said_and_what_was_said_to_another_life_is_refused_when_a_member_repeats_it()
    {
        await using var world = await StartAsync();
        using var refused = new Refusals();
        await using var hostile = await HostileMember.JoinAsync(world, Hostile, members: 4);
        for (var i = 0; i < 10; i++)
        {
            await PutUntilThereAsync(world[i % Honest], Account("ada", i));
        }

        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (hostile.Heard.Count < 50)
        {
            await PutUntilThereAsync(world[0], Account("ada", 10));
            deadline.Token.ThrowIfCancellationRequested();
        }

        // To the very sender, and to everybody else: each of them names another as its writer and the hostile one as its reader.
        var heard = hostile.Heard.Take(50).ToArray();
        foreach (var (_, frame) in heard)
        {
            for (var node = 0; node < Honest; node++)
            {
                await hostile.SayAsync(world.PeerOf(node), frame);
            }
        }

        await refused.UntilAsync("another-life", 150);
        foreach (var message in Messages.All())
        {
            for (var node = 0; node < Honest; node++)
            {
                // In the name of its neighbour.
                var (to, other) = (world.PeerOf(node), world.PeerOf((node + 1) % Honest));
                await hostile.SayAsync(to, HostileMember.Write(HostileMember.LifeOf(other), HostileMember.LifeOf(to), message));
            }
        }

        await refused.UntilAsync("not-its-peer", Messages.All().Count() * Honest);
        await GoesOnAsync(world, 11);
    }

    [Fact]
    public async Task A_member_that_repeats_old_votes_and_promises_of_its_own_without_end_changes_nothing_that_was_acknowledged()
    {
        await using var world = await StartAsync();
        await using var hostile = await HostileMember.JoinAsync(world, Hostile, members: 4);
        await PutUntilThereAsync(world[0], Account("ada", 1));
        var old = new Ballot(1, hostile.Life);
        PaxosMessage[] stale =
        [
            new PaxosMessage.Prepare(old, new Slot(1), Ballot.None, Payload.Empty),
            new PaxosMessage.Promise(old, new Slot(1), Slot.None, [], Slot.Last, Payload.Empty),
            new PaxosMessage.Accepted(old, new Slot(1), 1, 1, Slot.None, Payload.Empty),
            new PaxosMessage.Accept(old, new Slot(1), new Slot(1), [new(Messages.Small.Digest, Messages.Small)], Slot.None, 0),
        ];
        for (var i = 0; i < 50; i++)
        {
            foreach (var message in stale)
            {
                for (var node = 0; node < Honest; node++)
                {
                    await hostile.SayAsync(world.PeerOf(node), HostileMember.Write(hostile.Life, HostileMember.LifeOf(world.PeerOf(node)), message));
                }
            }

            if (i % 10 == 0)
            {
                await GoesOnAsync(world, i);
            }
        }

        await GoesOnAsync(world, 100);
    }

    [Fact]
    public async Task A_frame_above_the_cap_ends_its_stream_and_strangers_and_other_groups_are_turned_away_while_the_group_goes_on()
    {
        await using var world = await StartAsync();
        using var refused = new Refusals();
        await PutUntilThereAsync(world[0], Account("ada", 1));
        await using (var hostile = await HostileMember.JoinAsync(world, Hostile, members: 4))
        {
            for (var node = 0; node < Honest; node++)
            {
                await hostile.SayAsync(world.PeerOf(node), new byte[200_000]);
                await hostile.SayAsync(world.PeerOf(node), "and it is back"u8.ToArray());
            }

            await refused.UntilAsync("malformed", 1);
        }

        await using var stranger = world.Connections.Join(PrivateKey.Generate());
        await stranger.StartAsync();
        await TurnedAwayAsync(stranger, world, new LinkHello(LinkHello.CurrentVersion, "ledger", LinkLane.Votes));
        await TurnedAwayAsync(stranger, world, new LinkHello(LinkHello.CurrentVersion, "other", LinkLane.Votes));
        await TurnedAwayAsync(stranger, world, new LinkHello(LinkHello.CurrentVersion + 1, "ledger", LinkLane.Bulk));
        await refused.UntilAsync("not-a-member", 1);
        await refused.UntilAsync("foreign-group", 1);
        await refused.UntilAsync("version", 1);
        await GoesOnAsync(world, 2);
    }

    private static async Task TurnedAwayAsync(Transport.Network.Swarm stranger, GroupWorld world, LinkHello hello)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        await stranger.ConnectAsync(world.PeerOf(0), [LoopbackWorld.AddressOf(world.PeerOf(0))], deadline.Token);
        await using var stream = await stranger.OpenStreamAsync(world.PeerOf(0), [LinkDoor.Protocol], deadline.Token);
        try
        {
            await stream.WriteFrameAsync(hello.Encode(), 1024, deadline.Token);
            Assert.Equal(0, await stream.ReadAsync(new byte[16], deadline.Token));
        }
        catch (Transport.TransportException refused) when (refused.Error == Transport.TransportError.StreamReset)
        {
            // As good an end as a closed stream.
        }
    }

    private static async Task<GroupWorld> StartAsync()
    {
        var world = new GroupWorld(4, Hasty);
        for (var node = 0; node < Honest; node++)
        {
            await world.StartAsync(node);
        }

        return world;
    }

    /// <summary>A write through each of the real nodes is read through each other, and their logs have not stopped.</summary>
    private static async Task GoesOnAsync(GroupWorld world, long balance)
    {
        for (var node = 0; node < Honest; node++)
        {
            Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(world[node], Account("ada", balance + node)));
            Assert.Equal(balance + node, (await MemberSpecs.ReadAsync(world[(node + 1) % Honest], Consistency.Linearizably)).Balance);
            Assert.Null((await world[node].GetGroupsAsync())[0].Stopped);
        }
    }
}
