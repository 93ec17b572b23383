using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Transport.Mdns;

/// <summary>What was noticed on the local network. It is hearsay: a peer's identity is proven when it is dialed.</summary>
public abstract record MdnsEvent
{
    private MdnsEvent()
    {
    }

    /// <summary>A peer is there, has other addresses, or is still there after half of its time to live.</summary>
    /// <param name="Peer">Who.</param>
    /// <param name="Addresses">All addresses that hold now, without <c>/p2p</c> at their end.</param>
    /// <param name="TimeToLive">How long the longest-lived of them holds.</param>
    public sealed record Discovered(PeerId Peer, ImmutableArray<Multiaddr> Addresses, TimeSpan TimeToLive) : MdnsEvent;

    /// <summary>A peer said goodbye, or was not heard for its time to live.</summary>
    /// <param name="Peer">Who.</param>
    public sealed record Expired(PeerId Peer) : MdnsEvent;
}
