using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Network;

namespace Netabase.Actors.Swarm;

/// <summary>What happens on the network, in the words of the face; what the audience has no use for is null.</summary>
internal static class PeerEvents
{
    public static PeerEvent? Of(NetworkEvent happened, NodeNetwork network, long at)
    {
        PeerEvent? told = happened switch
        {
            NetworkEvent.PeerDiscovered found => new PeerEvent.Discovered(found.Peer, found.Addresses),
            NetworkEvent.PeerExpired expired => new PeerEvent.Expired(expired.Peer),
            NetworkEvent.PeerConnected connected => Connected(connected.Peer, network),
            NetworkEvent.PeerDisconnected gone => new PeerEvent.Disconnected(gone.Peer),
            NetworkEvent.PeerIdentified identified => new PeerEvent.Identified(
                identified.Peer,
                identified.Addresses,
                ImmutableArray.CreateRange(identified.Protocols, protocol => protocol.Name),
                identified.AgentVersion),
            NetworkEvent.DialFailed failed => new PeerEvent.DialFailed(failed.Peer, Detail(failed)),
            NetworkEvent.Listening listening => new PeerEvent.ListeningOn(listening.Address.WithPeer(network.LocalPeer)),
            NetworkEvent.ListenClosed closed => new PeerEvent.ListeningEnded(closed.Address.WithPeer(network.LocalPeer)),
            NetworkEvent.ExternalAddressConfirmed confirmed => new PeerEvent.ExternalAddressConfirmed(confirmed.Address),
            NetworkEvent.ExternalAddressExpired expired => new PeerEvent.ExternalAddressExpired(expired.Address),
            _ => null,
        };
        return told is null ? null : told with { At = at };
    }

    private static PeerEvent.Connected? Connected(PeerId peer, NodeNetwork network)
    {
        foreach (var connection in network.Network.Connections)
        {
            if (connection.Info.Peer == peer)
            {
                return new PeerEvent.Connected(peer, connection.Info.RemoteAddress, connection.Info.Direction == Direction.Outbound);
            }
        }

        // It is over again: its end is told next.
        return new PeerEvent.Connected(peer, Multiaddr.Empty, false);
    }

    private static string Detail(NetworkEvent.DialFailed failed) => failed.Failures.IsEmpty
        ? $"{failed.Error}."
        : string.Join("; ", failed.Failures.Select(failure => $"{failure.Address}: {failure.Message}"));
}
