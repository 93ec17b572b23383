using System.Diagnostics.CodeAnalysis;
using Netabase.Multiformats;

namespace Netabase.Transport.Keys;

/// <summary>A peer's public key in libp2p's protobuf form (peer-ids). Equal by content.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    private PublicKey(KeyType type, Payload data, Payload encoded)
    {
        (Type, Data, Encoded) = (type, data, encoded);
        PeerId = PeerId.FromPublicKey(encoded.Span);
    }

    /// <summary>Which kind of key.</summary>
    public KeyType Type { get; }

    /// <summary>The key itself: 32 bytes (Ed25519), 33 (secp256k1), or DER SubjectPublicKeyInfo (ECDSA, RSA).</summary>
    public Payload Data { get; }

    /// <summary>The deterministic <c>PublicKey</c> message.</summary>
    public Payload Encoded { get; }

    /// <summary>The peer id that follows from it.</summary>
    public PeerId PeerId { get; }

    /// <summary>A key from its parts.</summary>
    /// <exception cref="TransportException">Malformed (<see cref="TransportError.InvalidData"/>).</exception>
    public static PublicKey Create(KeyType type, ReadOnlySpan<byte> data)
    {
        KeyMaterial.CheckPublic(type, data);
        var encoded = new Payload(KeyMessage.Encode(type, data));
        return new PublicKey(type, new Payload(encoded.Memory[^data.Length..]), encoded);
    }

    /// <summary>Reads the deterministic message and nothing else: both fields, in order, minimal, none unknown.</summary>
    /// <exception cref="TransportException">Malformed (<see cref="TransportError.InvalidData"/>).</exception>
    public static PublicKey Decode(ReadOnlySpan<byte> encoded)
    {
        KeyMessage.Decode(encoded, out var type, out var data);
        return Create(type, data);
    }

    /// <summary>Reads the deterministic message, or says false.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out PublicKey? key)
    {
        try
        {
            key = Decode(encoded);
            return true;
        }
        catch (TransportException)
        {
            key = null;
            return false;
        }
    }

    /// <summary>The key that a peer id carries (Ed25519, secp256k1), or null when it is a hash.</summary>
    public static PublicKey? FromPeerId(PeerId id) =>
        !id.InlineKey.IsEmpty && TryDecode(id.InlineKey.Span, out var key) ? key : null;

    /// <summary>Whether a signature of a message is by this key's owner; a malformed signature is not.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, ICryptography? cryptography = null) =>
        (cryptography ?? Cryptography.Default).Verify(Type, Data.Span, message, signature);

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) => other is not null && Encoded == other.Encoded;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => PeerId.GetHashCode();

    /// <summary>Kind and peer id, for logs.</summary>
    public override string ToString() => $"{Type} {PeerId}";
}
