using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Netabase.Transport.Tcp;

namespace Netabase.Transport.WebSocket;

/// <summary>How WebSocket connections are made and taken.</summary>
public sealed record WebSocketOptions
{
    /// <summary>The sockets below.</summary>
    public TcpOptions Tcp { get; init; } = new();

    /// <summary>
    /// What a listener on <c>/wss</c> or <c>/tls/ws</c> shows, with its private key: browsers demand one that an authority has signed for the
    /// node's name. Without it such an address cannot be listened on.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Judges a server's certificate in place of the system's authorities; who the peer is, libp2p's own handshake settles inside.</summary>
    public RemoteCertificateValidationCallback? ServerCertificateValidation { get; init; }
}
