using Netabase.Multiformats;
using Netabase.Protocol.Records;

namespace Netabase.Transport.Keys;

/// <summary>Signs records with a node's own key.</summary>
/// <param name="key">The key; its owner disposes it after the last signature.</param>
public sealed class RecordSigner(PrivateKey key) : IRecordSigner
{
    /// <inheritdoc/>
    public PeerId Publisher => key.PublicKey.PeerId;

    /// <inheritdoc/>
    public Payload PublicKey => key.PublicKey.Encoded;

    /// <inheritdoc/>
    public Payload Sign(ReadOnlySpan<byte> message) => new(key.Sign(message));
}

/// <summary>Checks signatures of records against the key that makes the publisher's peer id.</summary>
/// <param name="cryptography">Who computes; null for <see cref="Cryptography.Default"/>.</param>
public sealed class RecordVerifier(ICryptography? cryptography = null) : IRecordVerifier
{
    private readonly ICryptography _cryptography = cryptography ?? Cryptography.Default;

    /// <inheritdoc/>
    public bool Verify(PeerId signer, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        var encoded = publicKey.IsEmpty ? signer.InlineKey.Span : publicKey;
        return PublicKey.TryDecode(encoded, out var key) && key.PeerId == signer && key.Verify(message, signature, _cryptography);
    }

    /// <inheritdoc/>
    public bool IsKeyOf(PeerId peer, ReadOnlySpan<byte> publicKey) => PublicKey.TryDecode(publicKey, out var key) && key.PeerId == peer;
}
