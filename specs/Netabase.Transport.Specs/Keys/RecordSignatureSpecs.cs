using Netabase.Protocol.Records;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Keys;

/// <summary>Records sealed with every kind of key, as a node's envelope carries them.</summary>
public class RecordSignatureSpecs
{
    [Theory]
    [InlineData(KeyType.Ed25519)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    [InlineData(KeyType.Rsa)]
    public void What_a_key_seals_its_peer_id_vouches_for_and_no_other(KeyType type)
    {
        using var key = PrivateKey.Generate(type);
        using var other = PrivateKey.Generate(type);
        var verifier = new RecordVerifier();
        var envelope = new RecordEnvelope(
            new Payload(new byte[] { 1 }), new Payload(new byte[] { 2 }), default, HybridTimestamp.Create(1, 0), 5).SealedBy(new RecordSigner(key));
        var read = RecordEnvelope.Decode(envelope.Encode().Span)!;

        Assert.Equal(key.PublicKey.PeerId, read.Publisher);
        Assert.Equal(read.Publisher.InlineKey.IsEmpty, !read.PublicKey.IsEmpty);
        Assert.True(Verifies(read));
        Assert.False(Verifies(read with { Clock = HybridTimestamp.Create(2, 0) }));
        Assert.False(Verifies(read with { Signature = default }));
        Assert.False(Verifies(read with { Publisher = other.PublicKey.PeerId }));
        Assert.False(Verifies(read with { Publisher = other.PublicKey.PeerId, PublicKey = other.PublicKey.Encoded }));
        Assert.True(verifier.IsKeyOf(read.Publisher, key.PublicKey.Encoded.Span));
        Assert.False(verifier.IsKeyOf(read.Publisher, other.PublicKey.Encoded.Span));
        Assert.False(verifier.IsKeyOf(read.Publisher, [1, 2, 3]));

        bool Verifies(RecordEnvelope one) => verifier.Verify(one.Publisher, one.PublicKey.Span, one.SignedBytes().Span, one.Signature.Span);
    }
}
