using System.Security.Cryptography;

namespace Netabase.Multiformats;

/// <summary>multiformats/multihash: a digest that says which function made it: varint code, varint length, digest. Equal by content.</summary>
/// <param name="Code">The function's code in the multicodec table.</param>
/// <param name="Digest">The digest, at most <see cref="MaxDigest"/> bytes.</param>
public readonly record struct Multihash(ulong Code, Payload Digest)
{
    /// <summary>No function at all: the digest is the data.</summary>
    public const ulong IdentityCode = 0x00;

    /// <summary>SHA-2 with 256 bits.</summary>
    public const ulong Sha256Code = 0x12;

    /// <summary>SHA-2 with 512 bits.</summary>
    public const ulong Sha512Code = 0x13;

    /// <summary>The longest digest we read or write, in bytes.</summary>
    public const int MaxDigest = 128;

    /// <summary>The SHA-256 of data.</summary>
    public static Multihash Sha256(ReadOnlySpan<byte> data) => new(Sha256Code, new Payload(SHA256.HashData(data)));

    /// <summary>Data itself as its own digest.</summary>
    /// <exception cref="MultiformatException">More than <see cref="MaxDigest"/> bytes.</exception>
    public static Multihash Identity(ReadOnlySpan<byte> data) =>
        data.Length <= MaxDigest
            ? new(IdentityCode, Payload.Copy(data))
            : throw new MultiformatException($"An identity multihash holds at most {MaxDigest} bytes, not {data.Length}.");

    /// <summary>The binary form.</summary>
    public Payload ToPayload()
    {
        if (Digest.Length > MaxDigest) throw new MultiformatException($"A multihash holds at most {MaxDigest} bytes, not {Digest.Length}.");
        var bytes = new byte[UVarint.LengthOf(Code) + UVarint.LengthOf((ulong)Digest.Length) + Digest.Length];
        var at = UVarint.Write(bytes, Code);
        at += UVarint.Write(bytes.AsSpan(at), (ulong)Digest.Length);
        Digest.Span.CopyTo(bytes.AsSpan(at));
        return new Payload(bytes);
    }

    /// <summary>Reads the binary form; nothing may stand behind it.</summary>
    /// <exception cref="MultiformatException">Cut off, too long, or a digest whose length the function never gives.</exception>
    public static Multihash FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out var hash) ? hash : throw new MultiformatException($"{bytes.Length} bytes are not one whole multihash.");

    /// <summary>Reads the binary form; nothing may stand behind it.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Multihash hash)
    {
        hash = default;
        if (UVarint.TryRead(bytes, out var code, out var codeLength) != UVarintStatus.Ok) return false;
        var rest = bytes[codeLength..];
        if (!UVarint.TryTake(ref rest, MaxDigest, out var length) || rest.Length != length) return false;
        if (FullLength(code) is { } full && length > full) return false;

        hash = new Multihash(code, Payload.Copy(rest));
        return true;
    }

    /// <summary>Hexadecimal of the binary form, for logs.</summary>
    public override string ToString() => ToPayload().ToString();

    /// <summary>The whole digest's length for functions we know; a shorter one is a truncation, which multihash allows.</summary>
    private static int? FullLength(ulong code) => code switch
    {
        0x11 => 20,
        Sha256Code => 32,
        Sha512Code => 64,
        0x14 => 64,
        0x15 => 48,
        0x16 => 32,
        0x17 => 28,
        _ => null,
    };
}
