using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Network;

/// <summary>
/// The seam between peers on a network and everything above: actors, Kademlia, consensus. Our own libp2p
/// (<see cref="Swarm"/>, over real transports or over a <see cref="Loopback.LoopbackWorld"/>) or any other implementation
/// of libp2p stands behind it, and all are held to one contract (<c>PeerNetworkContract</c>).
/// </summary>
/// <remarks>
/// Safe to call from any thread. Expected failures are <see cref="TransportException"/>; misuse (a second start, a
/// protocol handled twice) is <see cref="InvalidOperationException"/>. While the network is stopped every operation that
/// needs it fails with <see cref="TransportError.Stopped"/>; handlers, subscriptions, protections and the peer store
/// survive a stop and serve again after the next start.
/// </remarks>
public interface IPeerNetwork : IAsyncDisposable
{
    /// <summary>Who we are; the same over restarts.</summary>
    PeerId LocalPeer { get; }

    /// <summary>Whether the network is running.</summary>
    bool IsRunning { get; }

    /// <summary>What we know about other peers: addresses, protocols, keys, signed records.</summary>
    PeerStore Peers { get; }

    /// <summary>The addresses we are bound to, with real ports and without <c>/p2p</c>; empty while stopped.</summary>
    ImmutableArray<Multiaddr> ListenAddresses { get; }

    /// <summary>Where peers are told that we can be reached: what was configured, else the bound addresses with every interface spelt out; without <c>/p2p</c>.</summary>
    ImmutableArray<Multiaddr> AnnouncedAddresses { get; }

    /// <summary>Addresses under which enough distinct peers say they see us.</summary>
    ImmutableArray<Multiaddr> ExternalAddresses { get; }

    /// <summary>Every protocol that we answer, in ordinal order of the names.</summary>
    ImmutableArray<ProtocolId> Protocols { get; }

    /// <summary>A snapshot of the open connections, oldest first.</summary>
    ImmutableArray<ConnectionStatus> Connections { get; }

    /// <summary>Starts, and binds the configured listen addresses; when one cannot be bound nothing stays started.</summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    /// <exception cref="TransportException">A listen address cannot be bound.</exception>
    ValueTask StartAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Stops gracefully: no new work, handlers are cancelled, connections say goodbye, and everything that was started has
    /// ended when this returns. When <paramref name="cancellation"/> fires the rest is cut off instead. Idempotent.
    /// </summary>
    ValueTask StopAsync(CancellationToken cancellation = default);

    /// <summary>Binds one more address until the next stop.</summary>
    /// <returns>The bound address, with its real port.</returns>
    ValueTask<Multiaddr> ListenAsync(Multiaddr address, CancellationToken cancellation = default);

    /// <summary>Stops accepting on a bound address; open connections stay.</summary>
    /// <returns>False when we were not listening on it.</returns>
    ValueTask<bool> StopListeningAsync(Multiaddr address);

    /// <summary>
    /// Returns the connection to a peer, dialing when there is none. Callers for the same peer share one dial; the given
    /// addresses are tried together with those of the peer store, ranked and staggered.
    /// </summary>
    /// <exception cref="DialException">Every address failed, none is known, or a limit, a list or the back-off forbids the dial.</exception>
    ValueTask<ConnectionInfo> ConnectAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellation = default);

    /// <summary>Dials one address; when it ends in <c>/p2p</c>, only that peer will do, else whoever answers.</summary>
    /// <exception cref="DialException">The address failed.</exception>
    ValueTask<ConnectionInfo> ConnectAsync(Multiaddr address, CancellationToken cancellation = default);

    /// <summary>Closes every connection to a peer with a goodbye.</summary>
    /// <returns>False when there was none.</returns>
    ValueTask<bool> DisconnectAsync(PeerId peer, CancellationToken cancellation = default);

    /// <summary>
    /// Opens a stream for the first of <paramref name="protocols"/> that the peer supports, dialing the peer store's
    /// addresses when there is no connection. The opening bytes ride on the first write when the choice is known beforehand.
    /// </summary>
    /// <exception cref="TransportException">No connection, no protocol in common, or a limit.</exception>
    ValueTask<IPeerStream> OpenStreamAsync(
        PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellation = default);

    /// <summary>
    /// Answers a protocol. The network owns each handler's task: it runs until it returns or until the network stops, then
    /// the stream is closed; when it throws, the stream is reset. A stream beyond the limits may wait a moment for a place; when none
    /// becomes free it is reset unseen.
    /// </summary>
    /// <exception cref="InvalidOperationException">The protocol is handled already.</exception>
    void Handle(ProtocolId protocol, StreamHandler handler, StreamLimits? limits = null);

    /// <summary>Answers a protocol no longer; streams in progress go on.</summary>
    /// <returns>False when it was not handled.</returns>
    bool Unhandle(ProtocolId protocol);

    /// <summary>Exempts a peer's connections from trimming and idle time-out while at least one tag protects it.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="tag">Who protects it and why, such as <c>paxos</c>; each tag counts once.</param>
    void Protect(PeerId peer, string tag);

    /// <summary>Takes one tag's protection away.</summary>
    /// <returns>True while another tag still protects the peer.</returns>
    bool Unprotect(PeerId peer, string tag);

    /// <summary>
    /// Events from now on, in order, in a buffer of their own; at any time, before a start too. A subscriber that lets its
    /// buffer overflow loses the oldest events and is told how many by <see cref="NetworkEvent.Lagged"/>.
    /// </summary>
    /// <param name="capacity">Events buffered, 1 to 65,536.</param>
    NetworkSubscription Subscribe(int capacity = 1024);
}
