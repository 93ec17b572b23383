using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

public abstract partial class PeerNetworkContract
{
    [Fact]
    public async Task Both_ends_learn_who_the_other_is_and_where_it_listens()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        there.AnswerEcho();
        using var hereEvents = here.Subscribe();
        using var thereEvents = there.Subscribe();
        await here.ConnectAsync(there);
        var told = await hereEvents.NextAsync<NetworkEvent.PeerIdentified>();
        Assert.Equal(there.LocalPeer, told.Peer);
        Assert.Contains(TestNetworks.Echo, told.Protocols);
        Assert.Contains(there.ListenAddresses[0], told.Addresses);
        Assert.Equal(here.LocalPeer, (await thereEvents.NextAsync<NetworkEvent.PeerIdentified>()).Peer);

        var known = there.Peers.Find(here.LocalPeer)!;
        Assert.Contains(here.ListenAddresses[0], known.Addresses.Select(address => address.Address));
        Assert.Equal(here.LocalPeer, known.Key!.PeerId);
        Assert.StartsWith("netabase/", known.AgentVersion, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connected_peer_is_told_when_our_protocols_change()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        using var events = here.Subscribe();
        using var thereEvents = there.Subscribe();
        await here.ConnectAsync(there);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
        await thereEvents.NextAsync<NetworkEvent.PeerIdentified>();
        there.AnswerEcho();
        var added = await events.NextAsync<NetworkEvent.PeerProtocolsChanged>();
        Assert.Equal(TestNetworks.Echo, Assert.Single(added.Added));
        Assert.Contains(TestNetworks.Echo, here.Peers.Protocols(there.LocalPeer));
        there.Unhandle(TestNetworks.Echo);
        var removed = await events.NextAsync<NetworkEvent.PeerProtocolsChanged>();
        Assert.Equal(TestNetworks.Echo, Assert.Single(removed.Removed));
    }

    [Fact]
    public async Task What_a_peer_said_outlives_its_connection_for_a_while()
    {
        var (here, there) = (await _net.StartAsync(), await _net.StartAsync());
        using var events = there.Subscribe();
        await here.ConnectAsync(there);
        await events.NextAsync<NetworkEvent.PeerIdentified>();
        await here.DisconnectAsync(there.LocalPeer).Soon();
        await events.NextAsync<NetworkEvent.PeerDisconnected>();
        var address = Assert.Single(there.Peers.Addresses(here.LocalPeer), known => known.Address == here.ListenAddresses[0]);
        Assert.NotNull(address.ExpiresAt);
        Assert.Equal(here.LocalPeer, (await there.ConnectAsync(here.LocalPeer, []).Soon()).Peer);
    }
}
