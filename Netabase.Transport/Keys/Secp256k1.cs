using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Netabase.Transport.Keys;

/// <summary>ECDSA on secp256k1 as libp2p uses it: compressed public keys, SHA-256, deterministic nonces (RFC 6979), DER with low S (BIP 62).</summary>
internal static class Secp256k1
{
    private static readonly ECDomainParameters Domain = new(SecNamedCurves.GetByName("secp256k1"));
    private static readonly BigInteger HalfOrder = Domain.N.ShiftRight(1);

    public static byte[] GeneratePrivateKey()
    {
        var bytes = new byte[32];
        do RandomNumberGenerator.Fill(bytes);
        while (!IsScalar(new BigInteger(1, bytes)));
        return bytes;
    }

    public static void CheckPublicKey(ReadOnlySpan<byte> data) => _ = ReadPoint(data);

    public static ISigner CreateSigner(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != 32) throw KeyMaterial.Malformed($"a secp256k1 private key has 32 bytes, not {privateKey.Length}");
        var scalar = new BigInteger(1, privateKey.ToArray());
        return IsScalar(scalar) ? new Signer(scalar) : throw KeyMaterial.Malformed("a secp256k1 private key outside the group");
    }

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!TryReadSignature(signature, out var r, out var s)) return false;
        ECPoint point;
        try
        {
            point = ReadPoint(publicKey);
        }
        catch (TransportException)
        {
            return false;
        }

        var verifier = new ECDsaSigner();
        verifier.Init(false, new ECPublicKeyParameters(point, Domain));
        return verifier.VerifySignature(SHA256.HashData(message), r, s);
    }

    private static bool IsScalar(BigInteger scalar) => scalar.SignValue > 0 && scalar.CompareTo(Domain.N) < 0;

    private static ECPoint ReadPoint(ReadOnlySpan<byte> data)
    {
        if (data.Length != 33 || data[0] is not (2 or 3)) throw KeyMaterial.Malformed("a secp256k1 public key has 33 bytes, compressed");
        try
        {
            return Domain.Curve.DecodePoint(data.ToArray());
        }
        catch (Exception e) when (e is ArgumentException or ArithmeticException)
        {
            throw KeyMaterial.Malformed("a secp256k1 public key that is no point of the curve", e);
        }
    }

    private static bool TryReadSignature(ReadOnlySpan<byte> signature, out BigInteger r, out BigInteger s)
    {
        (r, s) = (BigInteger.Zero, BigInteger.Zero);
        if (signature.Length is < 8 or > 72) return false;
        try
        {
            var reader = new System.Formats.Asn1.AsnReader(signature.ToArray(), System.Formats.Asn1.AsnEncodingRules.DER);
            var pair = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            r = new BigInteger(pair.ReadIntegerBytes().ToArray());
            s = new BigInteger(pair.ReadIntegerBytes().ToArray());
            pair.ThrowIfNotEmpty();
            return IsScalar(r) && IsScalar(s);
        }
        catch (System.Formats.Asn1.AsnContentException)
        {
            return false;
        }
    }

    private sealed class Signer(BigInteger scalar) : ISigner
    {
        private readonly ECPrivateKeyParameters _key = new(scalar, Domain);
        private readonly byte[] _publicKey = Domain.G.Multiply(scalar).Normalize().GetEncoded(compressed: true);

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
            signer.Init(true, _key);
            var pair = signer.GenerateSignature(SHA256.HashData(message));
            var s = pair[1].CompareTo(HalfOrder) > 0 ? Domain.N.Subtract(pair[1]) : pair[1];
            return new DerSequence(new DerInteger(pair[0]), new DerInteger(s)).GetDerEncoded();
        }

        public void Dispose()
        {
        }
    }
}
