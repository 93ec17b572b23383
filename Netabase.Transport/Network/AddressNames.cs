using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Spells out addresses that name others (<c>/dnsaddr</c>) before they are ranked.</summary>
internal sealed class AddressNames(SwarmContext context)
{
    /// <summary>Names asked about for one dial: each may cost dozens of questions to others, and a peer may tell hundreds.</summary>
    internal const int MaxNames = 4;

    /// <summary>The addresses with every name replaced by what it leads to; a name that leads nowhere is left out.</summary>
    /// <param name="known">What is to be dialed.</param>
    /// <param name="peer">Whose addresses; null when they lead to whomever they say, and then all results lead to the same peer.</param>
    /// <param name="cancellation">The dial's patience, beside the resolver's own.</param>
    public async ValueTask<IReadOnlyList<PeerAddress>> SpellOutAsync(
        IEnumerable<PeerAddress> known, PeerId? peer, CancellationToken cancellation)
    {
        var spelt = new List<PeerAddress>();
        var names = 0;
        foreach (var each in known)
        {
            if (!each.Address.Has(MultiaddrProtocol.DnsAddr))
            {
                spelt.Add(each);
                continue;
            }

            if (++names > MaxNames)
            {
                continue;
            }

            foreach (var address in await ResolveAsync(each.Address, peer, cancellation).ConfigureAwait(false))
            {
                // A stranger's name must not lead where the stranger's own word would not be believed.
                if (each.Source < AddressSource.Configured && AddressScope.ReachOf(address) == AddressReach.Machine)
                {
                    continue;
                }

                spelt.Add(each with { Address = peer is null ? address : address.WithoutPeer() });
            }
        }

        return peer is null && spelt.Count > 1 ? spelt.FindAll(each => each.Address.Peer == spelt[0].Address.Peer) : spelt;
    }

    private async ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, PeerId? peer, CancellationToken cancellation)
    {
        if (context.Options.Resolver is not { } resolver)
        {
            return [];
        }

        try
        {
            var wanted = peer is { } known ? address.WithPeer(known) : address;
            return await resolver.ResolveAsync(wanted, cancellation).ConfigureAwait(false);
        }
        catch (TransportException failure)
        {
            NetworkLog.DialFailed(context.Log, peer, failure.Message);
            return [];
        }
    }
}
