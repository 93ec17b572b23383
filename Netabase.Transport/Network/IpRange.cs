using System.Globalization;
using System.Net;

namespace Netabase.Transport.Network;

/// <summary>A range of IP addresses in CIDR notation, such as <c>10.0.0.0/8</c> or <c>2001:db8::/32</c>; a bare address is a range of one.</summary>
public readonly record struct IpRange
{
    private readonly UInt128 _network;
    private readonly int _bits;
    private readonly bool _six;

    private IpRange(UInt128 network, int bits, bool six) => (_network, _bits, _six) = (network, bits, six);

    /// <summary>Reads CIDR notation. Bits behind the prefix must be zero: a range that says two things is refused.</summary>
    /// <exception cref="FormatException">It is no range.</exception>
    public static IpRange Parse(string text) =>
        TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is no IP range in CIDR notation.");

    /// <summary>Reads CIDR notation, or says false.</summary>
    public static bool TryParse(string? text, out IpRange range)
    {
        range = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (text is null || !IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        var width = bytes.Length * 8;
        var bits = width;
        if (slash >= 0
            && !(int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out bits) && bits <= width))
        {
            return false;
        }

        var network = Read(bytes);
        if (Masked(network, bits, width) != network)
        {
            return false;
        }

        range = new IpRange(network, bits, bytes.Length == 16);
        return true;
    }

    /// <summary>Whether an address of 4 or 16 bytes lies in the range; other lengths never do.</summary>
    public bool Contains(ReadOnlySpan<byte> address) =>
        address.Length == (_six ? 16 : 4) && Masked(Read(address), _bits, address.Length * 8) == _network;

    /// <summary>CIDR notation.</summary>
    public override string ToString()
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, _network);
        var address = new IPAddress(_six ? bytes : bytes.AsSpan(12));
        return string.Create(CultureInfo.InvariantCulture, $"{address}/{_bits}");
    }

    private static UInt128 Read(ReadOnlySpan<byte> bytes)
    {
        var value = UInt128.Zero;
        foreach (var part in bytes)
        {
            value = (value << 8) | part;
        }

        return value;
    }

    private static UInt128 Masked(UInt128 value, int bits, int width) =>
        bits == 0 ? UInt128.Zero : value >> (width - bits) << (width - bits);
}
