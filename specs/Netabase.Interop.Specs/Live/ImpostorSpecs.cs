using Netabase.Interop.Node;
using Netabase.Multiformats;
using Netabase.Transport;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Interop.Live;

/// <summary>Who answers at an address must be who was meant.</summary>
public sealed class ImpostorSpecs
{
    [SkippableTheory]
    [InlineData(Wire.TcpNoise)]
    [InlineData(Wire.TcpTls)]
    [InlineData(Wire.WebSocket)]
    public async Task Neither_side_accepts_another_peer_than_the_one_it_dialed(Wire wire)
    {
        var node = await RequireNode.GetAsync();
        await using var js = await JsPeer.StartAsync(node, new JsPeerOptions([OurNode.ListenAddress(wire)], [OurNode.Security(wire)]));
        await using var ours = OurNode.Create(wire);
        await ours.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var somebodyElse = PrivateKey.Generate();
        var wrong = somebodyElse.PublicKey.PeerId;

        var address = Multiaddr.Parse(js.Addresses[0]).WithoutPeer().WithPeer(wrong);
        var refused = await Assert.ThrowsAsync<DialException>(() => ours.ConnectAsync(address, stop.Token).AsTask());
        Assert.Equal(TransportError.IdentityMismatch, refused.Error);

        await Assert.ThrowsAsync<JsPeerException>(
            () => js.CallAsync("dial", ("address", ours.ListenAddresses[0].WithPeer(wrong).ToString())));
        Assert.DoesNotContain(ours.Connections, connection => connection.Info.Direction == Direction.Outbound);
        Assert.Empty((await js.CallAsync("connections"))["connections"]!.AsArray());
    }
}
