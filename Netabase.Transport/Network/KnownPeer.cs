using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Network;

/// <summary>How an address came to be known; the later a member stands, the more it is believed.</summary>
public enum AddressSource
{
    /// <summary>Told by some other peer, as in a routing answer.</summary>
    Routing,

    /// <summary>Told by mDNS on the local network.</summary>
    Mdns,

    /// <summary>Told by the peer itself in Identify.</summary>
    Identify,

    /// <summary>Told by the peer in a record that it signed.</summary>
    SignedRecord,

    /// <summary>Given by the application.</summary>
    Configured,

    /// <summary>A connection to it succeeded.</summary>
    Connected,
}

/// <summary>One address of a peer.</summary>
/// <param name="Address">The address, without a trailing <c>/p2p</c> of the peer itself.</param>
/// <param name="Source">The most believed source that told it.</param>
/// <param name="ExpiresAt">When it is forgotten; null for never.</param>
public sealed record PeerAddress(Multiaddr Address, AddressSource Source, DateTimeOffset? ExpiresAt);

/// <summary>A peer record as the peer signed it, kept so that it can be shared on.</summary>
/// <param name="Sequence">Grows with every record of the peer.</param>
/// <param name="Envelope">The signed envelope, byte for byte.</param>
public sealed record SignedPeerRecord(ulong Sequence, Payload Envelope);

/// <summary>Everything known about one peer at one moment.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Addresses">Where, most believed first.</param>
/// <param name="Protocols">What it answers, as it says; empty before Identify.</param>
/// <param name="AgentVersion">Its software; empty before Identify.</param>
/// <param name="Key">Its public key, once proven.</param>
/// <param name="Record">Its newest signed record.</param>
public sealed record KnownPeer(
    PeerId Peer,
    ImmutableArray<PeerAddress> Addresses,
    ImmutableArray<ProtocolId> Protocols,
    string AgentVersion,
    PublicKey? Key,
    SignedPeerRecord? Record);
