using System.Formats.Asn1;
using System.Security.Cryptography;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Tls;

/// <summary>
/// Checks the signature a certificate carries, by the algorithms TLS 1.3 knows (RFC 8446, 4.2.3): ECDSA with the hash of its curve's
/// size, RSA PKCS#1 and PSS, Ed25519. Everything else, SHA-1 first of all, is refused.
/// </summary>
internal static class CertificateSignature
{
    private const string RsaKey = "1.2.840.113549.1.1.1";
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string EcKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    /// <summary>Whether the owner of the key signed the bytes.</summary>
    /// <param name="algorithm">The signature's <c>AlgorithmIdentifier</c>.</param>
    /// <param name="subjectPublicKeyInfo">The key.</param>
    /// <param name="signed">What was signed.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="cryptography">Verifies Ed25519.</param>
    /// <exception cref="AsnContentException">The key or the algorithm is malformed.</exception>
    public static bool Verify(
        ReadOnlyMemory<byte> algorithm, ReadOnlyMemory<byte> subjectPublicKeyInfo, byte[] signed, byte[] signature, ICryptography cryptography)
    {
        var identifier = new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence();
        var oid = identifier.ReadObjectIdentifier();
        var info = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER).ReadSequence();
        var keyIdentifier = info.ReadSequence();
        var keyOid = keyIdentifier.ReadObjectIdentifier();
        var key = info.ReadBitString(out _);
        return oid switch
        {
            "1.2.840.10045.4.3.2" => VerifyEcdsa("1.2.840.10045.3.1.7", HashAlgorithmName.SHA256),
            "1.2.840.10045.4.3.3" => VerifyEcdsa("1.3.132.0.34", HashAlgorithmName.SHA384),
            "1.2.840.10045.4.3.4" => VerifyEcdsa("1.3.132.0.35", HashAlgorithmName.SHA512),
            "1.2.840.113549.1.1.11" => VerifyRsa(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "1.2.840.113549.1.1.12" => VerifyRsa(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            "1.2.840.113549.1.1.13" => VerifyRsa(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            RsaPss => PssHash(identifier) is { } hash && VerifyRsa(hash, RSASignaturePadding.Pss),
            Ed25519 => keyOid == Ed25519 && cryptography.Verify(KeyType.Ed25519, key, signed, signature),
            _ => false,
        };

        bool VerifyEcdsa(string curve, HashAlgorithmName hash)
        {
            if (keyOid != EcKey || keyIdentifier.ReadObjectIdentifier() != curve) return false;
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
            return ecdsa.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        bool VerifyRsa(HashAlgorithmName hash, RSASignaturePadding padding)
        {
            if (keyOid is not (RsaKey or RsaPss)) return false;
            using var rsa = RSA.Create();
            rsa.ImportRSAPublicKey(key, out _);
            return rsa.KeySize is >= MinRsaBits and <= MaxRsaBits && rsa.VerifyData(signed, signature, hash, padding);
        }
    }

    /// <summary>The hash of RSASSA-PSS parameters (RFC 4055, 3.1); null unless mask and salt go with it, as TLS 1.3 demands.</summary>
    private static HashAlgorithmName? PssHash(AsnReader identifier)
    {
        var parameters = identifier.ReadSequence();
        var hash = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence().ReadObjectIdentifier();
        var mask = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 1)).ReadSequence();
        if (mask.ReadObjectIdentifier() != "1.2.840.113549.1.1.8" || mask.ReadSequence().ReadObjectIdentifier() != hash) return null;
        if (!parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 2)).TryReadInt32(out var salt)) return null;
        return (hash, salt) switch
        {
            ("2.16.840.1.101.3.4.2.1", 32) => HashAlgorithmName.SHA256,
            ("2.16.840.1.101.3.4.2.2", 48) => HashAlgorithmName.SHA384,
            ("2.16.840.1.101.3.4.2.3", 64) => HashAlgorithmName.SHA512,
            _ => null,
        };
    }
}
