using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Noise;

/// <summary>
/// The handshake pattern XX of <c>Noise_XX_25519_ChaChaPoly_SHA256</c> (Noise Protocol Framework, 7.5), without I/O: messages in,
/// messages out. The three messages are <c>e</c>, <c>e ee s es</c> and <c>s se</c>, each with a payload behind them; a message out of
/// turn is misuse.
/// </summary>
public sealed class NoiseHandshake : IDisposable
{
    /// <summary>Bytes of a public key.</summary>
    public const int KeySize = 32;

    /// <summary>The most bytes a message adds to its payload: two keys and two tags.</summary>
    public const int MaxOverhead = (2 * KeySize) + (2 * IAead.TagSize);

    private readonly ConnectionRole _role;
    private readonly IX25519Key _static;
    private readonly IX25519Key _ephemeral;
    private readonly NoiseSymmetricState _state;
    private readonly byte[] _remoteEphemeral = new byte[KeySize];
    private readonly byte[] _remoteStatic = new byte[KeySize];
    private int _turn;

    /// <summary>Starts a handshake.</summary>
    /// <param name="cryptography">The primitives.</param>
    /// <param name="role">The dialer is the initiator.</param>
    /// <param name="staticKey">Our static key; it stays the caller's.</param>
    /// <param name="prologue">What both sides have to agree on beforehand; empty in libp2p, but for WebRTC.</param>
    /// <param name="ephemeral">Fixed for a test vector; the handshake disposes it. Fresh otherwise.</param>
    public NoiseHandshake(
        ICryptography cryptography, ConnectionRole role, IX25519Key staticKey,
        ReadOnlySpan<byte> prologue = default, IX25519Key? ephemeral = null)
    {
        ArgumentNullException.ThrowIfNull(cryptography);
        _role = role;
        _static = staticKey;
        _ephemeral = ephemeral ?? cryptography.CreateX25519();
        _state = new NoiseSymmetricState(cryptography, "Noise_XX_25519_ChaChaPoly_SHA256"u8);
        _state.MixHash(prologue);
    }

    /// <summary>Whether the next message is ours.</summary>
    public bool IsOurTurn => !IsComplete && _turn % 2 == (_role == ConnectionRole.Dialer ? 0 : 1);

    /// <summary>Whether all three messages have passed.</summary>
    public bool IsComplete => _turn == 3;

    /// <summary>The other end's static key, once it was received.</summary>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStatic;

    /// <summary>The hash of the transcript so far; of the whole handshake once it is complete.</summary>
    public ReadOnlySpan<byte> Hash => _state.Hash;

    /// <summary>Writes our next message and returns its length.</summary>
    /// <param name="payload">Sent in the clear in the first message, encrypted in the others.</param>
    /// <param name="message">Room for the payload and <see cref="MaxOverhead"/>.</param>
    /// <exception cref="TransportException">The other end's key is of small order.</exception>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        if (!IsOurTurn) throw new InvalidOperationException("It is the other end's turn.");
        var at = 0;
        if (_turn < 2)
        {
            _ephemeral.PublicKey.CopyTo(message);
            _state.MixHash(_ephemeral.PublicKey);
            at = KeySize;
        }

        if (_turn == 1) Mix(_ephemeral, _remoteEphemeral);
        if (_turn > 0)
        {
            at += _state.EncryptAndHash(_static.PublicKey, message[at..]);
            Mix(_static, _remoteEphemeral);
        }

        at += _state.EncryptAndHash(payload, message[at..]);
        _turn++;
        return at;
    }

    /// <summary>Reads the other end's next message and returns the length of its payload.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="payload">Room for the message's length.</param>
    /// <exception cref="TransportException">It is cut off, does not authenticate, or holds a key of small order.</exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        if (IsOurTurn || IsComplete) throw new InvalidOperationException("It is not the other end's turn.");
        if (_turn < 2)
        {
            Take(ref message, KeySize).CopyTo(_remoteEphemeral);
            _state.MixHash(_remoteEphemeral);
        }

        if (_turn == 1) Mix(_ephemeral, _remoteEphemeral);
        if (_turn > 0)
        {
            _state.DecryptAndHash(Take(ref message, KeySize + _state.TagSize), _remoteStatic);
            Mix(_ephemeral, _remoteStatic);
        }

        var length = _state.DecryptAndHash(message, payload);
        _turn++;
        return length;
    }

    /// <summary>The ciphers of the connection, ours to send with first.</summary>
    public (NoiseCipherState Send, NoiseCipherState Receive) Split()
    {
        if (!IsComplete) throw new InvalidOperationException("The handshake is not complete.");
        var (initiator, responder) = _state.Split();
        return _role == ConnectionRole.Dialer ? (initiator, responder) : (responder, initiator);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ephemeral.Dispose();
        _state.Dispose();
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> message, int length)
    {
        if (message.Length < length) throw new TransportException(TransportError.InvalidData, "Noise: a handshake message is cut off.");
        var taken = message[..length];
        message = message[length..];
        return taken;
    }

    private void Mix(IX25519Key ours, ReadOnlySpan<byte> theirs)
    {
        Span<byte> shared = stackalloc byte[KeySize];
        if (!ours.TryAgree(theirs, shared))
            throw new TransportException(TransportError.InvalidData, "Noise: the other end's key gives an all-zero secret.");
        _state.MixKey(shared);
        shared.Clear();
    }
}
