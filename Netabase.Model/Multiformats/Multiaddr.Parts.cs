using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Netabase.Multiformats;

/// <content>What dialers and listeners ask of an address, and the addresses they make most.</content>
public readonly partial record struct Multiaddr
{
    /// <summary>The peer an address leads to: the id of its last component, when that is <c>/p2p</c>; else null.</summary>
    public PeerId? Peer
    {
        get
        {
            MultiaddrComponent last = default;
            foreach (var component in Components) last = component;
            return last.Protocol == MultiaddrProtocol.P2p ? new PeerId(new Payload(last.Value)) : null;
        }
    }

    /// <summary>Whether the address leads through a relay.</summary>
    public bool IsRelayed => Has(MultiaddrProtocol.P2pCircuit);

    /// <summary>
    /// The 4 or 16 bytes of the first IP address, or empty: what limits per host and per prefix count by. An IPv4 address
    /// mapped into IPv6 gives its 4 bytes.
    /// </summary>
    public ReadOnlyMemory<byte> IpBytes
    {
        get
        {
            foreach (var component in Components)
            {
                if (component.Protocol == MultiaddrProtocol.Ip4) return component.Value;
                if (component.Protocol != MultiaddrProtocol.Ip6) continue;
                ReadOnlySpan<byte> mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
                return component.Value.Span.StartsWith(mapped) ? component.Value[12..] : component.Value;
            }

            return default;
        }
    }

    /// <summary><c>/ip4/../tcp/port</c> or <c>/ip6/../tcp/port</c>; a scoped IPv6 address gets its <c>/ip6zone</c>.</summary>
    public static Multiaddr Tcp(IPAddress address, int port) => FromIp(address).WithPort(MultiaddrProtocol.Tcp, port);

    /// <summary><c>/ip4/../udp/port</c> or <c>/ip6/../udp/port</c>; a scoped IPv6 address gets its <c>/ip6zone</c>.</summary>
    public static Multiaddr Udp(IPAddress address, int port) => FromIp(address).WithPort(MultiaddrProtocol.Udp, port);

    /// <summary><c>/memory/name</c>.</summary>
    public static Multiaddr Memory(string name) => Empty.With(MultiaddrProtocol.Memory, name);

    /// <summary><c>/ip4/..</c> or <c>/ip6/..</c>, with <c>/ip6zone</c> before a scoped IPv6 address.</summary>
    public static Multiaddr FromIp(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily == AddressFamily.InterNetwork) return Empty.With(MultiaddrProtocol.Ip4, address.ToString());

        var plain = address.ScopeId == 0 ? address : new IPAddress(address.GetAddressBytes());
        var zone = address.ScopeId == 0
            ? Empty
            : Empty.With(MultiaddrProtocol.Ip6Zone, address.ScopeId.ToString(CultureInfo.InvariantCulture));
        return zone.With(MultiaddrProtocol.Ip6, plain.ToString());
    }

    /// <summary>
    /// The address and port of an address that starts with <c>/ip4</c> or <c>/ip6</c> (after an optional <c>/ip6zone</c>) and
    /// goes on with this port protocol; what follows (<c>/ws</c>, <c>/p2p</c>) is not looked at. A numeric zone becomes the scope.
    /// </summary>
    public bool TryGetIpEndpoint(MultiaddrProtocol portProtocol, out IPAddress address, out int port)
    {
        (address, port) = (IPAddress.None, 0);
        var components = Components.GetEnumerator();
        if (!components.MoveNext()) return false;

        long scope = 0;
        if (components.Current.Protocol == MultiaddrProtocol.Ip6Zone)
        {
            _ = long.TryParse(components.Current.Text, NumberStyles.None, CultureInfo.InvariantCulture, out scope);
            if (scope > uint.MaxValue || !components.MoveNext()) return false;
        }

        var ip = components.Current;
        if (ip.Protocol != MultiaddrProtocol.Ip4 && ip.Protocol != MultiaddrProtocol.Ip6) return false;
        if (!components.MoveNext() || components.Current.Protocol != portProtocol || portProtocol.Kind != MultiaddrValueKind.Port) return false;

        address = ip.Protocol == MultiaddrProtocol.Ip6 ? new IPAddress(ip.Value.Span, scope) : new IPAddress(ip.Value.Span);
        port = BinaryPrimitives.ReadUInt16BigEndian(components.Current.Value.Span);
        return true;
    }

    /// <summary>The host name and its protocol (<c>dns</c>, <c>dns4</c>, <c>dns6</c>, <c>dnsaddr</c>) when the address starts with one.</summary>
    public bool TryGetDnsName(out string name, out MultiaddrProtocol? protocol)
    {
        (name, protocol) = ("", null);
        var components = Components.GetEnumerator();
        if (!components.MoveNext()) return false;

        var first = components.Current.Protocol;
        if (first != MultiaddrProtocol.Dns && first != MultiaddrProtocol.Dns4 && first != MultiaddrProtocol.Dns6
            && first != MultiaddrProtocol.DnsAddr)
            return false;

        (name, protocol) = (components.Current.Text, first);
        return true;
    }

    /// <summary>This address leading to a peer: its last <c>/p2p</c> component replaced or added.</summary>
    public Multiaddr WithPeer(PeerId peer) =>
        Peer is { } named && named == peer ? this : WithoutPeer().With(MultiaddrProtocol.P2p, peer.ToString());

    /// <summary>This address without the <c>/p2p</c> component at its end.</summary>
    public Multiaddr WithoutPeer() => Peer is null ? this : Decapsulate(MultiaddrProtocol.P2p);

    private Multiaddr WithPort(MultiaddrProtocol protocol, int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return With(protocol, port.ToString(CultureInfo.InvariantCulture));
    }
}
