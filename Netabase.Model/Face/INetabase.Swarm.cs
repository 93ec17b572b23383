using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <content>The node among other nodes.</content>
public partial interface INetabase
{
    /// <summary>Who this node is to others, the same over restarts; null for a node without a network.</summary>
    PeerId? LocalPeer { get; }

    /// <summary>Joins the network: listens, dials, discovers.</summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    ValueTask StartSwarmAsync(CancellationToken cancellation = default);

    /// <summary>Leaves the network after what is under way has ended; local records stay usable, and it may start again. Idempotent.</summary>
    ValueTask StopSwarmAsync(CancellationToken cancellation = default);

    /// <summary>Looks itself up and refreshes the routing table.</summary>
    ValueTask<BootstrapResult> BootstrapAsync(CancellationToken cancellation = default);

    /// <summary>Remembers where a peer can be reached; does not dial.</summary>
    ValueTask AddAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default);

    /// <summary>Forgets an address.</summary>
    /// <returns>Whether the peer left the routing table, which it does with its last address.</returns>
    ValueTask<bool> RemoveAddressAsync(PeerId peer, Multiaddr address, CancellationToken cancellation = default);

    /// <summary>Takes a peer out of the routing table; an open connection stays open.</summary>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> RemovePeerAsync(PeerId peer, CancellationToken cancellation = default);

    /// <summary>How this node takes part now; never <see cref="NetworkMode.Automatic"/>, but what that has come to.</summary>
    ValueTask<NetworkMode> GetModeAsync(CancellationToken cancellation = default);

    /// <summary>Chooses how this node takes part.</summary>
    ValueTask SetModeAsync(NetworkMode mode, CancellationToken cancellation = default);

    /// <summary>Every protocol this node answers, in ordinal order.</summary>
    ValueTask<ImmutableArray<string>> GetProtocolNamesAsync(CancellationToken cancellation = default);

    /// <summary>Where this node can be reached, wildcards spelt out as interfaces, each ending in <c>/p2p/{id}</c>; empty while the swarm is stopped.</summary>
    ValueTask<ImmutableArray<Multiaddr>> GetListenAddressesAsync(CancellationToken cancellation = default);

    /// <summary>The peers connected now, longest first.</summary>
    ValueTask<ImmutableArray<ConnectedPeer>> GetPeersAsync(CancellationToken cancellation = default);

    /// <summary>The routing table: from the far half of the key space to our neighbours.</summary>
    ValueTask<ImmutableArray<RoutingPeer>> GetRoutesAsync(CancellationToken cancellation = default);

    /// <summary>Dials an address, or uses the connection to its peer, and measures one round trip.</summary>
    ValueTask<PingResult> PingAsync(Multiaddr address, CancellationToken cancellation = default);
}

/// <summary>A peer to which a connection stands.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Addresses">The other ends of its connections.</param>
/// <param name="AgentVersion">Its software, as it says; null until it has said.</param>
/// <param name="IsOutbound">Whether this node dialed the oldest connection.</param>
/// <param name="ConnectedFor">Since the oldest connection was opened.</param>
public sealed record ConnectedPeer(
    PeerId Peer, ImmutableArray<Multiaddr> Addresses, string? AgentVersion, bool IsOutbound, TimeSpan ConnectedFor);

/// <summary>A peer in the routing table.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Addresses">How to reach it, best first.</param>
/// <param name="Bucket">How many leading bits its place shares with ours.</param>
public sealed record RoutingPeer(PeerId Peer, ImmutableArray<Multiaddr> Addresses, int Bucket);

/// <summary>What became of a ping.</summary>
public abstract record PingResult
{
    private PingResult()
    {
    }

    /// <summary>It answered.</summary>
    /// <param name="Peer">Who proved to be there.</param>
    /// <param name="RoundTrip">From the sending to the echo; the dial is not counted.</param>
    public sealed record Answered(PeerId Peer, TimeSpan RoundTrip) : PingResult;

    /// <summary>Nobody was reached, or nobody answered.</summary>
    public sealed record Failed(string Detail) : PingResult;
}

/// <summary>How a node takes part in the DHT.</summary>
public enum NetworkMode
{
    /// <summary>Server once an external address is confirmed, client until then.</summary>
    Automatic,

    /// <summary>Asks, but is in nobody's routing table and stores nothing for others.</summary>
    Client,

    /// <summary>Answers others and stores for them.</summary>
    Server,
}

/// <summary>What became of a bootstrap.</summary>
public abstract record BootstrapResult
{
    private BootstrapResult()
    {
    }

    /// <summary>The routing table is fresh.</summary>
    /// <param name="Peers">How many peers it holds.</param>
    public sealed record Done(int Peers) : BootstrapResult;

    /// <summary>Nobody to begin with is known.</summary>
    public sealed record NoPeers : BootstrapResult;

    /// <summary>The deadline passed first.</summary>
    /// <param name="Peers">How many peers the table holds by now.</param>
    public sealed record TimedOut(int Peers) : BootstrapResult;
}
