using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Netabase.Transport.Keys;

/// <summary>
/// libsodium by its own functions, where NSec's key objects cost more than the work: each lies in guarded pages of its own, and to
/// map, protect and unmap them takes longer than an agreement. Keys that live for one connection are <see cref="Secret"/>s instead.
/// </summary>
internal static unsafe partial class Sodium
{
    private const string Library = "libsodium";

    /// <summary>Whether the library is there and ready; may be asked again and from any thread.</summary>
    public static bool IsReady() => Init() >= 0;

    /// <summary>The public half of a private key, both 32 bytes.</summary>
    public static void X25519Public(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        fixed (byte* n = privateKey, q = publicKey)
        {
            if (ScalarMultBase(q, n) != 0)
            {
                throw new CryptographicException("libsodium made no public key.");
            }
        }
    }

    /// <summary>The 32 bytes that two keys share; false for a point of small order.</summary>
    public static bool X25519Agree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> shared)
    {
        fixed (byte* n = privateKey, p = publicKey, q = shared)
        {
            return ScalarMult(q, n, p) == 0;
        }
    }

    /// <summary>Ciphertext and tag into the output, which may begin where the plaintext does.</summary>
    public static void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        fixed (byte* k = key, n = nonce, a = associated, m = plaintext, c = output)
        {
            if (Encrypt(c, null, m, (ulong)plaintext.Length, a, (ulong)associated.Length, null, n, k) != 0)
            {
                throw new CryptographicException("libsodium sealed nothing.");
            }
        }
    }

    /// <summary>The plaintext into the output, which may begin where the input does; false when the tag is another's.</summary>
    public static bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        fixed (byte* k = key, n = nonce, a = associated, c = input, m = plaintext)
        {
            return Decrypt(m, null, null, c, (ulong)input.Length, a, (ulong)associated.Length, n, k) == 0;
        }
    }

    [LibraryImport(Library, EntryPoint = "sodium_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519_base")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int ScalarMultBase(byte* q, byte* n);

    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_curve25519")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int ScalarMult(byte* q, byte* n, byte* p);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_encrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Encrypt(
        byte* c, ulong* cLength, byte* m, ulong mLength, byte* associated, ulong associatedLength, byte* secretNonce, byte* nonce, byte* key);

    [LibraryImport(Library, EntryPoint = "crypto_aead_chacha20poly1305_ietf_decrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Decrypt(
        byte* m, ulong* mLength, byte* secretNonce, byte* c, ulong cLength, byte* associated, ulong associatedLength, byte* nonce, byte* key);
}
