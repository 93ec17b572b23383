using System.Net;
using System.Net.Sockets;
using Netabase.Multiformats;

namespace Netabase.Transport.Tcp;

/// <summary>What a multiaddr says to TCP: a host, by number or by name, and a port.</summary>
/// <param name="Ip">The host's number, or null when it has to be resolved.</param>
/// <param name="Name">The host's name, or null.</param>
/// <param name="Family">Which of a name's addresses count; unspecified for both.</param>
/// <param name="Port">The port.</param>
/// <param name="Rest">How many components follow the port, a closing <c>/p2p</c> left out.</param>
internal sealed record TcpAddress(IPAddress? Ip, string? Name, AddressFamily Family, int Port, IReadOnlyList<MultiaddrComponent> Rest)
{
    /// <summary>Reads <c>/ip4|ip6|ip6zone|dns|dns4|dns6 .. /tcp/port</c> and what follows; null for anything else.</summary>
    public static TcpAddress? Read(Multiaddr address)
    {
        if (address.IsEmpty) return null;
        var skip = 2;
        TcpAddress? read = null;
        if (address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port))
        {
            if (address.Has(MultiaddrProtocol.Ip6Zone)) skip = 3;
            read = new TcpAddress(ip, null, ip.AddressFamily, port, []);
        }
        else if (address.TryGetDnsName(out var name, out var protocol) && protocol != MultiaddrProtocol.DnsAddr
            && address.Components.Skip(1).FirstOrDefault() is { Protocol: { } second } tcp && second == MultiaddrProtocol.Tcp)
        {
            var family = protocol == MultiaddrProtocol.Dns4 ? AddressFamily.InterNetwork
                : protocol == MultiaddrProtocol.Dns6 ? AddressFamily.InterNetworkV6
                : AddressFamily.Unspecified;
            read = new TcpAddress(null, name, family, (tcp.Value.Span[0] << 8) | tcp.Value.Span[1], []);
        }

        if (read is null) return null;
        var rest = address.Components.Skip(skip).ToList();
        if (rest.Count > 0 && rest[^1].Protocol == MultiaddrProtocol.P2p) rest.RemoveAt(rest.Count - 1);
        return read with { Rest = rest };
    }

    /// <summary>The multiaddr of an end of a socket; an IPv4 address in IPv6 dress is told as IPv4.</summary>
    public static Multiaddr Of(EndPoint? end) =>
        end is IPEndPoint ip
            ? Multiaddr.Tcp(ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address, ip.Port)
            : throw new TransportException(TransportError.ConnectionClosed, "The socket is no longer connected.");
}
