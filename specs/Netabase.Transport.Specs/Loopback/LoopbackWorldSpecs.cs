using Microsoft.Extensions.Time.Testing;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;
using Netabase.Transport.Specs.Network;

namespace Netabase.Transport.Specs.Loopback;

/// <summary>The faults of the world in memory, in a time that the spec moves.</summary>
public sealed class LoopbackWorldSpecs : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private LoopbackNet _net = null!;
    private Swarm _here = null!;
    private Swarm _there = null!;

    public async Task InitializeAsync()
    {
        _net = new LoopbackNet(new LoopbackWorld(seed: 5, _time) { ConnectionTimeout = TimeSpan.FromSeconds(30) });
        (_here, _there) = (await _net.StartAsync(), await _net.StartAsync());
        _there.AnswerEcho();
        using var events = _there.Subscribe();
        await _here.ConnectAsync(_there);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task A_delay_holds_every_direction_for_its_time()
    {
        await using var stream = await OpenAsync();
        _net.World.SetFaults(_here.LocalPeer, _there.LocalPeer, new LinkFaults { Delay = TimeSpan.FromMilliseconds(30) });
        _net.World.SetFaults(_there.LocalPeer, _here.LocalPeer, new LinkFaults { Delay = TimeSpan.FromMilliseconds(20) });
        var reading = stream.ReadAsync(new byte[8], default).AsTask();
        await stream.WriteAsync(new byte[] { 1 }, default).Soon();
        Assert.True(await StaysOpenForAsync(reading, TimeSpan.FromMilliseconds(49)));
        await PassAsync(reading);
    }

    [Fact]
    public async Task What_is_sent_into_a_cut_arrives_after_it_heals_in_order()
    {
        await using var stream = await OpenAsync();
        _net.World.Cut(_here.LocalPeer, _there.LocalPeer);
        for (byte i = 0; i < 100; i++)
        {
            await stream.WriteAsync(new[] { i }, default).Soon();
        }

        await stream.CloseWriteAsync(default).Soon();
        var reading = stream.ReadToEndAsync();
        Assert.True(await StaysOpenForAsync(reading, TimeSpan.FromSeconds(10)));
        _net.World.Heal(_here.LocalPeer, _there.LocalPeer);
        await PassAsync(reading);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), await reading);
    }

    [Fact]
    public async Task A_cut_one_way_stops_only_that_way()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var protocol = new Transport.Connections.ProtocolId("/spec/arrived/1.0.0");
        _there.Handle(protocol, async (stream, stopping) =>
        {
            await stream.ReadAsync(new byte[1], stopping);
            await stream.WriteAsync(new byte[1], stopping);
            arrived.SetResult();
        });
        _net.World.CutOneWay(_there.LocalPeer, _here.LocalPeer);

        // Proposed lazily or not, what we say arrives; what is answered does not.
        await using var stream = await _here.OpenStreamAsync(_there.LocalPeer, [TestNetworks.Echo]).Soon();
        await stream.WriteAsync(new byte[] { 1 }, default).Soon();
        var reading = stream.ReadAsync(new byte[1], default).AsTask();
        Assert.True(await StaysOpenForAsync(reading, TimeSpan.FromSeconds(1)));
        _net.World.HealAll();
        await PassAsync(reading);
        Assert.Equal(1, await reading.Soon());
        Assert.False(arrived.Task.IsCompleted);
    }

    [Fact]
    public async Task Both_ends_give_up_a_connection_that_stays_cut()
    {
        using var hereEvents = _here.Subscribe();
        using var thereEvents = _there.Subscribe();
        _net.World.CutOneWay(_here.LocalPeer, _there.LocalPeer);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(TransportError.TimedOut, (await hereEvents.NextAsync<NetworkEvent.ConnectionClosed>()).Error);
        Assert.Equal(TransportError.TimedOut, (await thereEvents.NextAsync<NetworkEvent.ConnectionClosed>()).Error);
    }

    [Fact]
    public async Task A_cut_that_heals_in_time_costs_no_connection()
    {
        _net.World.Cut(_here.LocalPeer, _there.LocalPeer);
        _time.Advance(TimeSpan.FromSeconds(29));
        _net.World.HealAll();
        _net.World.Cut(_here.LocalPeer, _there.LocalPeer);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(_here.Connections);
        _net.World.HealAll();
        Assert.Equal([4], await _here.EchoAsync(_there.LocalPeer, [4]));
    }

    [Fact]
    public async Task Loss_shows_as_delay_and_loses_nothing()
    {
        await using var stream = await OpenAsync();
        _net.World.SetFaults(new LinkFaults { Loss = 0.5, Retransmission = TimeSpan.FromMilliseconds(50), Jitter = TimeSpan.FromMilliseconds(3) });
        var message = new byte[100_000];
        new Random(1).NextBytes(message);
        var reading = stream.ReadToEndAsync();
        await stream.WriteAsync(message, default).Soon();
        await stream.CloseWriteAsync(default).Soon();
        Assert.False(reading.IsCompleted);
        await PassAsync(reading);
        Assert.Equal(message, await reading);
    }

    [Fact]
    public void The_same_seed_delays_alike_and_another_one_differently()
    {
        Assert.Equal(Arrivals(1), Arrivals(1));
        Assert.NotEqual(Arrivals(1), Arrivals(2));

        static List<(int Number, long At)> Arrivals(ulong seed)
        {
            var time = new FakeTimeProvider();
            using var schedule = new LoopbackSchedule(time);
            var link = new LoopbackLink(schedule, seed) { Faults = new LinkFaults { Jitter = TimeSpan.FromMilliseconds(100), Loss = 0.2 } };
            var arrived = new List<(int, long)>();
            for (var i = 0; i < 50; i++)
            {
                var number = i;
                link.Send(new LoopbackLane(), () => arrived.Add((number, time.GetTimestamp())));
            }

            for (var i = 0; i < 400; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(1));
            }

            Assert.Equal(50, arrived.Count);
            return arrived;
        }
    }

    [Fact]
    public void What_a_clock_runs_on_the_spot_holds_no_lock_that_others_need()
    {
        using var schedule = new LoopbackSchedule(new HastyTime());
        var links = new[] { new LoopbackLink(schedule, 1), new LoopbackLink(schedule, 2) };
        Assert.All(links, link => link.Faults = new LinkFaults { Reorder = true });
        var sentMeanwhile = new List<bool>();

        // What arrives here makes somebody else say something, on the way it came and on the other one.
        links[0].Send(new LoopbackLane(), () => sentMeanwhile.AddRange(links.Select(link =>
            Task.Run(() => link.Send(new LoopbackLane(), () => { })).Wait(Patience.Limit))));
        Assert.Equal([true, true], sentMeanwhile);
    }

    [Fact]
    public void Lanes_overtake_each_other_and_never_themselves()
    {
        using var schedule = new LoopbackSchedule(_time);
        var link = new LoopbackLink(schedule, 3) { Faults = new LinkFaults { Jitter = TimeSpan.FromMilliseconds(100), Reorder = true } };
        var lanes = new[] { new LoopbackLane(), new LoopbackLane() };
        var arrived = new List<(int Lane, int Number)>();
        for (var i = 0; i < 40; i++)
        {
            var (lane, number) = (i % 2, i);
            link.Send(lanes[lane], () => arrived.Add((lane, number)));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(arrived.Select(each => each.Number).Order(), arrived.Select(each => each.Number));
        Assert.All([0, 1], lane =>
        {
            var own = arrived.Where(each => each.Lane == lane).Select(each => each.Number).ToList();
            Assert.Equal(own.Order(), own);
        });
    }

    /// <summary>A clock that has always moved past what is waited for by the time it is told.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private long _now;

        public override long GetTimestamp() => Interlocked.Increment(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new HastyTimer(() => callback(state));
    }

    private sealed class HastyTimer(Action fire) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            fire();
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }

    private async Task<IPeerStream> OpenAsync()
    {
        var stream = await _here.OpenStreamAsync(_there.LocalPeer, [TestNetworks.Echo]).Soon();
        await stream.WriteAsync(new byte[] { 0 }, default).Soon();
        Assert.Equal(1, await stream.ReadAsync(new byte[1], default).Soon());
        return stream;
    }

    private async Task<bool> StaysOpenForAsync(Task task, TimeSpan duration)
    {
        for (var i = 0; i < 10; i++)
        {
            await Task.Yield();
        }

        _time.Advance(duration);
        return !task.IsCompleted;
    }

    /// <summary>Moves the time on until a task is done.</summary>
    private async Task PassAsync(Task task)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (!task.IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
    }
}
