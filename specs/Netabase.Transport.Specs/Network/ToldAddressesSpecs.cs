using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>Addresses that peers tell: what would lead into our own machine, everywhere or to somebody else is passed over.</summary>
public sealed class ToldAddressesSpecs
{
    private static readonly PeerId Peer = PrivateKey.Generate().PublicKey.PeerId;
    private static readonly PeerId Other = PrivateKey.Generate().PublicKey.PeerId;

    [Theory]
    [InlineData("/ip4/203.0.113.7/tcp/1", true)]
    [InlineData("/ip4/192.168.1.7/tcp/1", true)]
    [InlineData("/ip4/127.0.0.1/tcp/1", false)]
    [InlineData("/ip6/::1/tcp/1", false)]
    [InlineData("/dns4/localhost/tcp/1", false)]
    [InlineData("/ip4/0.0.0.0/tcp/1", false)]
    public void From_another_machine(string address, bool isBelieved) =>
        Assert.Equal(isBelieved, !ToldAddresses.Believable(isHere: false, Peer, [Multiaddr.Parse(address)]).IsEmpty);

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/1", true)]
    [InlineData("/ip4/0.0.0.0/tcp/1", false)]
    public void From_this_machine(string address, bool isBelieved) =>
        Assert.Equal(isBelieved, !ToldAddresses.Believable(isHere: true, Peer, [Multiaddr.Parse(address)]).IsEmpty);

    [Fact]
    public void Of_somebody_else_and_with_the_peer_of_its_own()
    {
        var address = Multiaddr.Parse("/ip4/203.0.113.7/tcp/1");
        Assert.Empty(ToldAddresses.Believable(isHere: true, Peer, [address.WithPeer(Other)]));
        Assert.Equal(address, Assert.Single(ToldAddresses.Believable(isHere: true, Peer, [address.WithPeer(Peer)])));
    }
}
