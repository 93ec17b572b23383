namespace Netabase.Multiformats;

/// <summary>base58btc: the digits of one large number, with a leading <c>1</c> for every leading zero byte. Quadratic, so its input is bounded.</summary>
internal static class Base58
{
    /// <summary>The most bytes we turn into text; a peer id has 38 at most.</summary>
    public const int MaxBytes = 256;

    /// <summary>The most characters we turn into bytes.</summary>
    public const int MaxChars = 352;

    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    private static readonly sbyte[] Values = InvertAlphabet();

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) throw new MultiformatException($"base58 is for at most {MaxBytes} bytes, not {bytes.Length}.");

        var zeros = bytes.IndexOfAnyExcept((byte)0);
        if (zeros < 0) return new string('1', bytes.Length);

        // log(256) / log(58) < 1.38 digits a byte.
        Span<byte> digits = stackalloc byte[((bytes.Length - zeros) * 138 / 100) + 1];
        var used = 0;
        foreach (var b in bytes[zeros..])
        {
            int carry = b;
            for (var i = 0; i < used || carry != 0; i++)
            {
                if (i < used) carry += digits[i] << 8;
                digits[i] = (byte)(carry % 58);
                carry /= 58;
                if (i >= used) used = i + 1;
            }
        }

        Span<char> text = stackalloc char[zeros + used];
        text[..zeros].Fill('1');
        for (var i = 0; i < used; i++) text[zeros + i] = Alphabet[digits[used - 1 - i]];
        return new string(text);
    }

    /// <summary>False for a character outside the alphabet and for more than <see cref="MaxChars"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length > MaxChars) return false;

        var zeros = 0;
        while (zeros < text.Length && text[zeros] == '1') zeros++;

        Span<byte> number = stackalloc byte[((text.Length - zeros) * 733 / 1000) + 1];
        var used = 0;
        foreach (var c in text[zeros..])
        {
            var carry = c < 128 ? (int)Values[c] : -1;
            if (carry < 0) return false;
            for (var i = 0; i < used || carry != 0; i++)
            {
                if (i < used) carry += number[i] * 58;
                number[i] = (byte)carry;
                carry >>= 8;
                if (i >= used) used = i + 1;
            }
        }

        bytes = new byte[zeros + used];
        for (var i = 0; i < used; i++) bytes[zeros + i] = number[used - 1 - i];
        return true;
    }

    private static sbyte[] InvertAlphabet()
    {
        var values = new sbyte[128];
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++) values[Alphabet[i]] = (sbyte)i;
        return values;
    }
}
