using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>Allow and deny lists of peers and of address ranges.</summary>
public sealed class AccessSpecs : IAsyncLifetime
{
    private readonly TcpNet _net = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _net.DisposeAsync();

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7/32", "192.0.2.6", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::/0", "::1", true)]
    public void A_range_contains_what_shares_its_prefix(string range, string address, bool contains) =>
        Assert.Equal(contains, IpRange.Parse(range).Contains(System.Net.IPAddress.Parse(address).GetAddressBytes()));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("2001:db8::/129")]
    [InlineData("localhost/8")]
    public void What_is_no_range_is_refused(string? text) => Assert.False(IpRange.TryParse(text, out _));

    [Fact]
    public void A_range_prints_as_it_is_read() =>
        Assert.All(["10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"], text => Assert.Equal(text, IpRange.Parse(text).ToString()));

    [Fact]
    public async Task A_denied_peer_is_refused_in_both_directions()
    {
        var denied = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Access = new AccessRules(denyPeers: [denied.LocalPeer]) });
        using var events = here.Subscribe();
        await here.ConnectAsync(denied.LocalPeer, denied.ListenAddresses).FailsAsync(TransportError.Denied);
        using var deniedEvents = denied.Subscribe();
        try
        {
            await denied.ConnectAsync(here);
            await deniedEvents.NextAsync<NetworkEvent.PeerDisconnected>();
        }
        catch (DialException)
        {
            // Told while the handshake was not over yet, or right after it.
        }

        var refused = await events.NextAsync<NetworkEvent.InboundRefused>();
        Assert.Equal((denied.LocalPeer, TransportError.Denied), (refused.Peer, refused.Error));
        Assert.Empty(here.Connections);
    }

    [Fact]
    public async Task With_an_allow_list_nobody_else_is_admitted()
    {
        var (friend, stranger) = (await _net.StartAsync(), await _net.StartAsync());
        var here = await _net.StartAsync(options => options with { Access = new AccessRules(allowPeers: [friend.LocalPeer]) });
        await here.ConnectAsync(stranger.LocalPeer, stranger.ListenAddresses).FailsAsync(TransportError.Denied);
        await here.ConnectAsync(friend);
    }

    [Fact]
    public async Task A_denied_range_is_neither_dialed_nor_let_in()
    {
        var rules = new AccessRules(denyRanges: [IpRange.Parse("127.0.0.0/8")]);
        var there = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Access = rules });
        using var events = here.Subscribe();
        await here.ConnectAsync(there.LocalPeer, there.ListenAddresses).FailsAsync(TransportError.Denied);
        await Assert.ThrowsAsync<DialException>(() => there.ConnectAsync(here));
        var refused = await events.NextAsync<NetworkEvent.InboundRefused>();
        Assert.Equal(TransportError.Denied, refused.Error);
        Assert.Null(refused.Peer);
    }

    [Fact]
    public async Task A_name_that_leads_into_a_denied_range_leads_nowhere()
    {
        var there = await _net.StartAsync();
        var here = await _net.StartAsync(options => options with { Access = new AccessRules(denyRanges: [IpRange.Parse("127.0.0.0/8")]) });
        Assert.True(there.ListenAddresses[0].TryGetIpEndpoint(MultiaddrProtocol.Tcp, out _, out var port));
        await here.ConnectAsync(there.LocalPeer, [Multiaddr.Parse($"/dns4/localhost/tcp/{port}")]).FailsAsync(TransportError.Denied);
        Assert.Empty(here.Connections);
    }

    [Fact]
    public void A_deny_list_wins_over_an_allow_list()
    {
        var peer = PrivateKey.Generate().PublicKey.PeerId;
        var rules = new AccessRules([peer], [peer], [IpRange.Parse("10.0.0.0/8")], [IpRange.Parse("10.1.0.0/16")]);
        Assert.False(rules.Admits(peer));
        Assert.True(rules.Admits(Multiaddr.Parse("/ip4/10.2.0.1/tcp/1")));
        Assert.False(rules.Admits(Multiaddr.Parse("/ip4/10.1.0.1/tcp/1")));
        Assert.False(rules.Admits(Multiaddr.Parse("/ip4/192.0.2.1/tcp/1")));
        Assert.True(rules.Admits(Multiaddr.Parse("/dns4/example.org/tcp/1")));
    }
}
