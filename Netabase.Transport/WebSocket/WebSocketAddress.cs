using Netabase.Multiformats;
using Netabase.Transport.Tcp;

namespace Netabase.Transport.WebSocket;

/// <summary>A TCP address with <c>/ws</c>, <c>/wss</c> or <c>/tls/ws</c> behind it, between the last two also <c>/sni/name</c>.</summary>
/// <param name="Tcp">Where the socket goes.</param>
/// <param name="IsSecure">Whether TLS stands between socket and WebSocket.</param>
/// <param name="ServerName">The name the server's certificate has to be for.</param>
/// <param name="Suffix">What stands behind the port, to be told in addresses of connections and listeners.</param>
internal sealed record WebSocketAddress(TcpAddress Tcp, bool IsSecure, string ServerName, Multiaddr Suffix)
{
    /// <summary>What a browser and a proxy are told, and what a certificate is checked against.</summary>
    public string Host => Tcp.Name ?? (Tcp.Ip!.ToString() is var ip && ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip);

    public static WebSocketAddress? Read(Multiaddr address)
    {
        if (TcpAddress.Read(address) is not { Rest: { Count: > 0 } rest } tcp) return null;
        var server = tcp.Name ?? tcp.Ip!.ToString();
        var names = rest.Select(component => component.Protocol).ToArray();
        if (names is [var only] && only == MultiaddrProtocol.Ws) return Of(false);
        if (names is [var alone] && alone == MultiaddrProtocol.Wss) return Of(true);
        if (names is [var tls, var ws] && tls == MultiaddrProtocol.Tls && ws == MultiaddrProtocol.Ws) return Of(true);
        if (names is [var outer, var sni, var inner] && outer == MultiaddrProtocol.Tls && sni == MultiaddrProtocol.Sni && inner == MultiaddrProtocol.Ws)
        {
            server = rest[1].Text;
            return Of(true);
        }

        return null;

        WebSocketAddress Of(bool secure) => new(
            tcp, secure, server, secure ? Multiaddr.Empty.With(MultiaddrProtocol.Tls).With(MultiaddrProtocol.Ws) : Multiaddr.Empty.With(MultiaddrProtocol.Ws));
    }
}
