using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <summary>What happens between this node and its peers.</summary>
public abstract record PeerEvent : NetabaseEvent
{
    private protected PeerEvent()
    {
    }

    /// <summary>A peer was found on the local network, or has new addresses there.</summary>
    public sealed record Discovered(PeerId Peer, ImmutableArray<Multiaddr> Addresses) : PeerEvent;

    /// <summary>A peer that had been found was not heard of again in time, or said goodbye.</summary>
    public sealed record Expired(PeerId Peer) : PeerEvent;

    /// <summary>The first connection to a peer stands.</summary>
    /// <param name="Peer">Who.</param>
    /// <param name="Address">The other end.</param>
    /// <param name="IsOutbound">Whether this node dialed.</param>
    public sealed record Connected(PeerId Peer, Multiaddr Address, bool IsOutbound) : PeerEvent;

    /// <summary>The last connection to a peer is over.</summary>
    public sealed record Disconnected(PeerId Peer) : PeerEvent;

    /// <summary>A peer said what it is, where it listens and what it answers.</summary>
    public sealed record Identified(
        PeerId Peer, ImmutableArray<Multiaddr> Addresses, ImmutableArray<string> Protocols, string AgentVersion) : PeerEvent;

    /// <summary>Nobody was reached; whom it was meant for is null when only an address was given.</summary>
    public sealed record DialFailed(PeerId? Peer, string Detail) : PeerEvent;

    /// <summary>Connections are accepted on an address.</summary>
    public sealed record ListeningOn(Multiaddr Address) : PeerEvent;

    /// <summary>Connections are accepted there no longer.</summary>
    public sealed record ListeningEnded(Multiaddr Address) : PeerEvent;

    /// <summary>Enough peers say that they see this node at an address.</summary>
    public sealed record ExternalAddressConfirmed(Multiaddr Address) : PeerEvent;

    /// <summary>Nobody has seen this node at an address for a while.</summary>
    public sealed record ExternalAddressExpired(Multiaddr Address) : PeerEvent;
}

/// <summary>What happens to this node's place in the DHT.</summary>
public abstract record RoutingEvent : NetabaseEvent
{
    private protected RoutingEvent()
    {
    }

    /// <summary>A peer came into the routing table, or left it.</summary>
    /// <param name="Peer">Who.</param>
    /// <param name="Bucket">How many leading bits its place shares with ours.</param>
    /// <param name="IsIn">Whether it is there now.</param>
    /// <param name="Peers">How many peers the table holds now.</param>
    public sealed record RoutingUpdated(PeerId Peer, int Bucket, bool IsIn, int Peers) : RoutingEvent;

    /// <summary>This node takes part differently than before; never <see cref="NetworkMode.Automatic"/>.</summary>
    public sealed record ModeChanged(NetworkMode Mode) : RoutingEvent;
}

/// <summary>What is asked of the DHT, by this node and of it.</summary>
public abstract record QueryEvent : NetabaseEvent
{
    private protected QueryEvent()
    {
    }

    /// <summary>A peer asked something of this node.</summary>
    public sealed record InboundRequest(PeerId Peer, DhtRequestKind Kind) : QueryEvent;

    /// <summary>A query has heard from one more peer.</summary>
    /// <param name="Query">Which one; counts up within a process.</param>
    /// <param name="Kind">What for.</param>
    /// <param name="Peer">Who answered or failed.</param>
    /// <param name="IsAnswer">False when it failed.</param>
    /// <param name="Answered">Peers that have answered until now.</param>
    public sealed record QueryProgressed(long Query, DhtQueryKind Kind, PeerId Peer, bool IsAnswer, int Answered) : QueryEvent;

    /// <summary>A query is over.</summary>
    /// <param name="Query">Which one.</param>
    /// <param name="Kind">What for.</param>
    /// <param name="Succeeded">Whether it found or placed as much as was wanted.</param>
    /// <param name="Answered">Peers that answered.</param>
    /// <param name="Elapsed">From its start.</param>
    public sealed record QueryFinished(long Query, DhtQueryKind Kind, bool Succeeded, int Answered, TimeSpan Elapsed) : QueryEvent;

    /// <summary>Peers hold a record that this node has put or replicated.</summary>
    /// <param name="Key">The record's key; opaque bytes where the record is none of a model.</param>
    /// <param name="Replicas">Peers that answered for it, this node not counted.</param>
    public sealed record RecordReplicated(Payload Key, int Replicas) : QueryEvent;

    /// <summary>A peer announced to this node that it provides something.</summary>
    /// <param name="Key">The multihash that names it: of a record, the SHA-256 of its record key.</param>
    /// <param name="Provider">The peer.</param>
    public sealed record ProviderAdded(Payload Key, PeerId Provider) : QueryEvent;
}

/// <summary>What a peer can ask of a node of the DHT.</summary>
public enum DhtRequestKind
{
    /// <summary>Who is nearest to a place.</summary>
    FindNode,

    /// <summary>A record.</summary>
    GetValue,

    /// <summary>To hold a record.</summary>
    PutValue,

    /// <summary>Who provides a record.</summary>
    GetProviders,

    /// <summary>To remember that it provides a record.</summary>
    AddProvider,
}

/// <summary>What a query is for.</summary>
public enum DhtQueryKind
{
    /// <summary>Getting a record.</summary>
    Get,

    /// <summary>Placing a record at the peers nearest to it.</summary>
    Put,

    /// <summary>Announcing that this node provides a record.</summary>
    Provide,

    /// <summary>Finding who provides a record.</summary>
    FindProviders,

    /// <summary>Finding the peers nearest to a place.</summary>
    Nearest,

    /// <summary>Looking ourselves up and refreshing buckets.</summary>
    Bootstrap,
}
