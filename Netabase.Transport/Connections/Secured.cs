using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Connections;

/// <summary>Which end of a connection we are; the dialer is the initiator of every handshake on it.</summary>
public enum ConnectionRole
{
    /// <summary>We opened it.</summary>
    Dialer,

    /// <summary>We accepted it.</summary>
    Listener,
}

/// <summary>The result of a security handshake: who the other end proved to be, and how bytes are sealed from here on.</summary>
/// <param name="Raw">The connection below; the muxer's two loops own it from now on.</param>
/// <param name="Codec">Seals and opens frames; <see cref="PlainCodec"/> where the layer below already encrypts (TLS).</param>
/// <param name="RemoteKey">The key the other end proved to hold.</param>
/// <param name="RemotePeer">The peer id of that key; already compared with the expected one, if there was one.</param>
/// <param name="Security">The protocol that was used.</param>
/// <param name="EarlyMuxer">The muxer agreed on inside the handshake, or null when it is still to be negotiated.</param>
/// <param name="Leftover">Bytes received behind the handshake's last message, still sealed, to be opened first.</param>
/// <param name="Opened">Plaintext that was opened together with the last negotiation message; it comes before <paramref name="Leftover"/>.</param>
public sealed record SecuredConnection(
    IRawConnection Raw,
    IFrameCodec Codec,
    PublicKey RemoteKey,
    PeerId RemotePeer,
    ProtocolId Security,
    ProtocolId? EarlyMuxer,
    ReadOnlyMemory<byte> Leftover,
    ReadOnlyMemory<byte> Opened = default)
{
    /// <summary>How long the handshake took: a round trip and the ciphers' work, all that is known of the line so far. Zero when nobody measured it.</summary>
    public TimeSpan Handshake { get; init; }
}

/// <summary>
/// Seals plaintext into frames and opens frames into plaintext, in memory, without I/O: the muxer's loops call it, so
/// that no task and no pipe stands between the socket and the streams. One thread seals and one opens at a time.
/// </summary>
public interface IFrameCodec : IDisposable
{
    /// <summary>The most plaintext bytes in one frame (65,519 for Noise).</summary>
    int MaxPlaintext { get; }

    /// <summary>Bytes that a frame adds to its plaintext (18 for Noise: length and tag); 0 when there is no framing.</summary>
    int Overhead { get; }

    /// <summary>How many of the <see cref="Overhead"/> bytes stand before the text (2 for Noise: the length).</summary>
    int Prefix { get; }

    /// <summary>
    /// Seals one frame in place: the sender has put the plaintext where the sealed text will stand, so that bytes are
    /// copied once on their way from the writer to the socket.
    /// </summary>
    /// <param name="frame">Room for plaintext plus <see cref="Overhead"/>; the plaintext begins at <see cref="Prefix"/>.</param>
    /// <param name="plaintext">How many bytes of plaintext, at most <see cref="MaxPlaintext"/>.</param>
    /// <returns>The frame's length.</returns>
    int Seal(Span<byte> frame, int plaintext);

    /// <summary>Opens the first frame in <paramref name="received"/> in place.</summary>
    /// <param name="received">Bytes received and not yet opened; their content is overwritten by the plaintext.</param>
    /// <param name="consumed">How many of them the frame took.</param>
    /// <param name="plaintext">Where in <paramref name="received"/> the plaintext now stands; may be empty.</param>
    /// <returns>False when the frame is not complete yet; nothing was consumed then.</returns>
    /// <exception cref="TransportException">The frame does not authenticate; the connection must be closed.</exception>
    bool TryOpen(Span<byte> received, out int consumed, out Range plaintext);
}

/// <summary>A security protocol of the upgrade (<c>/noise</c>, <c>/tls/1.0.0</c>).</summary>
public interface ISecurityProtocol
{
    /// <summary>Its name in multistream-select.</summary>
    ProtocolId Id { get; }

    /// <summary>Runs the handshake within the caller's deadline; any doubt about the peer ends in an exception.</summary>
    /// <param name="raw">
    /// The connection; its reader and writer are ours until we return. It gives the bytes that came behind the negotiation first,
    /// and lets what the negotiation still has to say ride on our first flight.
    /// </param>
    /// <param name="role">Initiator or responder.</param>
    /// <param name="expected">The peer we mean to reach; another one is refused.</param>
    /// <param name="muxers">Muxers to offer inside the handshake, best first.</param>
    /// <param name="cancellation">The deadline of the whole upgrade.</param>
    ValueTask<SecuredConnection> SecureAsync(
        IRawConnection raw,
        ConnectionRole role,
        PeerId? expected,
        IReadOnlyList<ProtocolId> muxers,
        CancellationToken cancellation);
}
