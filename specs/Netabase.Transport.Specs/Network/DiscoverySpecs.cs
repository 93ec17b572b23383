using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>What discovery tells becomes addresses, dials and events; and what happens is measured.</summary>
public sealed class DiscoverySpecs : IAsyncLifetime
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedDiscovery _discovery = new();
    private LoopbackNet _net = null!;

    public Task InitializeAsync()
    {
        _net = new LoopbackNet(new LoopbackWorld(time: _time));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task A_discovered_peer_is_told_of_and_dialed()
    {
        var there = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Discoveries = [_discovery] });
        using var events = here.Subscribe();
        (await _discovery.Sink).Found(there.LocalPeer, there.ListenAddresses, Lifetime, AddressSource.Mdns);
        var discovered = await events.NextAsync<NetworkEvent.PeerDiscovered>();
        Assert.Equal((there.LocalPeer, AddressSource.Mdns), (discovered.Peer, discovered.Source));
        Assert.Equal(there.LocalPeer, (await events.NextAsync<NetworkEvent.PeerConnected>()).Peer);
    }

    [Fact]
    public async Task Without_the_option_it_is_only_told_of_and_expires_unless_told_of_again()
    {
        var there = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Discoveries = [_discovery], DialDiscovered = false });
        using var events = here.Subscribe();
        var sink = await _discovery.Sink;
        sink.Found(there.LocalPeer, there.ListenAddresses, Lifetime, AddressSource.Mdns);
        _time.Advance(TimeSpan.FromSeconds(100));
        sink.Found(there.LocalPeer, there.ListenAddresses, Lifetime, AddressSource.Mdns);
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.NotEmpty(here.Peers.Addresses(there.LocalPeer));
        _time.Advance(TimeSpan.FromSeconds(30));
        await events.NextAsync<NetworkEvent.PeerDiscovered>();
        Assert.Equal(new NetworkEvent.PeerExpired(there.LocalPeer, AddressSource.Mdns), await events.ReadAsync().Soon());
        Assert.Empty(here.Peers.Addresses(there.LocalPeer));
        Assert.Empty(here.Connections);
    }

    [Fact]
    public async Task A_goodbye_expires_at_once_and_keeps_what_the_application_gave()
    {
        var there = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Discoveries = [_discovery], DialDiscovered = false });
        using var events = here.Subscribe();
        var sink = await _discovery.Sink;
        var own = Multiaddr.Memory("own");
        here.Peers.AddAddresses(there.LocalPeer, [own], PeerStore.Permanent, AddressSource.Configured);
        sink.Found(there.LocalPeer, there.ListenAddresses, Lifetime, AddressSource.Mdns);
        sink.Lost(there.LocalPeer);
        sink.Lost(there.LocalPeer);
        await events.NextAsync<NetworkEvent.PeerExpired>();
        Assert.Equal(own, Assert.Single(here.Peers.Addresses(there.LocalPeer)).Address);
    }

    [Fact]
    public async Task Our_own_echo_is_passed_over()
    {
        var here = await _net.StartAsync(options => options with { Discoveries = [_discovery] });
        using var events = here.Subscribe();
        var sink = await _discovery.Sink;
        Assert.Equal(here.LocalPeer, sink.LocalPeer);
        Assert.Equal<Multiaddr>(here.ListenAddresses, sink.AnnouncedAddresses);
        sink.Found(here.LocalPeer, here.ListenAddresses, Lifetime, AddressSource.Mdns);
        await here.StopAsync().Soon();
        Assert.IsNotType<NetworkEvent.PeerDiscovered>(await events.ReadAsync().Soon());
    }

    [Fact]
    public async Task Connections_streams_and_failed_dials_are_measured()
    {
        var sums = new System.Collections.Concurrent.ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter.Name == TransportTelemetry.Name)
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        await here.ConnectAsync(there);
        await here.EchoAsync(there.LocalPeer, new byte[1000]);
        await Assert.ThrowsAsync<DialException>(() => here.ConnectAsync(Multiaddr.Memory("nobody")).Soon());
        Assert.True(sums["netabase.transport.connections"] != 0 || sums["netabase.transport.connections.closed"] > 0);
        Assert.True(sums["netabase.transport.bytes.written"] >= 2000);
        Assert.True(sums["netabase.transport.bytes.read"] >= 2000);
        Assert.True(sums["netabase.transport.dial.errors"] >= 1);
    }

    private sealed class ScriptedDiscovery : IPeerDiscovery
    {
        private readonly TaskCompletionSource<IDiscoverySink> _sink = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "scripted";

        public Task<IDiscoverySink> Sink => _sink.Task.Soon();

        public Task RunAsync(IDiscoverySink sink, CancellationToken cancellation)
        {
            _sink.TrySetResult(sink);
            return Task.Delay(Timeout.Infinite, cancellation);
        }
    }
}
