using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;
using Netabase.Transport.Network;
using Netabase.Transport.Noise;

namespace Netabase.Transport.Specs.Network;

/// <summary>Every limit is shown to bite, and to let go again.</summary>
public sealed class LimitSpecs : IAsyncLifetime
{
    private readonly TcpNet _net = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _net.DisposeAsync();

    private Task<Swarm> StartAsync(ConnectionLimits limits) => _net.StartAsync(options => options with { Limits = limits });

    [Theory]
    [InlineData(nameof(ConnectionLimits.Total))]
    [InlineData(nameof(ConnectionLimits.Inbound))]
    [InlineData(nameof(ConnectionLimits.PerIp))]
    public async Task An_inbound_connection_beyond_a_limit_is_refused_until_another_one_has_gone(string which)
    {
        var limits = which switch
        {
            nameof(ConnectionLimits.Total) => new ConnectionLimits { Total = 2 },
            nameof(ConnectionLimits.Inbound) => new ConnectionLimits { Inbound = 2 },
            _ => new ConnectionLimits { PerIp = 2, ExemptLoopback = false },
        };
        var hub = await StartAsync(limits);
        using var events = hub.Subscribe();
        var peers = new[] { await _net.StartAsync(), await _net.StartAsync(), await _net.StartAsync() };
        await peers[0].ConnectAsync(hub);
        await peers[1].ConnectAsync(hub);
        await Assert.ThrowsAsync<DialException>(() => peers[2].ConnectAsync(hub));
        Assert.Equal(TransportError.LimitReached, (await events.NextAsync<NetworkEvent.InboundRefused>()).Error);

        await peers[0].DisconnectAsync(hub.LocalPeer).Soon();
        await events.NextAsync<NetworkEvent.PeerDisconnected>();
        var late = await _net.StartAsync();
        await UntilAdmittedAsync(late, hub);
        await events.NextAsync<NetworkEvent.PeerConnected>(connected => connected.Peer == late.LocalPeer);
        Assert.Equal(2, hub.Connections.Length);
    }

    [Fact]
    public async Task An_outbound_connection_beyond_the_limit_is_not_dialed()
    {
        var here = await StartAsync(new ConnectionLimits { Outbound = 1 });
        var (first, second) = (await _net.StartAsync(), await _net.StartAsync());
        await here.ConnectAsync(first);
        await here.ConnectAsync(second.LocalPeer, second.ListenAddresses).FailsAsync(TransportError.LimitReached);
        Assert.Empty(second.Connections);
    }

    [Fact]
    public async Task Handshakes_under_way_are_bounded_so_that_silent_callers_cannot_crowd_others_out_for_ever()
    {
        var hub = await _net.StartAsync(options => options with
        {
            Limits = new ConnectionLimits { PendingInbound = 3 },
            UpgradeTimeout = TimeSpan.FromSeconds(8),
        });
        using var events = hub.Subscribe();
        var transport = new Transport.Tcp.TcpTransport();
        var silent = new List<IRawConnection>();
        for (var i = 0; i < 3; i++)
        {
            silent.Add(await transport.DialAsync(hub.ListenAddresses[0], CancellationToken.None).Soon());
        }

        // Refused before it costs a handshake: which of the two ends notices first is the operating system's business.
        await Assert.ThrowsAsync<DialException>(async () => await (await _net.StartAsync()).ConnectAsync(hub));
        Assert.Equal(TransportError.LimitReached, (await events.NextAsync<NetworkEvent.InboundRefused>()).Error);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(TransportError.TimedOut, (await events.NextAsync<NetworkEvent.InboundRefused>()).Error);
        }

        Assert.Equal(0, hub.Gate!.Counted.PendingInbound);
        await (await _net.StartAsync()).ConnectAsync(hub);
        foreach (var raw in silent)
        {
            await raw.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_handshake_that_breaks_in_an_unforeseen_way_gives_its_place_back()
    {
        var hub = await _net.StartAsync(options => options with { Securities = [new BrokenSecurity()] });
        using var events = hub.Subscribe();
        await Assert.ThrowsAsync<DialException>(async () => await (await _net.StartAsync()).ConnectAsync(hub));
        Assert.Equal(TransportError.ConnectionClosed, (await events.NextAsync<NetworkEvent.InboundRefused>()).Error);
        Assert.Equal((0, 0, 0, 0, 0, 0), hub.Gate!.Counted);
    }

    [Fact]
    public async Task A_listener_that_breaks_in_an_unforeseen_way_is_no_longer_told_as_listening()
    {
        var broken = new BrokenListeners();
        var hub = await _net.StartAsync(options => options with { Connectors = [broken] });
        using var events = hub.Subscribe();
        Assert.Single(hub.ListenAddresses);
        broken.Break.SetResult();
        Assert.Equal(TransportError.ConnectionClosed, (await events.NextAsync<NetworkEvent.ListenClosed>()).Error);
        Assert.Empty(hub.ListenAddresses);
    }

    [Fact]
    public async Task A_handler_that_never_ends_does_not_hold_the_networks_stop()
    {
        var hub = _net.Create(options => options with
        {
            CloseGrace = TimeSpan.FromMilliseconds(10),
            AbandonAfter = TimeSpan.FromMilliseconds(10),
        });
        var deaf = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Handle(TestNetworks.Echo, async (_, _) =>
        {
            called.SetResult();
            await deaf.Task;
        });
        await hub.StartAsync().Soon();
        var peer = await _net.StartAsync();
        await peer.ConnectAsync(hub);
        await using var stream = await peer.OpenStreamAsync(hub.LocalPeer, [TestNetworks.Echo]).Soon();
        await stream.WriteAsync(new byte[] { 1 }, default).Soon();
        await called.Task.Soon();
        await hub.StopAsync().Soon();
        Assert.Empty(hub.Connections);

        // And the node can be used again.
        await hub.StartAsync().Soon();
        deaf.SetResult();
    }

    [Fact]
    public async Task Peers_that_do_not_identify_themselves_are_bounded()
    {
        var hub = await StartAsync(new ConnectionLimits { UnidentifiedInbound = 2 });
        using var events = hub.Subscribe();
        var identify = new ProtocolId("/ipfs/id/1.0.0");
        var mute = new[] { _net.Create(), _net.Create(), _net.Create() };
        foreach (var peer in mute)
        {
            peer.Unhandle(identify);
            peer.Handle(identify, (_, stopping) => Task.Delay(Timeout.Infinite, stopping));
            await peer.StartAsync().Soon();
        }

        await mute[0].ConnectAsync(hub);
        await mute[1].ConnectAsync(hub);
        await events.NextAsync<NetworkEvent.PeerConnected>();
        await events.NextAsync<NetworkEvent.PeerConnected>();
        await Assert.ThrowsAsync<DialException>(() => mute[2].ConnectAsync(hub));
        Assert.Equal(TransportError.LimitReached, (await events.NextAsync<NetworkEvent.InboundRefused>()).Error);
    }

    [Fact]
    public void Connections_to_one_peer_are_bounded()
    {
        var gate = new ConnectionGate(new ConnectionLimits { PerPeer = 2 }, AccessRules.Everybody);
        var peer = PrivateKey.Generate().PublicKey.PeerId;
        var tickets = Enumerable.Range(0, 3).Select(_ => gate.TryEnterOutbound()!).ToList();
        Assert.Null(tickets[0].Bind(peer));
        Assert.Null(tickets[1].Bind(peer));
        Assert.Equal(TransportError.LimitReached, tickets[2].Bind(peer));
        tickets[0].Dispose();
        tickets[0].Dispose();
        Assert.Null(tickets[2].Bind(peer));
        tickets.ForEach(ticket => ticket.Dispose());
        Assert.Equal((0, 0, 0, 0, 0, 0), gate.Counted);
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.1/tcp/2", true)]
    [InlineData("/ip4/192.0.2.1/tcp/1", "/ip4/192.0.2.2/tcp/1", false)]
    [InlineData("/ip6/2001:db8:0:1::1/tcp/1", "/ip6/2001:db8:0:ff::2/tcp/1", true)]
    [InlineData("/ip6/2001:db8:0:1::1/tcp/1", "/ip6/2001:db8:0:101::1/tcp/1", false)]
    public void One_place_is_an_ipv4_address_or_an_ipv6_56(string first, string second, bool samePlace)
    {
        var gate = new ConnectionGate(new ConnectionLimits { PerIp = 1 }, AccessRules.Everybody);
        using var held = gate.TryEnterInbound(Multiaddr.Parse(first), out _);
        Assert.NotNull(held);
        using var other = gate.TryEnterInbound(Multiaddr.Parse(second), out var refusal);
        Assert.Equal(samePlace, other is null);
        Assert.Equal(TransportError.LimitReached, refusal);
    }

    [Fact]
    public async Task The_queue_of_dials_is_bounded()
    {
        using var world = new LoopbackWorld();
        await using var net = new LoopbackNet(world);
        var here = await net.StartAsync(options => options with { Dial = new DialSettings { Queue = 2 } });
        var others = new[] { await net.StartAsync(), await net.StartAsync(), await net.StartAsync() };
        foreach (var other in others)
        {
            world.Cut(here.LocalPeer, other.LocalPeer);
        }

        var waiting = others.Take(2).Select(other => here.ConnectAsync(other.LocalPeer, other.ListenAddresses).AsTask()).ToList();
        await here.ConnectAsync(others[2].LocalPeer, others[2].ListenAddresses).FailsAsync(TransportError.LimitReached);
        world.HealAll();
        await Task.WhenAll(waiting).Soon();
        await here.ConnectAsync(others[2]);
    }

    [Fact]
    public async Task Dials_that_nobody_waits_for_any_more_are_given_up()
    {
        using var world = new LoopbackWorld();
        await using var net = new LoopbackNet(world);
        var (here, there) = (await net.StartAsync(options => options with { Dial = new DialSettings { Queue = 1 } }), await net.StartAsync());
        var free = await net.StartAsync();
        world.Cut(here.LocalPeer, there.LocalPeer);
        using var given = new CancellationTokenSource();
        var waiting = here.ConnectAsync(there.LocalPeer, there.ListenAddresses, given.Token).AsTask();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        await here.ConnectAsync(free);
    }

    /// <summary>Listens on every address, and then breaks.</summary>
    private sealed class BrokenListeners : IConnector, IConnectionListener
    {
        public TaskCompletionSource Break { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Multiaddr Address { get; private set; }

        public bool CanDial(Multiaddr address) => false;

        public bool CanListen(Multiaddr address) => true;

        public ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation) =>
            throw new InvalidOperationException("nobody dials");

        public ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
        {
            Address = address;
            return new ValueTask<IConnectionListener>(this);
        }

        public async ValueTask<IInboundConnection?> AcceptAsync(CancellationToken cancellation)
        {
            await Break.Task.WaitAsync(cancellation);
            throw new InvalidOperationException("as scripted");
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class BrokenSecurity : ISecurityProtocol
    {
        public ProtocolId Id => NoiseSecurity.Protocol;

        public ValueTask<SecuredConnection> SecureAsync(
            IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation) =>
            throw new InvalidOperationException("as scripted");
    }

    /// <summary>The place of a connection is free once nothing of it is left, a moment after its end is told.</summary>
    private static async Task UntilAdmittedAsync(Swarm peer, Swarm hub)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (hub.Gate!.Counted.Inbound > 1)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await peer.ConnectAsync(hub);
    }
}
