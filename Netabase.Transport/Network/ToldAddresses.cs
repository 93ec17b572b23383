using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>What is believed of the addresses that peers tell, of themselves or of others.</summary>
public static class ToldAddresses
{
    /// <summary>Addresses that may be the peer's own, and none that would lead into our own machine when they come from another one.</summary>
    /// <param name="isHere">Whether whoever told them is on this machine.</param>
    /// <param name="peer">Whose addresses they are said to be.</param>
    /// <param name="addresses">As told.</param>
    /// <returns>Those believed, without the peer.</returns>
    public static ImmutableArray<Multiaddr> Believable(bool isHere, PeerId peer, IEnumerable<Multiaddr> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return
        [
            .. addresses
                .Where(address => (address.Peer is null || address.Peer == peer) && !AddressScope.IsUnspecified(address) && (isHere || !IsOfOneMachine(address)))
                .Select(address => address.WithoutPeer()),
        ];
    }

    /// <summary>Whether an address leads nowhere but to the machine it is used on: its loopback numbers and names, its memory, its sockets.</summary>
    public static bool IsOfOneMachine(Multiaddr address) => AddressScope.ReachOf(address) == AddressReach.Machine;
}
