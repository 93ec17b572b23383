using System.Net;
using Netabase.Multiformats;

namespace Netabase.Model.Specs.Multiformats;

/// <summary>multiformats/multiaddr and libp2p/specs addressing.</summary>
public sealed class MultiaddrSpecs
{
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
    private const string Relay = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/4001", "047f000001060fa1")]
    [InlineData("/ip4/127.0.0.1/udp/1234/quic-v1", "047f000001910204d2cd03")]
    [InlineData("/ip6/::1/tcp/0/ws", "290000000000000000000000000000000106" + "0000" + "dd03")]
    [InlineData("/dns4/a.example/tcp/443/wss", "3609612e6578616d706c650601bbde03")]
    [InlineData("/unix/a/b/c", "9003062f612f622f63")]
    [InlineData("/memory/x", "89060178")]
    [InlineData("/ip4/10.0.0.0/ipcidr/8", "040a0000002b08")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1", "2a046574683029fe800000000000000000000000000001")]
    public void Text_and_bytes_say_the_same(string text, string hex)
    {
        var address = Multiaddr.Parse(text);
        Assert.Equal(hex, address.Bytes.ToString());
        Assert.Equal(address, Multiaddr.FromBytes(Convert.FromHexString(hex)));
        Assert.Equal(text, address.ToString());
    }

    [Fact]
    public void An_address_through_a_relay_leads_to_the_peer_at_its_end()
    {
        var relay = Multiaddr.Parse($"/ip4/192.0.2.1/tcp/4001/ipfs/{Relay}");
        var circuit = relay.With(MultiaddrProtocol.P2pCircuit);
        Assert.Equal(PeerId.Parse(Relay), relay.Peer);
        Assert.Null(circuit.Peer);
        Assert.Equal(PeerId.Parse(Peer), circuit.WithPeer(PeerId.Parse(Peer)).Peer);
        Assert.True(circuit.IsRelayed);
        Assert.Equal($"/ip4/192.0.2.1/tcp/4001/p2p/{Relay}/p2p-circuit/p2p/{Peer}", circuit.WithPeer(PeerId.Parse(Peer)).ToString());
        Assert.Equal(circuit, circuit.WithPeer(PeerId.Parse(Peer)).WithoutPeer());
        Assert.Equal(relay, relay.WithPeer(PeerId.Parse(Relay)));
    }

    [Fact]
    public void Decapsulation_cuts_at_the_last_occurrence()
    {
        var address = Multiaddr.Parse("/ip4/1.2.3.4/tcp/80/ip4/1.2.3.4/udp/1");
        Assert.Equal("/ip4/1.2.3.4/tcp/80", address.Decapsulate(Multiaddr.Parse("/ip4/1.2.3.4")).ToString());
        Assert.Equal(address, address.Decapsulate(Multiaddr.Parse("/ip4/1.2.3.5")));
        Assert.Equal(Multiaddr.Empty, address.Decapsulate(address));
        Assert.Equal("/ip4/1.2.3.4", address.Decapsulate(MultiaddrProtocol.Tcp).ToString());
    }

    [Fact]
    public void Socket_addresses_come_and_go()
    {
        var address = Multiaddr.Tcp(IPAddress.Parse("fe80::1%3"), 4001);
        Assert.Equal("/ip6zone/3/ip6/fe80::1/tcp/4001", address.ToString());
        Assert.True(address.With(MultiaddrProtocol.Ws).TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port));
        Assert.Equal((IPAddress.Parse("fe80::1%3"), 4001), (ip, port));
        Assert.False(address.TryGetIpEndpoint(MultiaddrProtocol.Udp, out _, out _));
        Assert.Equal([1, 2, 3, 4], Multiaddr.Parse("/ip6/::ffff:1.2.3.4/udp/1").IpBytes.ToArray());
        Assert.True(Multiaddr.Parse("/dnsaddr/a.example/p2p/" + Peer).TryGetDnsName(out var name, out var kind));
        Assert.Equal(("a.example", MultiaddrProtocol.DnsAddr), (name, kind));
    }
}
