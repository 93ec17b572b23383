namespace Netabase.Transport.Keys;

/// <summary>
/// The primitives libp2p needs, as one plug: <see cref="NativeCryptography"/> where its libraries load, and
/// <see cref="ManagedCryptography"/> everywhere. Thread-safe; the objects it makes say for themselves.
/// Keys are given in libp2p's encodings (peer-ids); what is malformed gives a <see cref="TransportException"/>
/// with <see cref="TransportError.InvalidData"/>.
/// </summary>
public interface ICryptography
{
    /// <summary>What it is built on, for logs and for names of specs.</summary>
    string Name { get; }

    /// <summary>SHA-256 of two pieces, one behind the other, into 32 bytes.</summary>
    void Sha256(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash);

    /// <summary>
    /// HKDF with SHA-256 (RFC 5869): extract with the salt, then expand to the output's length, at most 8,160 bytes. With
    /// empty info it is also the HKDF of Noise: salt = chaining key, outputs one behind the other.
    /// </summary>
    void HkdfSha256(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> output);

    /// <summary>A fresh X25519 key pair.</summary>
    IX25519Key CreateX25519();

    /// <summary>The X25519 key pair of a 32-byte private key.</summary>
    IX25519Key ImportX25519(ReadOnlySpan<byte> privateKey);

    /// <summary>ChaCha20-Poly1305 (RFC 8439) for a 32-byte key.</summary>
    IAead CreateChaCha20Poly1305(ReadOnlySpan<byte> key);

    /// <summary>A fresh private key as the <c>Data</c> of libp2p's message; RSA gets <paramref name="rsaBits"/>, ECDSA P-256.</summary>
    byte[] GeneratePrivateKey(KeyType type, int rsaBits);

    /// <summary>The signer of a private key's <c>Data</c>.</summary>
    ISigner CreateSigner(KeyType type, ReadOnlySpan<byte> privateKey);

    /// <summary>Whether a signature is by the owner of a public key's <c>Data</c>; false, never an exception, for a malformed one.</summary>
    bool Verify(KeyType type, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>An X25519 key pair (RFC 7748). Thread-safe until disposed.</summary>
public interface IX25519Key : IDisposable
{
    /// <summary>The public half, 32 bytes.</summary>
    ReadOnlySpan<byte> PublicKey { get; }

    /// <summary>The 32 bytes shared with the owner of another public key; false when they are all zero (a point of small order).</summary>
    bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> shared);
}

/// <summary>
/// An authenticated cipher with its key. Made once per key and direction, called by one thread at a time. Nonces must not
/// repeat: that is the caller's duty.
/// </summary>
public interface IAead : IDisposable
{
    /// <summary>Bytes of a nonce.</summary>
    const int NonceSize = 12;

    /// <summary>Bytes of the tag behind every ciphertext.</summary>
    const int TagSize = 16;

    /// <summary>Bytes of a key.</summary>
    const int KeySize = 32;

    /// <summary>
    /// Writes ciphertext and tag: exactly plaintext plus <see cref="TagSize"/> bytes. The output may start where the
    /// plaintext does, and must not overlap it otherwise.
    /// </summary>
    void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output);

    /// <summary>
    /// Writes the plaintext of ciphertext and tag: exactly <see cref="TagSize"/> bytes less. The plaintext may start where
    /// the input does. False when it does not authenticate; what the output holds then is worth nothing.
    /// </summary>
    bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext);
}

/// <summary>Signs with one private key. Thread-safe until disposed.</summary>
public interface ISigner : IDisposable
{
    /// <summary>The public key's <c>Data</c>.</summary>
    ReadOnlySpan<byte> PublicKey { get; }

    /// <summary>The signature of a message, in the form its <see cref="KeyType"/> says.</summary>
    byte[] Sign(ReadOnlySpan<byte> message);
}
