using System.Formats.Asn1;

namespace Netabase.Transport.Keys;

/// <summary>What makes key bytes acceptable, whoever computes with them: checked once, when a key is read.</summary>
internal static class KeyMaterial
{
    /// <summary>The most bytes of any encoded key we read: an RSA private key of 8,192 bits has 4.7 KiB.</summary>
    public const int MaxLength = 8 * 1024;

    public const int MinRsaBits = 2048;
    public const int MaxRsaBits = 8192;

    private const string EcPublicKeyOid = "1.2.840.10045.2.1";
    private const string RsaOid = "1.2.840.113549.1.1.1";

    public static TransportException Malformed(string what, Exception? inner = null) =>
        new(TransportError.InvalidData, $"The key is malformed: {what}.", inner);

    public static TransportException Unknown(KeyType type) => new(TransportError.InvalidData, $"{(int)type} is no key type we know.");

    public static void CheckRsaBits(int bits)
    {
        if (bits is < MinRsaBits or > MaxRsaBits) throw Malformed($"RSA of {bits} bits; {MinRsaBits} to {MaxRsaBits} are accepted");
    }

    /// <summary>Seed and public half of the 64-byte form, or of the old 96-byte form whose two public halves must be equal.</summary>
    public static Ed25519Halves SplitEd25519(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length is not (64 or 96)) throw Malformed($"an Ed25519 private key has 64 bytes (or 96, in the old form), not {privateKey.Length}");
        if (privateKey.Length == 96 && !privateKey[32..64].SequenceEqual(privateKey[64..])) throw Malformed("the public halves of an old Ed25519 private key differ");
        return new Ed25519Halves { Seed = privateKey[..32], PublicKey = privateKey[32..64] };
    }

    /// <summary>Accepts a public key's <c>Data</c>, or throws.</summary>
    public static void CheckPublic(KeyType type, ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxLength) throw Malformed($"more than {MaxLength} bytes");
        switch (type)
        {
            case KeyType.Ed25519:
                if (data.Length != 32) throw Malformed($"an Ed25519 public key has 32 bytes, not {data.Length}");
                return;
            case KeyType.Secp256k1:
                Secp256k1.CheckPublicKey(data);
                return;
            case KeyType.Ecdsa:
                CheckInfo(data, EcPublicKeyOid, CheckPoint);
                return;
            case KeyType.Rsa:
                CheckInfo(data, RsaOid, CheckModulus);
                return;
            default:
                throw Unknown(type);
        }
    }

    /// <summary>Reads a DER SubjectPublicKeyInfo to its last byte and hands on what its algorithm decides.</summary>
    private static void CheckInfo(ReadOnlySpan<byte> data, string expectedOid, Action<AsnReader, byte[]> checkKey)
    {
        try
        {
            var outer = new AsnReader(data.ToArray(), AsnEncodingRules.DER);
            var info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var algorithm = info.ReadSequence();
            var oid = algorithm.ReadObjectIdentifier();
            if (oid != expectedOid) throw Malformed("a public key of another algorithm than its type says");

            var key = info.ReadBitString(out var unused);
            if (unused != 0) throw Malformed("a public key that is no whole number of bytes");
            info.ThrowIfNotEmpty();
            checkKey(algorithm, key);
            algorithm.ThrowIfNotEmpty();
        }
        catch (AsnContentException e)
        {
            throw Malformed("no DER SubjectPublicKeyInfo", e);
        }
    }

    private static void CheckPoint(AsnReader algorithm, byte[] point)
    {
        var size = algorithm.ReadObjectIdentifier() switch
        {
            "1.2.840.10045.3.1.7" => 32,
            "1.3.132.0.34" => 48,
            "1.3.132.0.35" => 66,
            _ => throw Malformed("ECDSA on a curve other than P-256, P-384 and P-521"),
        };
        if (point.Length != 1 + (2 * size) || point[0] != 4) throw Malformed("an ECDSA point that is not uncompressed and of its curve's size");
    }

    private static void CheckModulus(AsnReader algorithm, byte[] key)
    {
        algorithm.ReadNull();
        var outer = new AsnReader(key, AsnEncodingRules.DER);
        var rsa = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var modulus = rsa.ReadInteger();
        var exponent = rsa.ReadInteger();
        rsa.ThrowIfNotEmpty();
        if (modulus.Sign <= 0) throw Malformed("an RSA modulus that is not positive");
        CheckRsaBits((int)modulus.GetBitLength());

        // Greater exponents are nobody's choice and make a verification arbitrarily slow.
        if (modulus.IsEven || exponent.IsEven || exponent < 3 || exponent > uint.MaxValue) throw Malformed("an RSA key whose modulus or exponent cannot be");
    }

    public ref struct Ed25519Halves
    {
        public ReadOnlySpan<byte> Seed;
        public ReadOnlySpan<byte> PublicKey;

        public readonly void Deconstruct(out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> publicKey)
        {
            seed = Seed;
            publicKey = PublicKey;
        }
    }
}
