using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>What happens on a network, in the order it happened; a closed set of immutable facts.</summary>
public abstract record NetworkEvent
{
    private NetworkEvent()
    {
    }

    /// <summary>The network runs.</summary>
    public sealed record Started : NetworkEvent;

    /// <summary>The network has stopped; everything it had opened is closed.</summary>
    public sealed record Stopped : NetworkEvent;

    /// <summary>A connection is ready for streams.</summary>
    public sealed record ConnectionOpened(ConnectionInfo Connection) : NetworkEvent;

    /// <summary>A connection is over.</summary>
    /// <param name="Connection">Which one.</param>
    /// <param name="Error">Null after a goodbye of either side, else the first thing that went wrong.</param>
    /// <param name="Cause">Who or what ended it.</param>
    public sealed record ConnectionClosed(ConnectionInfo Connection, TransportError? Error, CloseCause Cause) : NetworkEvent;

    /// <summary>The first connection to a peer is ready; follows its <see cref="ConnectionOpened"/>.</summary>
    public sealed record PeerConnected(PeerId Peer) : NetworkEvent;

    /// <summary>The last connection to a peer is over; follows its <see cref="ConnectionClosed"/>.</summary>
    public sealed record PeerDisconnected(PeerId Peer) : NetworkEvent;

    /// <summary>A peer has told what it is and where it listens, and its word was checked; also after a push that changed it.</summary>
    /// <param name="Peer">The peer.</param>
    /// <param name="Addresses">Where it listens, as it says.</param>
    /// <param name="Protocols">What it answers.</param>
    /// <param name="AgentVersion">Its software, at most 128 characters.</param>
    public sealed record PeerIdentified(
        PeerId Peer, ImmutableArray<Multiaddr> Addresses, ImmutableArray<ProtocolId> Protocols, string AgentVersion) : NetworkEvent;

    /// <summary>A connected peer answers other protocols than before; follows its first <see cref="PeerIdentified"/>.</summary>
    public sealed record PeerProtocolsChanged(
        PeerId Peer, ImmutableArray<ProtocolId> Added, ImmutableArray<ProtocolId> Removed) : NetworkEvent;

    /// <summary>We accept connections on an address.</summary>
    public sealed record Listening(Multiaddr Address) : NetworkEvent;

    /// <summary>We accept no longer on an address.</summary>
    /// <param name="Address">The address.</param>
    /// <param name="Error">Null when we closed it ourselves.</param>
    public sealed record ListenClosed(Multiaddr Address, TransportError? Error) : NetworkEvent;

    /// <summary>Enough distinct peers say they see us at this address.</summary>
    public sealed record ExternalAddressConfirmed(Multiaddr Address) : NetworkEvent;

    /// <summary>Nobody has seen us at this address for a while.</summary>
    public sealed record ExternalAddressExpired(Multiaddr Address) : NetworkEvent;

    /// <summary>A dial reached nobody.</summary>
    /// <param name="Peer">Whom it was meant for; null when only an address was given.</param>
    /// <param name="Error">The kind of failure that decided.</param>
    /// <param name="Failures">What each address met; empty when no address was tried.</param>
    public sealed record DialFailed(PeerId? Peer, TransportError Error, ImmutableArray<DialFailure> Failures) : NetworkEvent;

    /// <summary>A connection from outside was turned away or failed before it was ready.</summary>
    /// <param name="RemoteAddress">Where it came from.</param>
    /// <param name="Peer">Who it was, when that was proven already.</param>
    /// <param name="Error">Why.</param>
    public sealed record InboundRefused(Multiaddr RemoteAddress, PeerId? Peer, TransportError Error) : NetworkEvent;

    /// <summary>Discovery told of a peer that it had not told of, or whose addresses are new.</summary>
    public sealed record PeerDiscovered(PeerId Peer, ImmutableArray<Multiaddr> Addresses, AddressSource Source) : NetworkEvent;

    /// <summary>Discovery has not heard of a peer for its time to live.</summary>
    public sealed record PeerExpired(PeerId Peer, AddressSource Source) : NetworkEvent;

    /// <summary>We answer other protocols than before.</summary>
    public sealed record LocalProtocolsChanged(ImmutableArray<ProtocolId> Protocols) : NetworkEvent;

    /// <summary>This subscriber read too slowly; <paramref name="Missed"/> events that stood here are gone.</summary>
    public sealed record Lagged(long Missed) : NetworkEvent;
}

/// <summary>Who or what ended a connection.</summary>
public enum CloseCause
{
    /// <summary>The peer closed it, or it broke.</summary>
    Remote,

    /// <summary>The application asked for it, or the network stopped.</summary>
    Local,

    /// <summary>No stream was open on it for the idle time-out.</summary>
    Idle,

    /// <summary>Too many connections; this one was the least worth keeping.</summary>
    Trimmed,

    /// <summary>A second connection to the same peer made it superfluous.</summary>
    Duplicate,

    /// <summary>The peer broke the rules.</summary>
    Misbehaved,
}
