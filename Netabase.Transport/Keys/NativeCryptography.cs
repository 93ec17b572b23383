using System.Security.Cryptography;
using NSec.Cryptography;
using NativeChaCha = System.Security.Cryptography.ChaCha20Poly1305;
using NativeHkdf = System.Security.Cryptography.HKDF;
using RunningHash = System.Security.Cryptography.IncrementalHash;
using SodiumPublicKey = NSec.Cryptography.PublicKey;

namespace Netabase.Transport.Keys;

/// <summary>
/// The platform's library for SHA-256, HKDF, ECDSA, RSA and large frames of ChaCha20-Poly1305; libsodium for Ed25519 (by NSec) and
/// X25519, which the platform lacks, and for small frames, where its call costs less. secp256k1 is managed in either case.
/// </summary>
public sealed class NativeCryptography : ICryptography
{
    /// <summary>The one instance; it holds nothing.</summary>
    public static readonly NativeCryptography Instance = new();

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    private NativeCryptography()
    {
    }

    /// <summary>Whether both libraries load here and know what we need of them.</summary>
    public static bool IsSupported { get; } = Probe();

    /// <inheritdoc/>
    public string Name => "native";

    /// <inheritdoc/>
    public void Sha256(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        if (second.IsEmpty)
        {
            SHA256.HashData(first, hash);
            return;
        }

        using var running = RunningHash.CreateHash(HashAlgorithmName.SHA256);
        running.AppendData(first);
        running.AppendData(second);
        running.GetHashAndReset(hash);
    }

    /// <inheritdoc/>
    public void HkdfSha256(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> output)
    {
        // In two steps: OpenSSL 3.0 refuses the one-step derivation from an empty input key, with which Noise ends.
        Span<byte> extracted = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(salt, inputKey, extracted);
        NativeHkdf.Expand(HashAlgorithmName.SHA256, extracted, output, info);
        CryptographicOperations.ZeroMemory(extracted);
    }

    /// <inheritdoc/>
    public IX25519Key CreateX25519()
    {
        Span<byte> privateKey = stackalloc byte[Secret.Size];
        RandomNumberGenerator.Fill(privateKey);
        var key = new X25519Key(privateKey);
        CryptographicOperations.ZeroMemory(privateKey);
        return key;
    }

    /// <inheritdoc/>
    public IX25519Key ImportX25519(ReadOnlySpan<byte> privateKey) =>
        privateKey.Length == Secret.Size
            ? new X25519Key(privateKey)
            : throw KeyMaterial.Malformed("an X25519 private key has 32 bytes");

    /// <inheritdoc/>
    public IAead CreateChaCha20Poly1305(ReadOnlySpan<byte> key) => new ChaCha(key);

    /// <inheritdoc/>
    public byte[] GeneratePrivateKey(KeyType type, int rsaBits)
    {
        switch (type)
        {
            case KeyType.Ed25519:
                using (var key = Key.Create(SignatureAlgorithm.Ed25519, Exportable))
                    return [.. key.Export(KeyBlobFormat.RawPrivateKey), .. key.PublicKey.Export(KeyBlobFormat.RawPublicKey)];
            case KeyType.Secp256k1:
                return Secp256k1.GeneratePrivateKey();
            case KeyType.Ecdsa:
                using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256)) return ecdsa.ExportECPrivateKey();
            case KeyType.Rsa:
                KeyMaterial.CheckRsaBits(rsaBits);
                using (var rsa = RSA.Create(rsaBits)) return rsa.ExportRSAPrivateKey();
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
                KeyType.Ecdsa => new EcdsaSigner(privateKey),
                KeyType.Rsa => new RsaSigner(privateKey),
                _ => throw KeyMaterial.Unknown(type),
            };
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The latter is a curve that the platform does not know.
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
                    return signature.Length == 64
                        && SodiumPublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
                        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);
                case KeyType.Secp256k1:
                    return Secp256k1.Verify(publicKey, message, signature);
                case KeyType.Ecdsa:
                    using (var ecdsa = ECDsa.Create())
                    {
                        ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
                        return ecdsa.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                    }

                case KeyType.Rsa:
                    using (var rsa = RSA.Create())
                    {
                        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
                        return rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                    }

                default:
                    return false;
            }
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform throws where a key or a signature does not parse: that is a signature that does not hold.
            return false;
        }
    }

    private static bool Probe()
    {
        try
        {
            return NativeChaCha.IsSupported && SignatureAlgorithm.Ed25519.PublicKeySize == 32 && Sodium.IsReady();
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or PlatformNotSupportedException
            or InvalidOperationException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }

    private sealed class X25519Key : IX25519Key
    {
        private readonly Secret _privateKey;
        private readonly byte[] _publicKey = new byte[Secret.Size];

        public X25519Key(ReadOnlySpan<byte> privateKey)
        {
            Sodium.X25519Public(privateKey, _publicKey);
            _privateKey = new Secret(privateKey);
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public bool TryAgree(ReadOnlySpan<byte> otherPublicKey, Span<byte> shared)
        {
            if (otherPublicKey.Length != Secret.Size) return false;
            Span<byte> key = stackalloc byte[Secret.Size];
            _privateKey.CopyTo(key);
            var agrees = Sodium.X25519Agree(key, otherPublicKey, shared[..Secret.Size]);
            CryptographicOperations.ZeroMemory(key);
            return agrees && shared[..Secret.Size].ContainsAnyExcept((byte)0);
        }

        public void Dispose() => _privateKey.Dispose();
    }

    private sealed class Ed25519Signer : ISigner
    {
        private readonly Key _key;
        private readonly byte[] _publicKey;

        public Ed25519Signer(ReadOnlySpan<byte> privateKey)
        {
            var (seed, claimed) = KeyMaterial.SplitEd25519(privateKey);
            if (!Key.TryImport(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, out var key)) throw KeyMaterial.Malformed("no Ed25519 seed");
            _key = key!;
            _publicKey = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
            if (claimed.SequenceEqual(_publicKey)) return;
            _key.Dispose();
            throw KeyMaterial.Malformed("an Ed25519 private key whose public half is another's");
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

        public void Dispose() => _key.Dispose();
    }

    /// <summary>Imports anew for every signature: the platform's key objects are not thread-safe, and signing costs far more.</summary>
    private sealed class EcdsaSigner : ISigner
    {
        private readonly byte[] _privateKey;
        private readonly byte[] _publicKey;

        public EcdsaSigner(ReadOnlySpan<byte> privateKey)
        {
            _privateKey = privateKey.ToArray();
            using var ecdsa = Import();
            _publicKey = ecdsa.ExportSubjectPublicKeyInfo();
            KeyMaterial.CheckPublic(KeyType.Ecdsa, _publicKey);
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            using var ecdsa = Import();
            return ecdsa.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }

        public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);

        private ECDsa Import()
        {
            var ecdsa = ECDsa.Create();
            ecdsa.ImportECPrivateKey(_privateKey, out var read);
            if (read == _privateKey.Length) return ecdsa;
            ecdsa.Dispose();
            throw KeyMaterial.Malformed("bytes behind the ECDSA private key");
        }
    }

    /// <summary>Imports anew for every signature, for the same reason.</summary>
    private sealed class RsaSigner : ISigner
    {
        private readonly byte[] _privateKey;
        private readonly byte[] _publicKey;

        public RsaSigner(ReadOnlySpan<byte> privateKey)
        {
            _privateKey = privateKey.ToArray();
            using var rsa = Import();
            _publicKey = rsa.ExportSubjectPublicKeyInfo();
            KeyMaterial.CheckPublic(KeyType.Rsa, _publicKey);
        }

        public ReadOnlySpan<byte> PublicKey => _publicKey;

        public byte[] Sign(ReadOnlySpan<byte> message)
        {
            using var rsa = Import();
            return rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);

        private RSA Import()
        {
            var rsa = RSA.Create();
            rsa.ImportRSAPrivateKey(_privateKey, out var read);
            if (read == _privateKey.Length) return rsa;
            rsa.Dispose();
            throw KeyMaterial.Malformed("bytes behind the RSA private key");
        }
    }

    private sealed class ChaCha : IAead
    {
        /// <summary>Up to this many bytes of plaintext libsodium's call is the quicker one (measured; see specs/multiformats-and-keys.md).</summary>
        private const int SmallFrame = 1024;

        private readonly Secret _key;
        private NativeChaCha? _large;

        public ChaCha(ReadOnlySpan<byte> key)
        {
            if (key.Length != IAead.KeySize) throw new ArgumentException($"The key has {key.Length} bytes, not {IAead.KeySize}.", nameof(key));
            _key = new Secret(key);
        }

        public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
        {
            Check(nonce, plaintext.Length + IAead.TagSize, output.Length);
            Span<byte> key = stackalloc byte[Secret.Size];
            _key.CopyTo(key);
            if (plaintext.Length <= SmallFrame)
                Sodium.Seal(key, nonce, associated, plaintext, output);
            else
                Large(key).Encrypt(nonce, plaintext, output[..plaintext.Length], output[plaintext.Length..], associated);
            CryptographicOperations.ZeroMemory(key);
        }

        public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
        {
            var length = input.Length - IAead.TagSize;
            if (length < 0) return false;
            Check(nonce, length, plaintext.Length);
            Span<byte> key = stackalloc byte[Secret.Size];
            _key.CopyTo(key);
            try
            {
                if (length <= SmallFrame) return Sodium.TryOpen(key, nonce, associated, input, plaintext);
                Large(key).Decrypt(nonce, input[..length], input[length..], plaintext, associated);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }

        public void Dispose()
        {
            _key.Dispose();
            _large?.Dispose();
        }

        /// <summary>The library below asks nothing and would write where it was told to.</summary>
        private static void Check(ReadOnlySpan<byte> nonce, int needed, int given)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, IAead.NonceSize, nameof(nonce));
            ArgumentOutOfRangeException.ThrowIfNotEqual(given, needed, "output");
        }

        /// <summary>Made when it is first needed: a handshake needs none.</summary>
        private NativeChaCha Large(ReadOnlySpan<byte> key) => _large ??= new NativeChaCha(key);
    }
}
