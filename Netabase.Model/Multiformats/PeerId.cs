using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Netabase.Multiformats;

/// <summary>
/// Who a peer is: the multihash of its public key (libp2p peer-ids). Equal by content, cheap as a key of a dictionary.
/// <see cref="FromBytes"/>, <see cref="Parse"/> and <see cref="FromPublicKey"/> let only true peer ids through; the
/// constructor trusts its caller.
/// </summary>
/// <param name="Multihash">The multihash bytes: <c>00 len key</c> for keys of at most 42 bytes, else <c>12 20 sha2-256</c>.</param>
public readonly record struct PeerId(Payload Multihash)
{
    /// <summary>The longest peer id in binary: a secp256k1 key, inlined.</summary>
    public const int MaxLength = 39;

    /// <summary>Encoded keys up to this length stand in the peer id themselves; longer ones are hashed.</summary>
    public const int MaxInlineKey = 42;

    private const int MaxChars = 128;
    private const byte CidVersion = 1;
    private const byte Libp2pKeyCodec = 0x72;

    /// <summary>The id of an encoded <c>PublicKey</c> message.</summary>
    public static PeerId FromPublicKey(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length <= MaxInlineKey)
        {
            var inline = new byte[2 + encoded.Length];
            inline[1] = (byte)encoded.Length;
            encoded.CopyTo(inline.AsSpan(2));
            return new PeerId(new Payload(inline));
        }

        var hashed = new byte[2 + SHA256.HashSizeInBytes];
        hashed[0] = 0x12;
        hashed[1] = SHA256.HashSizeInBytes;
        SHA256.HashData(encoded, hashed.AsSpan(2));
        return new PeerId(new Payload(hashed));
    }

    /// <summary>A copy of multihash bytes as a peer id.</summary>
    /// <exception cref="MultiformatException">Another hash function, a wrong length, or an identity hash that is no Ed25519 or secp256k1 key.</exception>
    public static PeerId FromBytes(ReadOnlySpan<byte> multihash) =>
        TryFromBytes(multihash, out var id)
            ? id
            : throw new MultiformatException($"{multihash.Length} bytes are no peer id: neither a SHA-256 multihash nor an inlined public key.");

    /// <summary>A copy of multihash bytes as a peer id, or false.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> multihash, out PeerId id)
    {
        id = default;
        if (!IsPeerId(multihash)) return false;
        id = new PeerId(Payload.Copy(multihash));
        return true;
    }

    /// <summary>Reads base58btc (<c>Qm...</c>, <c>1...</c>) or a CIDv1 with the libp2p-key codec in any multibase we know.</summary>
    /// <exception cref="MultiformatException">Neither.</exception>
    public static PeerId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : throw new MultiformatException($"'{Multibase.Quote(text)}' is no peer id.");
    }

    /// <summary>Reads base58btc or CIDv1, or says false.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PeerId id) => TryParse(text.AsSpan(), out id);

    /// <summary>Reads base58btc or CIDv1, or says false.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PeerId id)
    {
        id = default;
        if (text.Length is 0 or > MaxChars) return false;

        // No base58 peer id starts with a multibase prefix: 00.. gives '1', 12 20.. gives 'Qm'.
        if (text[0] == '1' || text.StartsWith("Qm", StringComparison.Ordinal))
            return Base58.TryDecode(text, out var plain) && TryFromBytes(plain, out id);

        return Multibase.TryDecode(text, out var cid, out _)
            && cid.Length > 2 && cid[0] == CidVersion && cid[1] == Libp2pKeyCodec
            && TryFromBytes(cid.AsSpan(2), out id);
    }

    /// <summary>The encoded <c>PublicKey</c> message when the id carries it (Ed25519, secp256k1), else empty.</summary>
    public Payload InlineKey => Multihash.Length > 2 && Multihash.Span[0] == 0 ? new Payload(Multihash.Memory[2..]) : default;

    /// <summary>base58btc of the multihash, the form everybody prints; empty for the default value.</summary>
    public override string ToString() => Multihash.Length <= Base58.MaxBytes ? Base58.Encode(Multihash.Span) : Multihash.ToString();

    /// <summary>The CIDv1 form (<c>bafz...</c> in base32).</summary>
    public string ToCid(MultibaseEncoding encoding = MultibaseEncoding.Base32Lower)
    {
        var cid = new byte[2 + Multihash.Length];
        cid[0] = CidVersion;
        cid[1] = Libp2pKeyCodec;
        Multihash.Span.CopyTo(cid.AsSpan(2));
        return Multibase.Encode(encoding, cid);
    }

    /// <inheritdoc/>
    public bool Equals(PeerId other) => Multihash.Span.SequenceEqual(other.Multihash.Span);

    /// <summary>
    /// Seeded per process (by <see cref="HashCode"/>) and taken from the last 16 bytes: they are key or digest, so peers
    /// differ there, and nobody can choose keys that meet in one bucket.
    /// </summary>
    public override int GetHashCode()
    {
        var bytes = Multihash.Span;
        return bytes.Length >= 16
            ? HashCode.Combine(BinaryPrimitives.ReadInt64LittleEndian(bytes[^16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[^8..]))
            : Multihash.GetHashCode();
    }

    private static bool IsPeerId(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x12, 32, ..] => bytes.Length == 34,
        [0x00, 36, 0x08, 0x01, 0x12, 32, ..] => bytes.Length == 38,
        [0x00, 37, 0x08, 0x02, 0x12, 33, 0x02 or 0x03, ..] => bytes.Length == 39,
        _ => false,
    };
}
