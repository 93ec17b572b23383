using System.Net;
using Netabase.Multiformats;

namespace Netabase.Transport.Quic;

/// <summary>What <c>/ip4|ip6/../udp/port/quic-v1</c> says, with or without a closing <c>/p2p</c>.</summary>
internal static class QuicAddress
{
    /// <summary>The endpoint, or null for any other address; names are resolved before they come here.</summary>
    public static IPEndPoint? Read(Multiaddr address)
    {
        if (!address.TryGetIpEndpoint(MultiaddrProtocol.Udp, out var ip, out var port)) return null;
        var rest = address.Components.Skip(address.Has(MultiaddrProtocol.Ip6Zone) ? 3 : 2).Select(component => component.Protocol).ToArray();
        var isQuic = rest is [var only] && only == MultiaddrProtocol.QuicV1
            || rest is [var quic, var peer] && quic == MultiaddrProtocol.QuicV1 && peer == MultiaddrProtocol.P2p;
        return isQuic ? new IPEndPoint(ip, port) : null;
    }

    /// <summary>The multiaddr of an end of a connection.</summary>
    public static Multiaddr Of(IPEndPoint end)
    {
        var ip = end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address;
        return Multiaddr.Udp(ip, end.Port).With(MultiaddrProtocol.QuicV1);
    }
}
