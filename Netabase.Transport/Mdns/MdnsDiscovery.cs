using Microsoft.Extensions.Logging;
using Netabase.Transport.Network;

namespace Netabase.Transport.Mdns;

/// <summary>mDNS as one of a network's ways to find peers: a service for as long as the network runs.</summary>
public sealed class MdnsDiscovery(MdnsOptions options, TimeProvider time, ILogger logger) : IPeerDiscovery
{
    /// <inheritdoc/>
    public string Name => "mDNS";

    /// <inheritdoc/>
    public async Task RunAsync(IDiscoverySink sink, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var service = new MdnsService(options, () => sink.AnnouncedAddresses, sink.LocalPeer, time, logger);
        await using (service.ConfigureAwait(false))
        {
            await service.StartAsync().ConfigureAwait(false);
            await foreach (var noticed in service.Events(cancellation).ConfigureAwait(false))
            {
                if (noticed is MdnsEvent.Discovered found) sink.Found(found.Peer, found.Addresses, found.TimeToLive, AddressSource.Mdns);
                else if (noticed is MdnsEvent.Expired gone) sink.Lost(gone.Peer);
            }
        }
    }
}
