using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Connections;

/// <summary>
/// Opens and accepts connections that are already secured and carry streams: what the swarm dials with. A transport of raw
/// bytes becomes one through the upgrade; QUIC, which brings its own security and streams, is one by itself.
/// </summary>
public interface IConnector
{
    /// <summary>Whether an address is of this connector's kind, judged by its protocols alone.</summary>
    bool CanDial(Multiaddr address);

    /// <summary>Whether this connector can listen on an address of that kind.</summary>
    bool CanListen(Multiaddr address);

    /// <summary>Dials, proves who is there, and brings up the streams, within one deadline.</summary>
    /// <param name="address">Where to; a <c>/p2p</c> part is not looked at, the expectation is the next parameter.</param>
    /// <param name="expected">The peer we mean to reach; another one is refused with <see cref="TransportError.IdentityMismatch"/>.</param>
    /// <param name="cancellation">Gives up; the half-made connection is cut.</param>
    ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation);

    /// <summary>Binds an address; port 0 asks for any free port, told in <see cref="IConnectionListener.Address"/>.</summary>
    ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation);
}

/// <summary>A bound address from which connections are accepted one by one, before anything is known of the peer.</summary>
public interface IConnectionListener : IAsyncDisposable
{
    /// <summary>The address that was bound, with its real port.</summary>
    Multiaddr Address { get; }

    /// <summary>
    /// The next inbound connection, not yet upgraded: whoever accepts decides by its address and the limits whether it is worth
    /// a handshake. Null once the listener is closed.
    /// </summary>
    ValueTask<IInboundConnection?> AcceptAsync(CancellationToken cancellation);
}

/// <summary>An inbound connection whose other end has not said who it is. Disposing it before its upgrade cuts it.</summary>
public interface IInboundConnection : IAsyncDisposable
{
    /// <summary>Our end.</summary>
    Multiaddr LocalAddress { get; }

    /// <summary>The other end, as the operating system sees it.</summary>
    Multiaddr RemoteAddress { get; }

    /// <summary>Runs the handshakes within the upgrade's deadline; on any failure the connection is cut. At most once.</summary>
    ValueTask<UpgradedConnection> UpgradeAsync(CancellationToken cancellation);
}

/// <summary>A connection ready for streams, and what its upgrade found out.</summary>
/// <param name="Muxed">Carries the streams and owns everything below.</param>
/// <param name="Role">Whether we dialed or accepted it.</param>
/// <param name="RemoteKey">The key the other end proved to hold.</param>
/// <param name="RemotePeer">The peer id of that key.</param>
/// <param name="Security">The security protocol in use.</param>
/// <param name="Muxer">The muxer in use.</param>
/// <param name="LocalAddress">Our end.</param>
/// <param name="RemoteAddress">The other end, as the operating system sees it.</param>
public sealed record UpgradedConnection(
    IMuxedConnection Muxed,
    ConnectionRole Role,
    PublicKey RemoteKey,
    PeerId RemotePeer,
    ProtocolId Security,
    ProtocolId Muxer,
    Multiaddr LocalAddress,
    Multiaddr RemoteAddress);
