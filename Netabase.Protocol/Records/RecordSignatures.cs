using Netabase.Multiformats;

namespace Netabase.Protocol.Records;

/// <summary>Signs what this node publishes. Thread-safe; it computes and does not wait.</summary>
public interface IRecordSigner
{
    /// <summary>Whose signature it is.</summary>
    PeerId Publisher { get; }

    /// <summary>The signer's public key in libp2p's encoding.</summary>
    Payload PublicKey { get; }

    /// <summary>The signature of bytes.</summary>
    Payload Sign(ReadOnlySpan<byte> message);
}

/// <summary>Checks signatures of peers. Thread-safe; it computes and does not wait.</summary>
public interface IRecordVerifier
{
    /// <summary>Whether the key is a sound public key that belongs to the peer, and the signature its owner's; false, never an exception, for rubbish.</summary>
    /// <param name="signer">Who is said to have signed.</param>
    /// <param name="publicKey">The encoded public key; empty when the peer id carries it.</param>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">The signature.</param>
    bool Verify(PeerId signer, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Whether bytes are a public key that has this peer id.</summary>
    bool IsKeyOf(PeerId peer, ReadOnlySpan<byte> publicKey);
}
