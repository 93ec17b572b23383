using Microsoft.Extensions.Time.Testing;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>Connections that nobody uses, that are too many or that are there twice, in a time that the spec moves.</summary>
public sealed class UpkeepSpecs : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private LoopbackNet _net = null!;

    public Task InitializeAsync()
    {
        _net = new LoopbackNet(new LoopbackWorld(time: _time));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task A_connection_without_a_stream_is_closed_after_two_minutes_unless_its_peer_is_protected()
    {
        var here = await _net.StartAsync();
        var (idle, kept, busy) = (await _net.StartAsync(Patient), await _net.StartAsync(Patient), await _net.StartAsync(Patient));
        busy.Handle(TestNetworks.Echo, (_, stopping) => Task.Delay(Timeout.Infinite, stopping));
        using var events = here.Subscribe();
        foreach (var peer in new[] { idle, kept, busy })
        {
            await here.ConnectAsync(peer);
            await events.NextAsync<NetworkEvent.PeerIdentified>();
        }

        here.Protect(kept.LocalPeer, "spec");
        await using var stream = await here.OpenStreamAsync(busy.LocalPeer, [TestNetworks.Echo]).Soon();
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(3, here.Connections.Length);
        _time.Advance(TimeSpan.FromSeconds(30));
        var closed = await events.NextAsync<NetworkEvent.ConnectionClosed>();
        Assert.Equal((idle.LocalPeer, CloseCause.Idle), (closed.Connection.Peer, closed.Cause));
        Assert.Equal(2, here.Connections.Length);
    }

    [Fact]
    public async Task Above_the_high_water_mark_the_least_used_go_until_the_low_water_mark_the_young_and_the_protected_stay()
    {
        var trim = new TrimSettings { HighWater = 6, LowWater = 4, Grace = TimeSpan.FromSeconds(60) };
        var hub = await _net.StartAsync(options => options with { Trim = trim });
        using var events = hub.Subscribe();
        var peers = new List<Swarm>();
        for (var i = 0; i < 6; i++)
        {
            peers.Add(await JoinAsync(hub, events));
        }

        hub.Protect(peers[0].LocalPeer, "spec");
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(6, hub.Connections.Length);

        // Whoever waits for the young one to be identified reads past those that went before that.
        using var closings = hub.Subscribe();
        var young = await JoinAsync(hub, events);
        var gone = new List<NetworkEvent.ConnectionClosed>();
        for (var i = 0; i < 3; i++)
        {
            gone.Add(await closings.NextAsync<NetworkEvent.ConnectionClosed>());
        }

        Assert.All(gone, closed => Assert.Equal(CloseCause.Trimmed, closed.Cause));
        var left = hub.Connections.Select(status => status.Info.Peer).ToList();
        Assert.Equal(4, left.Count);
        Assert.Contains(peers[0].LocalPeer, left);
        Assert.Contains(young.LocalPeer, left);
    }

    [Fact]
    public async Task Of_two_connections_that_crossed_both_ends_keep_the_same_one()
    {
        await using var net = new LoopbackNet(new LoopbackWorld());
        net.World.SetFaults(new LinkFaults { Delay = TimeSpan.FromMilliseconds(50) });
        var crossed = 0;
        for (var round = 0; crossed < 5; round++)
        {
            Assert.True(round < 100, "the dials do not cross");
            var (left, right) = (await net.StartAsync(Quick), await net.StartAsync(Quick));
            using var leftEvents = left.Subscribe();
            using var rightEvents = right.Subscribe();
            await Task.WhenAll(
                left.ConnectAsync(right.LocalPeer, right.ListenAddresses).AsTask(),
                right.ConnectAsync(left.LocalPeer, left.ListenAddresses).AsTask()).Soon();

            // Which of two dials is first is the thread pool's affair: one that begins when the other's connection is there makes none of its own.
            if (WasDialed(left) && WasDialed(right))
            {
                crossed++;
                await leftEvents.NextAsync<NetworkEvent.ConnectionClosed>();
                await rightEvents.NextAsync<NetworkEvent.ConnectionClosed>();
                var (here, there) = (Assert.Single(left.Connections).Info, Assert.Single(right.Connections).Info);
                Assert.NotEqual(here.Direction, there.Direction);
                var dialer = here.Direction == Direction.Outbound ? left : right;
                Assert.True(dialer.LocalPeer.Multihash <= left.LocalPeer.Multihash && dialer.LocalPeer.Multihash <= right.LocalPeer.Multihash);
            }
        }
    }

    private static bool WasDialed(Swarm peer) => peer.Connections.Any(connection => connection.Info.Direction == Direction.Inbound);

    private static PeerNetworkOptions Quick(PeerNetworkOptions options) =>
        options with { SupersededTimeout = TimeSpan.FromMilliseconds(500), Tick = TimeSpan.FromMilliseconds(100) };

    private static PeerNetworkOptions Patient(PeerNetworkOptions options) => options with { IdleTimeout = TimeSpan.FromHours(1) };

    private async Task<Swarm> JoinAsync(Swarm hub, NetworkSubscription events)
    {
        var peer = await _net.StartAsync();
        await peer.ConnectAsync(hub);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
        return peer;
    }
}
