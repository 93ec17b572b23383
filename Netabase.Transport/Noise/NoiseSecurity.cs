using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Noise;

/// <summary>
/// libp2p's Noise (<c>/noise</c>): XX with the peers' identities in the encrypted payloads, and the muxer agreed on within. One
/// static key serves the process, signed once; it is never written to disk.
/// </summary>
public sealed class NoiseSecurity : ISecurityProtocol, IDisposable
{
    private readonly ICryptography _cryptography;
    private readonly IX25519Key _static;
    private readonly Payload _identityKey;
    private readonly Payload _identitySignature;
    private IX25519Key? _spare;

    /// <summary>Speaks for an identity, over the default primitives or those given.</summary>
    public NoiseSecurity(PrivateKey identity, ICryptography? cryptography = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _cryptography = cryptography ?? Cryptography.Default;
        _static = _cryptography.CreateX25519();
        _identityKey = identity.PublicKey.Encoded;
        _identitySignature = new Payload(identity.Sign(SignedBytes(_static.PublicKey)));
    }

    /// <summary><c>/noise</c>.</summary>
    public static ProtocolId Protocol { get; } = new("/noise");

    /// <inheritdoc/>
    public ProtocolId Id => Protocol;

    /// <inheritdoc/>
    public async ValueTask<SecuredConnection> SecureAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation)
    {
        using var handshake = new NoiseHandshake(_cryptography, role, _static, ephemeral: Interlocked.Exchange(ref _spare, null));
        using var channel = new NoiseChannel(raw);
        var (remote, muxer) = role == ConnectionRole.Dialer
            ? await DialAsync(handshake, channel, expected, muxers, cancellation).ConfigureAwait(false)
            : await AnswerAsync(handshake, channel, expected, muxers, cancellation).ConfigureAwait(false);

        var (send, receive) = handshake.Split();
        return new SecuredConnection(
            raw, new NoiseCodec(send, receive), remote, remote.PeerId, Id, muxer, channel.Leftover.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _static.Dispose();
        Interlocked.Exchange(ref _spare, null)?.Dispose();
    }

    /// <summary>
    /// Makes the ephemeral key of the next handshake while this one waits for the other end: it is used once like every other one,
    /// and nobody waits for its making.
    /// </summary>
    private void MakeSpare()
    {
        if (Volatile.Read(ref _spare) is not null) return;
        var made = _cryptography.CreateX25519();
        if (Interlocked.CompareExchange(ref _spare, made, null) is not null) made.Dispose();
    }

    /// <summary>What an identity key signs: a domain and the static key.</summary>
    internal static byte[] SignedBytes(ReadOnlySpan<byte> staticKey) => [.. "noise-libp2p-static-key:"u8, .. staticKey];

    private async ValueTask<(PublicKey Remote, ProtocolId? Muxer)> DialAsync(
        NoiseHandshake handshake, NoiseChannel channel, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation)
    {
        await channel.SendAsync(handshake, default, cancellation).ConfigureAwait(false);
        var payload = Read(handshake, await channel.ReceiveAsync(cancellation).ConfigureAwait(false));
        if (!channel.Leftover.IsEmpty) throw new TransportException(TransportError.ProtocolViolation, "Noise: data behind the second message.");

        // Whom we talk to is settled before the third message tells them who we are.
        var remote = Verify(handshake, payload, expected);
        var muxer = Agree(muxers, payload.Muxers);
        await channel.SendAsync(handshake, Ours(muxer is { } one ? [one] : muxers), cancellation).ConfigureAwait(false);
        MakeSpare();
        return (remote, muxer);
    }

    private async ValueTask<(PublicKey Remote, ProtocolId? Muxer)> AnswerAsync(
        NoiseHandshake handshake, NoiseChannel channel, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation)
    {
        var first = await channel.ReceiveAsync(cancellation).ConfigureAwait(false);
        if (first.Length != NoiseHandshake.KeySize)
            throw new TransportException(TransportError.ProtocolViolation, "Noise: the first message is one key and nothing else.");
        handshake.ReadMessage(first.Span, default);
        await channel.SendAsync(handshake, Ours(muxers), cancellation).ConfigureAwait(false);
        MakeSpare();

        var payload = Read(handshake, await channel.ReceiveAsync(cancellation).ConfigureAwait(false));
        return (Verify(handshake, payload, expected), Agree(payload.Muxers, muxers));
    }

    private static NoisePayload Read(NoiseHandshake handshake, ReadOnlyMemory<byte> message)
    {
        var payload = new byte[message.Length];
        return NoisePayload.Decode(payload.AsSpan(0, handshake.ReadMessage(message.Span, payload)));
    }

    private byte[] Ours(IReadOnlyList<ProtocolId> muxers) =>
        new NoisePayload(_identityKey, _identitySignature, [.. muxers]).Encode();

    private PublicKey Verify(NoiseHandshake handshake, NoisePayload payload, PeerId? expected)
    {
        var key = PublicKey.Decode(payload.IdentityKey.Span);
        if (!key.Verify(SignedBytes(handshake.RemoteStatic), payload.IdentitySignature.Span, _cryptography))
            throw new TransportException(TransportError.InvalidData, "Noise: the identity key did not sign the static key.");
        if (expected is { } peer && peer != key.PeerId)
            throw new TransportException(TransportError.IdentityMismatch, $"Expected {peer}, but {key.PeerId} answered.");
        return key;
    }

    /// <summary>The first of the initiator's muxers that the responder has; null when one of them leaves it to multistream-select.</summary>
    private static ProtocolId? Agree(IReadOnlyList<ProtocolId> initiator, IReadOnlyList<ProtocolId> responder)
    {
        if (initiator.Count == 0 || responder.Count == 0) return null;
        foreach (var muxer in initiator)
        {
            if (responder.Contains(muxer)) return muxer;
        }

        throw new TransportException(TransportError.ProtocolNotSupported, "Noise: no muxer in common.");
    }
}
