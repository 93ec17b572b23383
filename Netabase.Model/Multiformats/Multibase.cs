using System.Buffers.Text;

namespace Netabase.Multiformats;

/// <summary>The alphabets we read and write, by their multibase prefix.</summary>
public enum MultibaseEncoding
{
    /// <summary>Bitcoin's base 58; prefix <c>z</c>.</summary>
    Base58Btc = 'z',

    /// <summary>RFC 4648 base 32, lower case, no padding; prefix <c>b</c>.</summary>
    Base32Lower = 'b',

    /// <summary>RFC 4648 base 64 for URLs, no padding; prefix <c>u</c>.</summary>
    Base64Url = 'u',
}

/// <summary>multiformats/multibase: text that says in its first character how it encodes bytes. Only canonical text is read.</summary>
public static class Multibase
{
    /// <summary>The most characters we read, prefix included.</summary>
    public const int MaxChars = 4096;

    /// <summary>Bytes as prefixed text.</summary>
    /// <exception cref="MultiformatException">More bytes than the encoding is meant for (256 for base58, 2,560 else).</exception>
    public static string Encode(MultibaseEncoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxChars * 5 / 8) throw new MultiformatException($"multibase is for at most {MaxChars * 5 / 8} bytes, not {bytes.Length}.");
        return encoding switch
        {
            MultibaseEncoding.Base58Btc => "z" + Base58.Encode(bytes),
            MultibaseEncoding.Base32Lower => "b" + Base32.Encode(bytes),
            MultibaseEncoding.Base64Url => "u" + Base64Url.EncodeToString(bytes),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Not a multibase we write."),
        };
    }

    /// <summary>The bytes of prefixed text.</summary>
    /// <exception cref="MultiformatException">An unknown prefix, a character outside the alphabet, or too much text.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text) =>
        TryDecode(text, out var bytes, out _)
            ? bytes
            : throw new MultiformatException(text.Length > MaxChars
                ? $"The multibase text has more than {MaxChars} characters."
                : $"'{Quote(text)}' is not multibase base58btc (z), base32 (b) or base64url (u).");

    /// <summary>The bytes of prefixed text and the encoding its prefix names, or false.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes, out MultibaseEncoding encoding)
    {
        bytes = [];
        encoding = default;
        if (text.IsEmpty || text.Length > MaxChars) return false;

        encoding = (MultibaseEncoding)text[0];
        return encoding switch
        {
            MultibaseEncoding.Base58Btc => Base58.TryDecode(text[1..], out bytes),
            MultibaseEncoding.Base32Lower => Base32.TryDecode(text[1..], out bytes),
            MultibaseEncoding.Base64Url => TryDecodeBase64Url(text[1..], out bytes),
            _ => false,
        };
    }

    /// <summary>What an error message shows of text from outside: its start, without control characters.</summary>
    internal static string Quote(ReadOnlySpan<char> text)
    {
        Span<char> shown = stackalloc char[Math.Min(text.Length, 80)];
        for (var i = 0; i < shown.Length; i++) shown[i] = char.IsControl(text[i]) || char.IsSurrogate(text[i]) ? '?' : text[i];
        return text.Length > shown.Length ? new string(shown) + "..." : new string(shown);
    }

    /// <summary>Not the framework's decoder: it skips white space, takes padding, and throws, from its Try form too, for left-over bits.</summary>
    private static bool TryDecodeBase64Url(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var result = new byte[text.Length * 6 / 8];
        var (bits, held, at) = (0u, 0, 0);
        foreach (var c in text)
        {
            var value = c switch
            {
                >= 'A' and <= 'Z' => c - 'A',
                >= 'a' and <= 'z' => c - 'a' + 26,
                >= '0' and <= '9' => c - '0' + 52,
                '-' => 62,
                '_' => 63,
                _ => -1,
            };
            if (value < 0) return false;
            bits = (bits << 6) | (uint)value;
            held += 6;
            if (held < 8) continue;
            held -= 8;
            result[at++] = (byte)(bits >> held);
        }

        if (held >= 6 || (bits & ((1u << held) - 1)) != 0) return false;
        bytes = result;
        return true;
    }
}
