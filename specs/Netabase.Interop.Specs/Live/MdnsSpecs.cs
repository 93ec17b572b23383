using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Interop.Node;
using Netabase.Multiformats;
using Netabase.Transport.Mdns;
using Netabase.Transport.Network;
using Netabase.Transport.Ping;

namespace Netabase.Interop.Live;

/// <summary>mDNS with js-libp2p on the same network, under a service name that nobody else uses.</summary>
public sealed class MdnsSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [SkippableFact]
    public async Task Js_finds_us_and_we_find_js()
    {
        var node = await RequireNode.GetAsync();
        var service = $"_netabase-{Random.Shared.Next():x8}._udp.local";
        var discovery = new MdnsDiscovery(
            new MdnsOptions { ServiceName = service, Interval = TimeSpan.FromSeconds(1) }, TimeProvider.System, NullLogger.Instance);

        // Nobody dials by himself: js-libp2p reports a peer that connects as discovered too.
        await using var ours = Swarm.Create(OurNode.Options(Wire.TcpNoise) with
        {
            ListenAddresses = [Multiaddr.Parse("/ip4/0.0.0.0/tcp/0")],
            Discoveries = [discovery],
            DialDiscovered = false,
        });
        using var events = ours.Subscribe();
        await ours.StartAsync();
        await using var js = await JsPeer.StartAsync(node, new JsPeerOptions(["/ip4/0.0.0.0/tcp/0"], ["noise"], service));
        var them = PeerId.Parse(js.Peer);

        var seen = await js.EventAsync("discovered", said => (string)said["peer"]! == ours.LocalPeer.ToString(), Deadline);
        Assert.True(ours.ListenAddresses[0].TryGetIpEndpoint(MultiaddrProtocol.Tcp, out _, out var port));
        Assert.Contains(seen["addresses"]!.AsArray(), address => ((string)address!).EndsWith($"/tcp/{port}", StringComparison.Ordinal));

        using var stop = new CancellationTokenSource(Deadline);
        NetworkEvent.PeerDiscovered? found = null;
        while (found is null)
        {
            var happened = await events.ReadAsync(stop.Token);
            Assert.NotNull(happened);
            found = happened is NetworkEvent.PeerDiscovered discovered && discovered.Peer == them ? discovered : null;
        }

        Assert.Equal(AddressSource.Mdns, found.Source);
        Assert.Empty(ours.Connections);
        await ours.ConnectAsync(them, found.Addresses, stop.Token);
        await new PingService(ours).PingAsync(them, stop.Token);
    }
}
