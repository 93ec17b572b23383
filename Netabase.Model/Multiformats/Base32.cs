namespace Netabase.Multiformats;

/// <summary>base32 of RFC 4648, lower case, without padding. Upper case is another multibase and refused.</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[((bytes.Length * 8) + 4) / 5];
        var (bits, held, at) = (0u, 0, 0);
        foreach (var b in bytes)
        {
            bits = (bits << 8) | b;
            held += 8;
            while (held >= 5)
            {
                held -= 5;
                text[at++] = Alphabet[(int)(bits >> held) & 31];
            }
        }

        if (held > 0) text[at] = Alphabet[(int)(bits << (5 - held)) & 31];
        return new string(text);
    }

    /// <summary>False for a character outside the alphabet, a length that no bytes have, or left-over bits that are not zero.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        var result = new byte[text.Length * 5 / 8];
        var (bits, held, at) = (0u, 0, 0);
        foreach (var c in text)
        {
            var value = c switch
            {
                >= 'a' and <= 'z' => c - 'a',
                >= '2' and <= '7' => c - '2' + 26,
                _ => -1,
            };
            if (value < 0) return false;
            bits = (bits << 5) | (uint)value;
            held += 5;
            if (held < 8) continue;
            held -= 8;
            result[at++] = (byte)(bits >> held);
        }

        if (held >= 5 || (bits & ((1u << held) - 1)) != 0) return false;
        bytes = result;
        return true;
    }
}
