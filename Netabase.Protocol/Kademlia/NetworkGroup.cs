using System.Buffers.Binary;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>
/// A public network for diversity limits: an IPv4 /16 or an IPv6 /32, about what one operator is given. Who owns one network
/// can make any number of peer ids in it.
/// </summary>
/// <param name="IsIp6">Which of the two.</param>
/// <param name="Prefix">The leading bits.</param>
public readonly record struct NetworkGroup(bool IsIp6, uint Prefix)
{
    /// <summary>The network of the first address that names a public IP; null when none does.</summary>
    public static NetworkGroup? Of(IReadOnlyList<Multiaddr> addresses)
    {
        foreach (var address in addresses)
        {
            var ip = address.IpBytes.Span;
            if (ip.Length == 4 && IsPublic4(ip))
            {
                return new(false, BinaryPrimitives.ReadUInt16BigEndian(ip));
            }

            if (ip.Length == 16 && IsPublic6(ip))
            {
                return new(true, BinaryPrimitives.ReadUInt32BigEndian(ip));
            }
        }

        return null;
    }

    // RFC 6890 and RFC 6598: this network, private, shared, loopback, link-local, multicast and above.
    private static bool IsPublic4(ReadOnlySpan<byte> ip) => (ip[0], ip[1]) switch
    {
        (0 or 10 or 127 or >= 224, _) => false,
        (100, >= 64 and < 128) => false,
        (169, 254) => false,
        (172, >= 16 and < 32) => false,
        (192, 168) => false,
        _ => true,
    };

    // RFC 4291: 2000::/3 is what is handed out; all else is local, special or not yet given to anybody.
    private static bool IsPublic6(ReadOnlySpan<byte> ip) => (ip[0] & 0xe0) == 0x20;
}
