using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>How far an address reaches.</summary>
internal enum AddressReach
{
    /// <summary>Only this machine or this process, by number or by name.</summary>
    Machine,

    /// <summary>Only the local network (private, link-local, carrier-grade NAT, unique local).</summary>
    Local,

    /// <summary>Everybody, or a name whose address is not known yet.</summary>
    Global,

    /// <summary>Whoever a relay serves.</summary>
    Relayed,
}

/// <summary>What the ranges of RFC 1918, 3927, 4193, 4291 and 6598 say about an address.</summary>
internal static class AddressScope
{
    private const int Ipv6GroupBytes = 7;
    private static readonly IpRange[] MachineRanges = [IpRange.Parse("127.0.0.0/8"), IpRange.Parse("::1/128")];

    private static readonly string[] MachineNames = ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"];

    private static readonly IpRange[] LocalRanges =
    [
        IpRange.Parse("10.0.0.0/8"), IpRange.Parse("172.16.0.0/12"), IpRange.Parse("192.168.0.0/16"),
        IpRange.Parse("169.254.0.0/16"), IpRange.Parse("100.64.0.0/10"), IpRange.Parse("fc00::/7"), IpRange.Parse("fe80::/10"),
    ];

    public static AddressReach ReachOf(Multiaddr address)
    {
        if (address.IsRelayed)
        {
            return AddressReach.Relayed;
        }

        var ip = address.IpBytes;
        if (ip.IsEmpty)
        {
            return address.Has(MultiaddrProtocol.Memory) || address.Has(MultiaddrProtocol.Unix) || NamesThisMachine(address)
                ? AddressReach.Machine
                : AddressReach.Global;
        }

        return Lies(ip, MachineRanges) ? AddressReach.Machine : Lies(ip, LocalRanges) ? AddressReach.Local : AddressReach.Global;
    }

    /// <summary>Whether the address says "every interface", which is good for binding and for nothing else.</summary>
    public static bool IsUnspecified(Multiaddr address)
    {
        var ip = address.IpBytes;
        return !ip.IsEmpty && !ip.Span.ContainsAnyExcept((byte)0);
    }

    /// <summary>What counts as one place for limits: an IPv4 address, an IPv6 /56, or the whole address where there is no IP.</summary>
    public static Payload GroupOf(Multiaddr address)
    {
        var ip = address.IpBytes;
        return new Payload(ip.IsEmpty ? address.Bytes.Memory : ip.Length == 16 ? ip[..Ipv6GroupBytes] : ip);
    }

    /// <summary>The names that never lead anywhere else (RFC 6761, 6.3), and those that hosts files add to them.</summary>
    private static bool NamesThisMachine(Multiaddr address)
    {
        if (!address.TryGetDnsName(out var name, out _))
        {
            return false;
        }

        var plain = name.TrimEnd('.');
        return plain.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || Array.Exists(MachineNames, known => known.Equals(plain, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Lies(ReadOnlyMemory<byte> ip, IpRange[] ranges) => Array.Exists(ranges, range => range.Contains(ip.Span));
}
