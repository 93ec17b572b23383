using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>A peer as the DHT knows it: who, where in the key space, and how to reach it.</summary>
/// <param name="Id">Who.</param>
/// <param name="Key">Its place, computed once.</param>
/// <param name="Addresses">How to reach it, best first; may be empty where a connection stands already.</param>
public sealed record KademliaPeer(PeerId Id, KademliaKey Key, ImmutableArray<Multiaddr> Addresses)
{
    /// <summary>A peer at the place its id gives it.</summary>
    public static KademliaPeer Of(PeerId id, ImmutableArray<Multiaddr> addresses) => new(id, KademliaKey.Of(id), addresses);
}
