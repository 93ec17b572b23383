using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using CurveX25519 = Org.BouncyCastle.Math.EC.Rfc7748.X25519;
using CurveEd25519 = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;
using ManagedChaCha = Org.BouncyCastle.Crypto.Modes.ChaCha20Poly1305;

namespace Netabase.Transport.Keys;

/// <summary>
/// Everything in managed code (BouncyCastle): for browsers and machines where no native library loads. Two to five times
/// slower than <see cref="NativeCryptography"/>, and it allocates a little for every sealed frame.
/// </summary>
public sealed class ManagedCryptography : ICryptography
{
    /// <summary>The one instance; it holds nothing.</summary>
    public static readonly ManagedCryptography Instance = new();

    private static readonly SecureRandom Random = new();

    private ManagedCryptography()
    {
    }

    /// <inheritdoc/>
    public string Name => "managed";

    /// <inheritdoc/>
    public void Sha256(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        var digest = new Sha256Digest();
        digest.BlockUpdate(first);
        digest.BlockUpdate(second);
        digest.DoFinal(hash);
    }

    /// <inheritdoc/>
    public void HkdfSha256(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> output)
    {
        var hkdf = new HkdfBytesGenerator(new Sha256Digest());
        hkdf.Init(new HkdfParameters(inputKey.ToArray(), salt.ToArray(), info.ToArray()));
        hkdf.GenerateBytes(output);
    }

    /// <inheritdoc/>
    public IX25519Key CreateX25519()
    {
        var privateKey = new byte[32];
        Random.NextBytes(privateKey);
        return new X25519Key(privateKey);
    }

    /// <inheritdoc/>
    public IX25519Key ImportX25519(ReadOnlySpan<byte> privateKey) =>
        privateKey.Length == 32 ? new X25519Key(privateKey.ToArray()) : throw KeyMaterial.Malformed("an X25519 private key has 32 bytes");

    /// <inheritdoc/>
    public IAead CreateChaCha20Poly1305(ReadOnlySpan<byte> key) => new ChaCha(key);

    /// <inheritdoc/>
    public byte[] GeneratePrivateKey(KeyType type, int rsaBits)
    {
        switch (type)
        {
            case KeyType.Ed25519:
                var ed25519 = new byte[64];
                Random.NextBytes(ed25519, 0, 32);
                CurveEd25519.GeneratePublicKey(ed25519, 0, ed25519, 32);
                return ed25519;
            case KeyType.Secp256k1:
                return Secp256k1.GeneratePrivateKey();
            case KeyType.Ecdsa:
                var curves = new ECKeyPairGenerator();
                curves.Init(new ECKeyGenerationParameters(SecObjectIdentifiers.SecP256r1, Random));
                var ec = curves.GenerateKeyPair();
                var info = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(ec.Public);
                var parameters = new X962Parameters(SecObjectIdentifiers.SecP256r1);
                return new ECPrivateKeyStructure(256, ((ECPrivateKeyParameters)ec.Private).D, info.PublicKey, parameters).GetDerEncoded();
            case KeyType.Rsa:
                KeyMaterial.CheckRsaBits(rsaBits);
                var primes = new RsaKeyPairGenerator();
                primes.Init(new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), Random, rsaBits, 100));
                var rsa = (RsaPrivateCrtKeyParameters)primes.GenerateKeyPair().Private;
                return new RsaPrivateKeyStructure(rsa.Modulus, rsa.PublicExponent, rsa.Exponent, rsa.P, rsa.Q, rsa.DP, rsa.DQ, rsa.QInv).GetDerEncoded();
            default:
                throw KeyMaterial.Unknown(type);
        }
    }

    /// <inheritdoc/>
    public ISigner CreateSigner(KeyType type, ReadOnlySpan<byte> privateKey)
    {
        try
        {
            return type switch
            {
                KeyType.Ed25519 => new Ed25519Signer(privateKey),
                KeyType.Secp256k1 => Secp256k1.CreateSigner(privateKey),
                KeyType.Ecdsa => ReadEcdsa(privateKey.ToArray()),
                KeyType.Rsa => ReadRsa(privateKey.ToArray()),
                _ => throw KeyMaterial.Unknown(type),
            };
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw KeyMaterial.Malformed($"no {type} private key", e);
        }
    }

    /// <inheritdoc/>
    public bool Verify(KeyType type, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            switch (type)
            {
                case KeyType.Ed25519:
                    return publicKey.Length == 32 && signature.Length == 64
                        && CurveEd25519.Verify(signature.ToArray(), 0, publicKey.ToArray(), 0, message.ToArray(), 0, message.Length);
                case KeyType.Secp256k1:
                    return Secp256k1.Verify(publicKey, message, signature);
                case KeyType.Ecdsa or KeyType.Rsa:
                    var key = PublicKeyFactory.CreateKey(publicKey.ToArray());
                    if (key is RsaKeyParameters != (type == KeyType.Rsa)) return false;
                    var verifier = DigestSigner(type, forSigning: false, key);
                    verifier.BlockUpdate(message);
                    return verifier.VerifySignature(signature.ToArray());
                default:
                    return false;
            }
        }
        catch (Exception e) when (IsMalformed(e))
        {
            return false;
        }
    }

    /// <summary>What BouncyCastle throws where bytes do not parse; it has no exception of its own for it.</summary>
    private static bool IsMalformed(Exception e) =>
        e is ArgumentException or IOException or CryptoException or GeneralSecurityException or ArithmeticException or InvalidOperationException
            or FormatException or InvalidCastException;

    private static Org.BouncyCastle.Crypto.ISigner DigestSigner(KeyType type, bool forSigning, AsymmetricKeyParameter key)
    {
        Org.BouncyCastle.Crypto.ISigner signer = type == KeyType.Rsa
            ? new RsaDigestSigner(new Sha256Digest())
            : new DsaDigestSigner(new ECDsaSigner(), new Sha256Digest());
        signer.Init(forSigning, forSigning && type == KeyType.Ecdsa ? new ParametersWithRandom(key, Random) : key);
        return signer;
    }

    private static DerSigner ReadEcdsa(byte[] privateKey)
    {
        var structure = ECPrivateKeyStructure.GetInstance(privateKey);
        if (structure.Parameters is not Org.BouncyCastle.Asn1.DerObjectIdentifier curve) throw KeyMaterial.Malformed("an ECDSA private key without a named curve");
        var key = new ECPrivateKeyParameters("ECDSA", structure.GetKey(), curve);
        var point = key.Parameters.G.Multiply(key.D).Normalize();
        return new DerSigner(KeyType.Ecdsa, key, new ECPublicKeyParameters("ECDSA", point, curve));
    }

    private static DerSigner ReadRsa(byte[] privateKey)
    {
        var s = RsaPrivateKeyStructure.GetInstance(privateKey);
        var key = new RsaPrivateCrtKeyParameters(s.Modulus, s.PublicExponent, s.PrivateExponent, s.Prime1, s.Prime2, s.Exponent1, s.Exponent2, s.Coefficient);
        if (!s.Prime1.Multiply(s.Prime2).Equals(s.Modulus)) throw KeyMaterial.Malformed("an RSA private key whose primes do not make its modulus");
        return new DerSigner(KeyType.Rsa, key, new RsaKeyParameters(false, s.Modulus, s.PublicExponent));
    }

    private sealed class X25519Key(byte[] privateKey) : IX25519Key
    {
        private readonly byte[] _publicKey = Derive(privateKey);

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> shared)
        {
            if (otherPublicKey.Length != 32) return false;
            var result = new byte[32];
            var holds = CurveX25519.CalculateAgreement(privateKey, 0, otherPublicKey.ToArray(), 0, result, 0);
            result.CopyTo(shared);
            return holds;
        }

        public void Dispose() => Array.Clear(privateKey);

        private static byte[] Derive(byte[] privateKey)
        {
            var publicKey = new byte[32];
            CurveX25519.ScalarMultBase(privateKey, 0, publicKey, 0);
            return publicKey;
        }
    }

    private sealed class Ed25519Signer : ISigner
    {
        private readonly byte[] _seed;
        private readonly byte[] _publicKey = new byte[32];

        public Ed25519Signer(ReadOnlySpan<byte> privateKey)
        {
            var (seed, claimed) = KeyMaterial.SplitEd25519(privateKey);
            _seed = seed.ToArray();
            CurveEd25519.GeneratePublicKey(_seed, 0, _publicKey, 0);
            if (!claimed.SequenceEqual(_publicKey)) throw KeyMaterial.Malformed("an Ed25519 private key whose public half is another's");
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signature = new byte[64];
            CurveEd25519.Sign(_seed, 0, message.ToArray(), 0, message.Length, signature, 0);
            return signature;
        }

        public void Dispose() => Array.Clear(_seed);
    }

    private sealed class DerSigner : ISigner
    {
        private readonly KeyType _type;
        private readonly AsymmetricKeyParameter _key;
        private readonly byte[] _publicKey;

        public DerSigner(KeyType type, AsymmetricKeyParameter key, AsymmetricKeyParameter publicKey)
        {
            (_type, _key) = (type, key);
            _publicKey = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(publicKey).GetDerEncoded();
            KeyMaterial.CheckPublic(type, _publicKey);
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            var signer = DigestSigner(_type, forSigning: true, _key);
            signer.BlockUpdate(message);
            return signer.GenerateSignature();
        }

        public void Dispose()
        {
        }
    }

    private sealed class ChaCha : IAead
    {
        private readonly ManagedChaCha _cipher = new();
        private readonly KeyParameter _key;

        public ChaCha(ReadOnlySpan<byte> key)
        {
            if (key.Length != IAead.KeySize) throw new ArgumentException($"The key has {key.Length} bytes, not {IAead.KeySize}.", nameof(key));
            _key = new KeyParameter(key.ToArray());
        }

        public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
        {
            if (output.Length != plaintext.Length + IAead.TagSize) throw new ArgumentException("The output must hold ciphertext and tag, exactly.", nameof(output));
            Run(encrypt: true, nonce, associated, plaintext, output);
        }

        public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
        {
            if (input.Length < IAead.TagSize) return false;
            try
            {
                Run(encrypt: false, nonce, associated, input, plaintext);
                return true;
            }
            catch (InvalidCipherTextException)
            {
                return false;
            }
        }

        public void Dispose()
        {
        }

        private void Run(bool encrypt, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> output)
        {
            _cipher.Init(encrypt, new ParametersWithIV(_key, nonce));
            _cipher.ProcessAadBytes(associated);
            var written = _cipher.ProcessBytes(input, output);
            _cipher.DoFinal(output[written..]);
        }
    }
}
