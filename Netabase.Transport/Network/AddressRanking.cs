using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>
/// The order in which a peer's addresses are tried: what worked before, then this machine and this network, then the
/// preference among connectors, then IPv6 before IPv4; relays last.
/// </summary>
internal static class AddressRanking
{
    public static ImmutableArray<Multiaddr> Rank(
        IEnumerable<PeerAddress> addresses, IReadOnlyList<IConnector> connectors, int max) =>
    [
        .. addresses
            .Select(known => (known.Address, known.Source, Connector: ConnectorIndex(connectors, known.Address)))
            .Where(candidate => candidate.Connector >= 0)
            .DistinctBy(candidate => candidate.Address)
            .OrderBy(candidate => AddressScope.ReachOf(candidate.Address) == AddressReach.Relayed)
            .ThenByDescending(candidate => candidate.Source == AddressSource.Connected)
            .ThenBy(candidate => AddressScope.ReachOf(candidate.Address))
            .ThenBy(candidate => candidate.Connector)
            .ThenByDescending(candidate => candidate.Address.IpBytes.Length)
            .Select(candidate => candidate.Address)
            .Take(max),
    ];

    public static int ConnectorIndex(IReadOnlyList<IConnector> connectors, Multiaddr address)
    {
        for (var index = 0; index < connectors.Count; index++)
        {
            if (connectors[index].CanDial(address))
            {
                return index;
            }
        }

        return -1;
    }
}
