using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>What everything above may rely on, whatever stands behind <see cref="IPeerNetwork"/>.</summary>
public abstract partial class PeerNetworkContract : IAsyncLifetime
{
    private TestNet _net = null!;

    /// <summary>Networks of the kind that is held to the contract.</summary>
    private protected abstract TestNet NewNet();

    public Task InitializeAsync()
    {
        _net = NewNet();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Fact]
    public async Task A_second_start_is_an_error()
    {
        var network = await _net.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => network.StartAsync().Soon());
        Assert.True(network.IsRunning);
    }

    [Fact]
    public async Task Stopping_twice_is_stopping_once()
    {
        var network = await _net.StartAsync();
        using var events = network.Subscribe();
        await network.StopAsync().Soon();
        await network.StopAsync().Soon();
        await network.StartAsync().Soon();
        await events.NextAsync<NetworkEvent.Stopped>();
        var next = await events.NextAsync<NetworkEvent>(happened => happened is NetworkEvent.Stopped or NetworkEvent.Started);
        Assert.IsType<NetworkEvent.Started>(next);
    }

    [Fact]
    public async Task A_network_that_is_not_running_says_so()
    {
        var (here, there) = (_net.Create(), await _net.StartAsync());
        await here.ConnectAsync(there.LocalPeer, there.ListenAddresses).FailsAsync(TransportError.Stopped);
        await here.OpenStreamAsync(there.LocalPeer, [TestNetworks.Echo]).FailsAsync(TransportError.Stopped);
        await here.ListenAsync(there.ListenAddresses[0]).FailsAsync(TransportError.Stopped);
        Assert.Empty(here.Connections);
        Assert.Empty(here.ListenAddresses);
    }

    [Fact]
    public async Task Handlers_subscriptions_and_the_identity_survive_a_restart()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        using var events = there.Subscribe();
        var peer = there.LocalPeer;
        await there.StopAsync().Soon();
        await there.StartAsync().Soon();
        Assert.Equal(peer, there.LocalPeer);
        await here.ConnectAsync(there);
        Assert.Equal([1, 2, 3], await here.EchoAsync(peer, [1, 2, 3]));
        Assert.Equal(here.LocalPeer, (await events.NextAsync<NetworkEvent.PeerConnected>()).Peer);
    }

    [Fact]
    public async Task Both_ends_of_a_connection_are_told_in_order()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        using var hereEvents = here.Subscribe();
        using var thereEvents = there.Subscribe();
        var connection = await here.ConnectAsync(there);
        Assert.Equal((there.LocalPeer, Direction.Outbound), (connection.Peer, connection.Direction));

        foreach (var (events, peer) in new[] { (hereEvents, there.LocalPeer), (thereEvents, here.LocalPeer) })
        {
            var opened = await events.NextAsync<NetworkEvent.ConnectionOpened>();
            Assert.Equal(peer, opened.Connection.Peer);
            Assert.Equal(new NetworkEvent.PeerConnected(peer), await events.ReadAsync().Soon());
        }

        Assert.True(await here.DisconnectAsync(there.LocalPeer).Soon());
        foreach (var (events, peer) in new[] { (hereEvents, there.LocalPeer), (thereEvents, here.LocalPeer) })
        {
            var closed = await events.NextAsync<NetworkEvent.ConnectionClosed>();
            Assert.Equal(peer, closed.Connection.Peer);
            Assert.Null(closed.Error);
            Assert.Equal(new NetworkEvent.PeerDisconnected(peer), await events.ReadAsync().Soon());
        }

        Assert.Empty(here.Connections);
        Assert.False(await here.DisconnectAsync(there.LocalPeer).Soon());
    }

    [Fact]
    public async Task Connecting_again_gives_the_connection_that_is_there()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        var first = await here.ConnectAsync(there);
        Assert.Equal(first.Id, (await here.ConnectAsync(there)).Id);
        Assert.Single(here.Connections);
    }

    [Fact]
    public async Task Many_who_want_the_same_peer_share_one_dial()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => here.ConnectAsync(there)));
        Assert.Single(all.Select(connection => connection.Id).Distinct());
        Assert.Single(here.Connections);
    }

    [Fact]
    public async Task A_peer_that_is_not_the_expected_one_is_refused()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        var stranger = PrivateKey.Generate().PublicKey.PeerId;
        using var events = here.Subscribe();
        var failure = await here.ConnectAsync(stranger, there.ListenAddresses).FailsAsync(TransportError.IdentityMismatch);
        Assert.Single(((DialException)failure).Failures);
        Assert.Equal(stranger, (await events.NextAsync<NetworkEvent.DialFailed>()).Peer);
        Assert.Empty(here.Connections);
    }

    [Fact]
    public async Task A_peer_without_a_known_address_cannot_be_dialed()
    {
        var here = await _net.StartAsync();
        await here.ConnectAsync(PrivateKey.Generate().PublicKey.PeerId, []).FailsAsync(TransportError.AddressUnusable);
    }

    [Fact]
    public async Task Nobody_dials_himself()
    {
        var here = await _net.StartAsync();
        await here.ConnectAsync(here.LocalPeer, here.ListenAddresses).FailsAsync(TransportError.AddressUnusable);
        await here.ConnectAsync(here.ListenAddresses[0]).FailsAsync(TransportError.AddressUnusable);
        Assert.Empty(here.Connections);
    }

    [Fact]
    public async Task An_address_alone_leads_to_whoever_answers_there()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(there.ListenAddresses[0]).Soon()).Peer);
    }

    [Fact]
    public async Task An_address_with_a_peer_leads_to_that_peer_or_nowhere()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        var wrong = there.ListenAddresses[0].WithPeer(PrivateKey.Generate().PublicKey.PeerId);
        await here.ConnectAsync(wrong).FailsAsync(TransportError.IdentityMismatch);
        var right = there.ListenAddresses[0].WithPeer(there.LocalPeer);
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(right).Soon()).Peer);
    }

    [Fact]
    public async Task A_dial_can_be_given_up()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => here.ConnectAsync(there.LocalPeer, there.ListenAddresses, given.Token).Soon());
        Assert.Equal(there.LocalPeer, (await here.ConnectAsync(there)).Peer);
    }

    [Fact]
    public async Task A_listener_that_is_closed_takes_nobody_more_and_keeps_who_is_there()
    {
        var (here, there, late) = (await _net.StartAsync(), await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        var address = there.ListenAddresses[0];
        using var events = there.Subscribe();
        await here.ConnectAsync(there);
        await events.NextAsync<NetworkEvent.PeerConnected>();
        Assert.True(await there.StopListeningAsync(address).Soon());
        Assert.False(await there.StopListeningAsync(address).Soon());
        Assert.Null((await events.NextAsync<NetworkEvent.ListenClosed>()).Error);
        Assert.Empty(there.ListenAddresses);
        await late.ConnectAsync(there.LocalPeer, [address]).FailsAsync(TransportError.Unreachable);
        Assert.Equal([7], await here.EchoAsync(there.LocalPeer, [7]));
    }

    [Fact]
    public async Task A_slow_subscriber_loses_its_oldest_events_and_is_told_how_many()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        using var slow = here.Subscribe(capacity: 2);
        using var quick = here.Subscribe();
        for (var round = 0; round < 5; round++)
        {
            await here.ConnectAsync(there);
            await here.DisconnectAsync(there.LocalPeer).Soon();
        }

        for (var round = 0; round < 5; round++)
        {
            await quick.NextAsync<NetworkEvent.PeerDisconnected>();
        }

        var lagged = Assert.IsType<NetworkEvent.Lagged>(await slow.ReadAsync().Soon());
        Assert.InRange(lagged.Missed, 18, 1000);
        Assert.IsNotType<NetworkEvent.Lagged>(await slow.ReadAsync().Soon());
        await here.StopAsync().Soon();
        slow.Dispose();
    }

    [Fact]
    public async Task A_disposed_subscription_ends_for_its_reader()
    {
        var here = await _net.StartAsync();
        var events = here.Subscribe();
        var reading = events.ReadAsync();
        events.Dispose();
        Assert.Null(await reading.Soon());
    }

    [Fact]
    public void A_peer_stays_protected_until_the_last_tag_is_gone()
    {
        var here = _net.Create();
        var peer = PrivateKey.Generate().PublicKey.PeerId;
        here.Protect(peer, "paxos");
        here.Protect(peer, "paxos");
        here.Protect(peer, "bootstrap");
        Assert.True(here.Unprotect(peer, "paxos"));
        Assert.False(here.Unprotect(peer, "bootstrap"));
        Assert.False(here.Unprotect(peer, "bootstrap"));
    }
}
