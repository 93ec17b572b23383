using Akka.Actor;
using Netabase.Actors.Paxos;
using Netabase.Actors.Paxos.State;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>What the store holds of a state group, and that the journal is never cut behind it.</summary>
public sealed class KeptStateSpecs
{
    private const string Group = "tally";
    private const string One = """
        netabase.paxos {
          defaults { election-timeout = 500ms, heartbeat-interval = 50ms, resend-after = 100ms, call-timeout = 5s, keep-slots = 64 }
        }
        """;

    [Fact]
    public async Task Commands_are_not_lost_when_many_slots_without_one_follow_them()
    {
        await using var world = await StartAsync(() => new Ballast(0, 0));
        for (var i = 0; i < 10; i++)
        {
            await AddAsync(world, 1);
        }

        // Told again, a command takes a slot and does nothing in it.
        var name = world[0].NewOperationId();
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(11, (await AddAsync(world, 1, name)).Result);
        }

        Assert.InRange((await HeldAsync(world)).First.Number, 12UL, ulong.MaxValue);
        await world.StopAsync(0);
        await world.StartAsync(0);
        Assert.Equal(12, (await AddAsync(world, 1)).Result);
    }

    [Theory]
    [InlineData(1 << 20, 0)]
    [InlineData(0, 100 << 10)]
    public async Task A_state_or_an_answer_that_is_larger_than_any_record_is_kept_and_found_again(int frozen, int answer)
    {
        await using var world = await StartAsync(() => new Ballast(frozen, answer));
        for (var i = 1; i <= 40; i++)
        {
            Assert.Equal(i, (await AddAsync(world, 1)).Result);
        }

        await world.StopAsync(0);
        await world.StartAsync(0);
        Assert.Equal(41, (await AddAsync(world, 1)).Result);
        Assert.InRange(await world[0].ReplicatedLog<Ballast, long, long>(Group).ReadAsync(state => state.Applied, Consistency.Linearizably), 1, 25);
    }

    [Fact]
    public async Task A_snapshot_that_was_not_installed_does_not_shorten_the_journal()
    {
        await using var world = await StartAsync(() => new Ballast(0, 0));
        for (var i = 0; i < 10; i++)
        {
            await AddAsync(world, 1);
        }

        var before = (await HeldAsync(world)).First;
        var old = AppliedState.Founded(Membership.Founded([new Member(new NodeId(1), Payload.Empty)], 1), Acceptor.AcceptorActorSpecs.Times) with { Through = new Slot(5) };
        var learner = await world.SystemOf(0).ActorSelection($"/user/netabase/paxos/{Group}/learner").ResolveOne(GroupWorld.Patience);
        learner.Tell(new PaxosProtocol.Install(default, old, Payload.Empty, []));
        await learner.Ask<ActorIdentity>(new Identify(0), GroupWorld.Patience);

        // What the acceptor forgets is forgotten on its disk with the next write.
        await AddAsync(world, 1);
        Assert.Equal(before, (await HeldAsync(world)).First);
    }

    [Fact]
    public async Task A_snapshot_reaches_as_far_as_it_was_asked_for_though_less_was_frozen()
    {
        var cores = new ScriptedCores();
        var made = new TaskCompletionSource<Slot>(TaskCreationOptions.RunContinuationsAsynchronously);
        cores.On(Part.CatchUp, input => Asked(input, made));
        await using var world = await StartAsync(() => new Ballast(0, 0), cores);
        for (var i = 0; i < 10; i++)
        {
            await AddAsync(world, 1);
        }

        Assert.InRange((await made.Task.WaitAsync(GroupWorld.Patience)).Number, 8UL, ulong.MaxValue);
    }

    /// <summary>A snapshot is asked for at the eighth slot, and again for as long as there is none.</summary>
    private static Ready? Asked(PaxosInput input, TaskCompletionSource<Slot> made)
    {
        switch (input)
        {
            case PaxosInput.Advanced { AppliedThrough.Number: >= 8 }:
                return new Ready { Duties = [new Duty.OfferSnapshot(new Slot(8))] };
            case PaxosInput.SnapshotMade snapshot:
                made.TrySetResult(snapshot.Snapshot.Through);
                return Ready.Nothing;
            default:
                return null;
        }
    }

    private static async Task<GroupWorld> StartAsync(Func<Ballast> make, ScriptedCores? cores = null)
    {
        var world = new GroupWorld(1, One) { States = [ReplicatedStatePlug.For<Ballast, long, long>(Group, make)], Others = [Group] };
        await world.StartAsync(0, cores?.Cores);
        return world;
    }

    /// <summary>What the acceptor's journal holds.</summary>
    private static async Task<PaxosProtocol.Page> HeldAsync(GroupWorld world)
    {
        var answer = new TaskCompletionSource<PaxosProtocol.Page>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.SystemOf(0).ActorSelection($"/user/netabase/paxos/{Group}/acceptor").Tell(new PaxosProtocol.ReadLog(Slot.None, 0, answer));
        return await answer.Task.WaitAsync(GroupWorld.Patience);
    }

    private static async Task<SubmitResult<long>.Applied> AddAsync(GroupWorld world, long amount, OperationId? id = null)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        id ??= world[0].NewOperationId();
        while (true)
        {
            if (await world[0].ReplicatedLog<Ballast, long, long>(Group).SubmitAsync(amount, id, deadline.Token) is SubmitResult<long>.Applied applied)
            {
                return applied;
            }
        }
    }
}
