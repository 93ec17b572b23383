using Netabase.Transport.Loopback;

namespace Netabase.Actors.Specs.Network;

/// <summary>Joining and leaving the network, and what is to be seen of it.</summary>
public sealed class SwarmSpecs : NetSpec
{
    [Fact]
    public async Task A_second_start_is_misuse_a_second_stop_is_not_and_a_start_after_a_stop_works()
    {
        var node = await JoinAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await node.Node.StartSwarmAsync());
        await node.Node.StopSwarmAsync();
        await node.Node.StopSwarmAsync();
        Assert.Empty(await node.Node.GetListenAddressesAsync());

        await node.Node.StartSwarmAsync();
        Assert.NotEmpty(await node.Node.GetListenAddressesAsync());
    }

    [Fact]
    public async Task A_restart_of_the_swarm_keeps_the_identity_the_subscribers_and_the_peers()
    {
        var (one, other) = await PairAsync();
        var id = other.Id;
        await using var events = other.Node.SubscribeToBroadcasts();
        await other.Node.StopSwarmAsync();
        await other.Node.StartSwarmAsync();
        await UntilAsync<PeerEvent.Connected>(events, connected => connected.Peer == one.Id);
        await KnowAsync(1, other);

        Assert.Equal(id, other.Id);
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(1)));
    }

    [Fact]
    public async Task A_whole_restart_of_the_node_keeps_a_passing_identity_as_long_as_the_object_lives()
    {
        var node = await JoinAsync();
        var id = node.Id;
        await node.Node.StopAsync();
        await node.Node.StartAsync(node.System);
        Assert.Equal(id, node.Id);
        await node.Node.StartSwarmAsync();
    }

    [Fact]
    public async Task Listen_addresses_name_the_peer()
    {
        var node = await JoinAsync();
        Assert.Equal(LoopbackWorld.AddressOf(node.Id).WithPeer(node.Id), Assert.Single(await node.Node.GetListenAddressesAsync()));
    }

    [Fact]
    public async Task Peers_routes_and_pings_are_told()
    {
        var (one, other) = await PairAsync();
        var peer = Assert.Single(await other.Node.GetPeersAsync());
        Assert.Equal((one.Id, true), (peer.Peer, peer.IsOutbound));
        Assert.NotNull(peer.AgentVersion);
        Assert.Equal(one.Id, Assert.Single(await other.Node.GetRoutesAsync()).Peer);

        Assert.Equal(one.Id, Assert.IsType<PingResult.Answered>(await other.Node.PingAsync(one.Address)).Peer);
        await one.Node.StopSwarmAsync();
        Assert.IsType<PingResult.Failed>(await other.Node.PingAsync(one.Address));
    }

    [Fact]
    public async Task Protocols_are_told_in_order_and_the_dht_is_among_those_of_a_server_alone()
    {
        var node = await JoinAsync();
        var names = await node.Node.GetProtocolNamesAsync();
        Assert.Contains("/netabase/kad/1.0.0", names);
        Assert.Contains("/ipfs/ping/1.0.0", names);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);

        await node.Node.SetModeAsync(NetworkMode.Client);
        Assert.Equal(NetworkMode.Client, await node.Node.GetModeAsync());
        Assert.DoesNotContain("/netabase/kad/1.0.0", await node.Node.GetProtocolNamesAsync());

        await node.Node.SetModeAsync(NetworkMode.Automatic);
        Assert.Equal(NetworkMode.Client, await node.Node.GetModeAsync());
    }

    [Fact]
    public async Task A_client_is_in_nobodys_table_stores_nothing_for_others_and_gets_all_the_same()
    {
        var (one, other) = await PairAsync();
        var client = await JoinAsync("netabase.network.mode = client", one);
        await KnowAsync(1, client);
        Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(1)));
        Assert.NotNull((await client.Node.GetRecordAsync(Key(1))).Value);
        Assert.DoesNotContain(await one.Node.GetRoutesAsync(), route => route.Peer == client.Id);
        Assert.DoesNotContain(await other.Node.GetRoutesAsync(), route => route.Peer == client.Id);
        Assert.Equal(0, await client.Node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
    }

    [Fact]
    public async Task A_server_that_becomes_a_client_leaves_the_tables_of_others()
    {
        var (one, other) = await PairAsync();
        await using var events = one.Node.SubscribeToBroadcasts();
        await other.Node.SetModeAsync(NetworkMode.Client);
        await UntilAsync<RoutingEvent.RoutingUpdated>(events, updated => updated is { IsIn: false } && updated.Peer == other.Id);
        Assert.Empty(await one.Node.GetRoutesAsync());
    }

    [Fact]
    public async Task A_node_without_a_network_says_so()
    {
        var node = await CreateAsync("netabase.network.enabled = off");
        Assert.Null(node.Node.LocalPeer);
        Assert.Equal(RefusalReason.NoNetwork, (await Assert.ThrowsAsync<NetabaseException>(async () => await node.Node.StartSwarmAsync())).Reason);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<PutResult.Refused>(await node.Node.PutRecordAsync(Note(1))).Reason);
        Assert.IsType<PutResult.Stored>(await node.Node.PutRecordLocallyAsync(Note(1)));
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<ProvideResult.Refused>(await node.Node.StartProvidingAsync(Key(1))).Reason);
    }

    [Fact]
    public async Task Addresses_are_remembered_without_a_dial_and_the_peer_leaves_with_its_last_one()
    {
        var one = await JoinAsync();
        var other = await JoinAsync();
        await other.Node.AddAddressAsync(one.Id, one.Address);
        Assert.Equal(one.Id, Assert.Single(await other.Node.GetRoutesAsync()).Peer);
        Assert.Empty(await other.Node.GetPeersAsync());
        Assert.True(await other.Node.RemoveAddressAsync(one.Id, one.Address));
        Assert.Empty(await other.Node.GetRoutesAsync());
        Assert.False(await other.Node.RemovePeerAsync(one.Id));

        await other.Node.AddAddressAsync(one.Id, one.Address);
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(1)));
        Assert.True(await other.Node.RemovePeerAsync(one.Id));
        Assert.Equal(one.Id, Assert.Single(await other.Node.GetPeersAsync()).Peer);
    }

    [Fact]
    public async Task A_bootstrap_without_peers_says_so_and_with_peers_finds_the_others()
    {
        var alone = await JoinAsync();
        Assert.IsType<BootstrapResult.NoPeers>(await alone.Node.BootstrapAsync());
        var (one, _) = await PairAsync();
        await alone.Node.AddAddressAsync(one.Id, one.Address);
        Assert.IsType<BootstrapResult.Done>(await alone.Node.BootstrapAsync());
        await KnowAsync(2, alone);
    }

    [Fact]
    public async Task Bootstrap_peers_that_come_later_are_dialed_again()
    {
        var late = await CreateAsync();
        var early = await JoinAsync("", late);
        await late.Node.StartSwarmAsync();
        await KnowAsync(1, early, late);
    }
}
