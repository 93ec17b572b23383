using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Netabase.Multiformats;

/// <summary>Text to bytes and back for the value of one component. Each returns null on success, else what is wrong.</summary>
internal static class MultiaddrValue
{
    /// <summary>The longest value of variable length, in bytes; the longest host name has 253.</summary>
    public const int MaxLength = 1024;

    private static readonly SearchValues<char> Ip6Chars = SearchValues.Create("0123456789abcdefABCDEF:.");
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The value's size when the code alone decides it, or -1 when a length stands before it.</summary>
    public static int FixedSize(MultiaddrValueKind kind) => kind switch
    {
        MultiaddrValueKind.None => 0,
        MultiaddrValueKind.Ip4 => 4,
        MultiaddrValueKind.Ip6 => 16,
        MultiaddrValueKind.Port => 2,
        MultiaddrValueKind.Octet => 1,
        _ => -1,
    };

    /// <summary>Judges bytes that claim to be a value.</summary>
    public static string? Check(MultiaddrValueKind kind, ReadOnlySpan<byte> value) => kind switch
    {
        MultiaddrValueKind.Name => CheckText(value, allowSlash: false),
        MultiaddrValueKind.Path => value.Length > 1 && value[0] == '/' && value[^1] != '/'
            ? CheckText(value, allowSlash: true)
            : "a path must start with '/' and not end with it",
        MultiaddrValueKind.Peer => PeerId.TryFromBytes(value, out _) ? null : "its value is no peer id",
        MultiaddrValueKind.Hash => Multihash.TryFromBytes(value, out _) ? null : "its value is no multihash",
        _ => null,
    };

    public static string? FromText(MultiaddrValueKind kind, ReadOnlySpan<char> text, out byte[] value)
    {
        value = [];
        switch (kind)
        {
            case MultiaddrValueKind.Ip4:
                return FromIp4(text, out value);
            case MultiaddrValueKind.Ip6:
                return FromIp6(text, out value);
            case MultiaddrValueKind.Port:
                if (!TryNumber(text, ushort.MaxValue, out var port)) return "a port is a number from 0 to 65535";
                value = [(byte)(port >> 8), (byte)port];
                return null;
            case MultiaddrValueKind.Octet:
                if (!TryNumber(text, byte.MaxValue, out var octet)) return "its value is a number from 0 to 255";
                value = [(byte)octet];
                return null;
            case MultiaddrValueKind.Peer:
                if (!PeerId.TryParse(text, out var peer)) return "its value is no peer id";
                value = peer.Multihash.Span.ToArray();
                return null;
            case MultiaddrValueKind.Hash:
                if (!Multibase.TryDecode(text, out value, out _)) return "its value is no multibase text";
                return Check(kind, value);
            default:
                return FromUtf16(kind, text, out value);
        }
    }

    /// <summary>The text of a value that was checked before.</summary>
    public static void AppendText(StringBuilder text, MultiaddrValueKind kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case MultiaddrValueKind.Ip4 or MultiaddrValueKind.Ip6:
                text.Append(new IPAddress(value).ToString());
                break;
            case MultiaddrValueKind.Port:
                text.Append(CultureInfo.InvariantCulture, $"{(value[0] << 8) | value[1]}");
                break;
            case MultiaddrValueKind.Octet:
                text.Append(CultureInfo.InvariantCulture, $"{value[0]}");
                break;
            case MultiaddrValueKind.Peer:
                text.Append(Base58.Encode(value));
                break;
            case MultiaddrValueKind.Hash:
                text.Append(Multibase.Encode(MultibaseEncoding.Base64Url, value));
                break;
            case MultiaddrValueKind.Path:
                text.Append(Encoding.UTF8.GetString(value[1..]));
                break;
            default:
                text.Append(Encoding.UTF8.GetString(value));
                break;
        }
    }

    private static string? FromIp4(ReadOnlySpan<char> text, out byte[] value)
    {
        // Not IPAddress.Parse: it takes "1", "0x7f.1" and octal.
        const string Problem = "its value is no IPv4 address";
        value = new byte[4];
        for (var i = 0; i < 4; i++)
        {
            var dot = text.IndexOf('.');
            if (i < 3 == dot < 0) return Problem;
            var part = dot < 0 ? text : text[..dot];
            if (part is ['0', _, ..] || !TryNumber(part, byte.MaxValue, out var octet)) return Problem;
            value[i] = (byte)octet;
            text = text[(dot + 1)..];
        }

        return null;
    }

    private static string? FromIp6(ReadOnlySpan<char> text, out byte[] value)
    {
        // The framework also takes brackets, ports and zones, none of which stands in this component.
        value = [];
        if (text.Length > 45 || !text.Contains(':') || text.ContainsAnyExcept(Ip6Chars)
            || !IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return "its value is no IPv6 address";

        value = address.GetAddressBytes();
        return null;
    }

    private static string? FromUtf16(MultiaddrValueKind kind, ReadOnlySpan<char> text, out byte[] value)
    {
        value = [];
        if (text.Length > MaxLength) return $"its value is longer than {MaxLength} bytes";
        try
        {
            value = StrictUtf8.GetBytes(text.ToArray());
        }
        catch (EncoderFallbackException)
        {
            return "its value is no well-formed text";
        }

        return Check(kind, value);
    }

    private static string? CheckText(ReadOnlySpan<byte> value, bool allowSlash)
    {
        if (value.IsEmpty) return "its value is empty";
        if (value.Length > MaxLength) return $"its value is longer than {MaxLength} bytes";
        if (!allowSlash && value.Contains((byte)'/')) return "its value has a '/'";
        if (value.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0) return "its value has a control character";
        return System.Text.Unicode.Utf8.IsValid(value) ? null : "its value is no UTF-8";
    }

    private static bool TryNumber(ReadOnlySpan<char> text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text.Length <= 5 && number <= max;
}
