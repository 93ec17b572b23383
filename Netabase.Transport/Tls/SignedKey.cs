using System.Formats.Asn1;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Tls;

/// <summary>
/// The certificate extension that ties a certificate to a peer (libp2p tls, "libp2p Public Key Extension"): the host key, and its
/// signature of the certificate's own public key.
/// </summary>
/// <param name="PublicKey">The encoded <c>PublicKey</c> message.</param>
/// <param name="Signature">By the host key.</param>
public sealed record SignedKey(Payload PublicKey, Payload Signature)
{
    /// <summary>The extension's object identifier.</summary>
    public const string Oid = "1.3.6.1.4.1.53594.1.1";

    /// <summary>The <c>SignedKey</c> of a certificate whose <c>SubjectPublicKeyInfo</c> is given.</summary>
    public static SignedKey Sign(PrivateKey host, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new SignedKey(host.PublicKey.Encoded, new Payload(host.Sign(SignedBytes(subjectPublicKeyInfo))));
    }

    /// <summary>The DER form.</summary>
    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(PublicKey.Span);
            writer.WriteOctetString(Signature.Span);
        }

        return writer.Encode();
    }

    /// <summary>Reads the DER form, with nothing behind it.</summary>
    /// <exception cref="TransportException">It is malformed.</exception>
    public static SignedKey Decode(ReadOnlyMemory<byte> der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var signed = new SignedKey(new Payload(sequence.ReadOctetString()), new Payload(sequence.ReadOctetString()));
            sequence.ThrowIfNotEmpty();
            return signed;
        }
        catch (AsnContentException e)
        {
            throw new TransportException(TransportError.InvalidData, "TLS: the libp2p extension of the certificate is malformed.", e);
        }
    }

    /// <summary>The host key, once it has proved that it signed for that certificate.</summary>
    /// <exception cref="TransportException">The key is malformed, or the signature is not by it.</exception>
    public PublicKey Verify(ReadOnlySpan<byte> subjectPublicKeyInfo, ICryptography? cryptography = null)
    {
        var key = Keys.PublicKey.Decode(PublicKey.Span);
        return key.Verify(SignedBytes(subjectPublicKeyInfo), Signature.Span, cryptography)
            ? key
            : throw new TransportException(TransportError.InvalidData, "TLS: the host key did not sign the key of the certificate.");
    }

    private static byte[] SignedBytes(ReadOnlySpan<byte> subjectPublicKeyInfo) => [.. "libp2p-tls-handshake:"u8, .. subjectPublicKeyInfo];
}
