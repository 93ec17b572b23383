using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>What is left behind, and what many connections or a peer that does not read cost.</summary>
[Collection(nameof(EnduranceSpecs))]
[CollectionDefinition(nameof(EnduranceSpecs), DisableParallelization = true)]
public sealed class EnduranceSpecs
{
    private static bool IsLong => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";

    [Fact]
    public async Task Nothing_is_left_of_five_hundred_connections_that_came_and_went()
    {
        await using var net = new TcpNet();
        var (hub, peer) = (await net.StartAsync(), await net.StartAsync());
        hub.AnswerEcho();
        using var events = hub.Subscribe();
        await CycleAsync(peer, hub, events, 50);
        var handles = OpenHandles();
        var held = GC.GetTotalMemory(forceFullCollection: true);
        await CycleAsync(peer, hub, events, IsLong ? 20_000 : 500);

        foreach (var network in new[] { hub, peer })
        {
            Assert.Empty(network.Connections);
            await UntilAsync(() => network.Gate!.Counted == (0, 0, 0, 0, 0, 0));
        }

        Assert.InRange(OpenHandles(), 0, handles + 4);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - held, long.MinValue, 4 << 20);
    }

    [Fact]
    public async Task A_thousand_idle_connections_are_held_and_closed()
    {
        await using TestNet net = IsLong ? new TcpNet() : new MemoryNet();
        var limits = new ConnectionLimits { Total = 2000, Inbound = 2000, PendingInbound = 2000, UnidentifiedInbound = 2000 };
        var hub = await net.StartAsync(options => options with { Limits = limits, Trim = new TrimSettings { HighWater = 2000, LowWater = 2000 } });
        using var events = hub.Subscribe(65_536);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 10; i++)
        {
            var spokes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => net.StartAsync(options => options with { ListenAddresses = [] })));
            await Task.WhenAll(spokes.Select(spoke => spoke.ConnectAsync(hub)));
        }

        for (var i = 0; i < 1000; i++)
        {
            await events.NextAsync<NetworkEvent.PeerIdentified>();
        }

        Assert.Equal(1000, hub.Connections.Length);
        Assert.All(hub.Connections, connection => Assert.True(connection.Identified));

        // Both ends and the thousand swarms around the far ones are in this process.
        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / 1000, 0, 256 * 1024);
        await hub.StopAsync().Soon();
        Assert.Empty(hub.Connections);
    }

    [Fact]
    public async Task A_peer_that_sends_at_full_speed_to_a_reader_that_does_not_read_costs_bounded_memory()
    {
        await using var net = new TcpNet();
        var (hub, peer) = (await net.StartAsync(), await net.StartAsync());
        var protocol = new ProtocolId("/spec/unread/1.0.0");
        hub.Handle(protocol, (_, stopping) => Task.Delay(Timeout.Infinite, stopping));
        hub.AnswerEcho();
        await peer.ConnectAsync(hub);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var given = new CancellationTokenSource();
        var streams = new List<(IPeerStream Stream, Task Writing)>();
        var block = new byte[1 << 20];
        for (var i = 0; i < 8; i++)
        {
            var stream = await peer.OpenStreamAsync(hub.LocalPeer, [protocol]).Soon();
            streams.Add((stream, FloodAsync(stream, block, given.Token)));
        }

        // An echo that comes back has passed everything the flood could push before it.
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal([6], await peer.EchoAsync(hub.LocalPeer, [6]));
        }

        Assert.All(streams, each => Assert.False(each.Writing.IsCompleted));

        // A window of 256 KiB for each stream, at the one end or the other, and what the sockets hold.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        await given.CancelAsync();
        foreach (var (stream, writing) in streams)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Soon());
            stream.Reset();
            await stream.DisposeAsync().Soon();
        }
    }

    private static async Task FloodAsync(IPeerStream stream, byte[] block, CancellationToken given)
    {
        while (true)
        {
            await stream.WriteAsync(block, given);
        }
    }

    private static async Task CycleAsync(Swarm peer, Swarm hub, NetworkSubscription events, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await peer.ConnectAsync(hub);
            Assert.Equal([1], await peer.EchoAsync(hub.LocalPeer, [1]));
            await peer.DisconnectAsync(hub.LocalPeer).Soon();
            await events.NextAsync<NetworkEvent.PeerDisconnected>();
        }
    }

    private static int OpenHandles() => Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (!holds())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
