using Akka.Actor;
using Netabase.Actors.Paxos;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>What a group's actors rest on: they take turns, and none is forgotten.</summary>
public sealed class SerialDispatcherSpecs
{
    private const int Actors = 8;
    private const int Laps = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Its_actors_never_run_at_once_and_every_message_arrives()
    {
        using var system = ActorSystem.Create("serial", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        SerialDispatcher.Register(system, "one-by-one");
        SerialDispatcher.Register(system, "one-by-one");
        var court = new Court();
        var runners = Enumerable.Range(0, Actors)
            .Select(_ => system.ActorOf(Props.Create(() => new Runner(court)).WithDispatcher("one-by-one"))).ToArray();

        // Told from many threads, each message goes round a ring by itself.
        await Task.WhenAll(Enumerable.Range(0, Actors).Select(begin => Task.Run(() =>
        {
            for (var lap = 0; lap < Laps; lap++)
            {
                runners[begin].Tell(new Baton(runners, begin, Actors));
            }
        })));
        await court.Ended.Task.WaitAsync(Patience);
        await system.Terminate();

        Assert.False(court.MetAnother);
        Assert.Equal(Actors * Laps * Actors, court.Turns);
    }

    [Fact]
    public async Task One_that_stood_idle_without_actors_serves_the_next()
    {
        using var system = ActorSystem.Create("serial", "akka { loglevel = OFF, stdout-loglevel = OFF, actor.default-dispatcher.shutdown-timeout = 1ms }");
        SerialDispatcher.Register(system, "one-by-one");
        for (var life = 0; life < 3; life++)
        {
            var court = new Court();
            var runner = system.ActorOf(Props.Create(() => new Runner(court)).WithDispatcher("one-by-one"));
            for (var lap = 0; lap < Laps; lap++)
            {
                runner.Tell(new Baton([runner], 0, Actors * Actors));
            }

            await court.Ended.Task.WaitAsync(Patience);
            Assert.True(await runner.GracefulStop(Patience));
        }

        await system.Terminate();
    }

    private sealed record Baton(IActorRef[] Ring, int At, int Left);

    private sealed class Court
    {
        private int _inside;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool MetAnother { get; private set; }

        public int Turns { get; private set; }

        public void Enter() => MetAnother |= Interlocked.Increment(ref _inside) != 1;

        public void Leave()
        {
            if (++Turns == Actors * Laps * Actors)
            {
                Ended.SetResult();
            }

            Interlocked.Decrement(ref _inside);
        }
    }

    private sealed class Runner : ReceiveActor
    {
        public Runner(Court court) => Receive<Baton>(baton =>
        {
            court.Enter();
            court.Leave();
            if (baton.Left > 1)
            {
                var next = (baton.At + 1) % baton.Ring.Length;
                baton.Ring[next].Tell(baton with { At = next, Left = baton.Left - 1 });
            }
        });
    }
}
