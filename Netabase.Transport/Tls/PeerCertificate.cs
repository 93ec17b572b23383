using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Netabase.Transport.Keys;
using PublicKey = Netabase.Transport.Keys.PublicKey;

namespace Netabase.Transport.Tls;

/// <summary>
/// The self-signed certificates of libp2p's TLS and QUIC (libp2p tls, "Peer Authentication"): ours, and the reading and judging of the
/// other end's, without any certificate authority.
/// </summary>
public static class PeerCertificate
{
    /// <summary>The longest certificate that is looked at; one with an RSA host key of 8,192 bits takes about 4 KiB.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>Extensions that may be critical without being unknown: none of them says anything here.</summary>
    private static readonly HashSet<string> KnownExtensions =
    [
        SignedKey.Oid,
        "2.5.29.14", // subject key identifier
        "2.5.29.15", // key usage
        "2.5.29.17", // subject alternative name
        "2.5.29.19", // basic constraints
        "2.5.29.35", // authority key identifier
        "2.5.29.37", // extended key usage
    ];

    /// <summary>A fresh certificate (ECDSA P-256, a key of its own) that speaks for an identity; valid for a hundred years.</summary>
    public static X509Certificate2 Create(PrivateKey identity, TimeProvider? time = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=libp2p", key, HashAlgorithmName.SHA256);
        var signed = SignedKey.Sign(identity, key.ExportSubjectPublicKeyInfo());
        request.CertificateExtensions.Add(new X509Extension(SignedKey.Oid, signed.Encode(), critical: false));
        var now = (time ?? TimeProvider.System).GetUtcNow();
        return request.CreateSelfSigned(now - ClockSkew, now.AddYears(100));
    }

    /// <summary>Who a certificate speaks for.</summary>
    /// <param name="der">The whole certificate.</param>
    /// <param name="now">The time at which it has to be valid.</param>
    /// <param name="cryptography">Verifies the host key's signature; null for the default.</param>
    /// <exception cref="TransportException">
    /// It is malformed, not valid now, not signed by its own key, lacks the libp2p extension or carries an unknown critical one, or its
    /// host key did not sign for it.
    /// </exception>
    public static PublicKey Verify(ReadOnlyMemory<byte> der, DateTimeOffset now, ICryptography? cryptography = null)
    {
        cryptography ??= Cryptography.Default;
        if (der.Length > MaxLength) throw Refused("is too long");
        try
        {
            var certificate = Fields.Read(der);
            if (now < certificate.NotBefore || now > certificate.NotAfter) throw Refused("is not valid now");
            if (!CertificateSignature.Verify(certificate.Algorithm, certificate.PublicKeyInfo, certificate.Signed, certificate.Signature, cryptography))
                throw Refused("is not signed by its own key, or by an algorithm that is not accepted");
            return SignedKey.Decode(certificate.Extension).Verify(certificate.PublicKeyInfo.Span, cryptography);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException or OverflowException)
        {
            throw new TransportException(TransportError.InvalidData, "TLS: the certificate is malformed.", e);
        }
    }

    private static TransportException Refused(string why) => new(TransportError.InvalidData, $"TLS: the certificate {why}.");

    /// <summary>The parts of a certificate that count (RFC 5280, 4.1).</summary>
    private sealed record Fields(
        byte[] Signed,
        ReadOnlyMemory<byte> Algorithm,
        byte[] Signature,
        DateTimeOffset NotBefore,
        DateTimeOffset NotAfter,
        ReadOnlyMemory<byte> PublicKeyInfo,
        ReadOnlyMemory<byte> Extension)
    {
        public static Fields Read(ReadOnlyMemory<byte> der)
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var certificate = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var signed = certificate.PeekEncodedValue();
            var body = certificate.ReadSequence();
            var algorithm = certificate.ReadEncodedValue();
            var signature = certificate.ReadBitString(out var unused);
            certificate.ThrowIfNotEmpty();

            var version = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
            if (!version.TryReadInt32(out var number) || number != 2 || unused != 0) throw Refused("is not of version 3");
            body.ReadInteger();
            if (!body.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) throw Refused("names two signature algorithms");
            body.ReadEncodedValue();
            var validity = body.ReadSequence();
            var (from, until) = (ReadTime(validity), ReadTime(validity));
            body.ReadEncodedValue();
            var publicKeyInfo = body.ReadEncodedValue();

            // The identifiers [1] and [2] must be left out, so whatever is not [3] is refused.
            if (!body.HasData || body.PeekTag() != new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true)) throw Refused("has no extensions");
            var extensions = body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3)).ReadSequence();
            body.ThrowIfNotEmpty();
            return new Fields(signed.ToArray(), algorithm, signature, from, until, publicKeyInfo, FindExtension(extensions));
        }

        private static ReadOnlyMemory<byte> FindExtension(AsnReader extensions)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            ReadOnlyMemory<byte>? found = null;
            while (extensions.HasData)
            {
                var extension = extensions.ReadSequence();
                var oid = extension.ReadObjectIdentifier();
                var critical = extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
                var value = extension.ReadOctetString();
                extension.ThrowIfNotEmpty();
                if (!seen.Add(oid)) throw Refused("has an extension twice");
                if (critical && !KnownExtensions.Contains(oid)) throw Refused($"has the unknown critical extension {oid}");
                if (oid == SignedKey.Oid) found = value;
            }

            return found ?? throw Refused("has no libp2p extension");
        }

        private static DateTimeOffset ReadTime(AsnReader reader) =>
            reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
    }
}
