using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;

namespace Netabase.Transport.WebSocket;

/// <summary>
/// WebSocket (RFC 6455) over TCP, so that browsers reach a node: <c>/ws</c>, and over TLS <c>/wss</c> and <c>/tls/ws</c>. The TLS is the web's, for
/// the path alone; who the peer is, Noise settles inside.
/// </summary>
public sealed class WebSocketTransport : ITransport
{
    private readonly WebSocketOptions _options;
    private readonly TcpTransport _tcp;

    /// <summary>With its own options, or the defaults, which cannot listen on secure addresses.</summary>
    public WebSocketTransport(WebSocketOptions? options = null)
    {
        _options = options ?? new WebSocketOptions();
        _tcp = new TcpTransport(_options.Tcp);
    }

    /// <inheritdoc/>
    public bool CanDial(Multiaddr address) => WebSocketAddress.Read(address) is { Tcp.Port: > 0 };

    /// <inheritdoc/>
    public bool CanListen(Multiaddr address) =>
        WebSocketAddress.Read(address) is { Tcp.Ip: not null } read && (!read.IsSecure || _options.Certificate is not null);

    /// <inheritdoc/>
    public async ValueTask<IRawConnection> DialAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!CanDial(address)) throw new TransportException(TransportError.AddressUnusable, $"{address} is no WebSocket address to dial.");
        var read = WebSocketAddress.Read(address)!;
        var raw = new TcpConnection(await _tcp.ConnectAsync(read.Tcp, cancellation).ConfigureAwait(false));
        try
        {
            var carrier = read.IsSecure ? await SecureAsDialerAsync(raw, read, cancellation).ConfigureAwait(false) : raw;
            return new WebSocketConnection(raw, read.Suffix, await OpenAsDialerAsync(carrier, read, cancellation).ConfigureAwait(false));
        }
        catch
        {
            raw.Abort();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IRawListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (!CanListen(address)) throw new TransportException(TransportError.AddressUnusable, $"{address} is no WebSocket address to listen on here.");
        cancellation.ThrowIfCancellationRequested();
        var read = WebSocketAddress.Read(address)!;
        return new ValueTask<IRawListener>(new Listener(_tcp.Listen(read.Tcp), read, this));
    }

    private async ValueTask<IRawConnection> SecureAsDialerAsync(IRawConnection raw, WebSocketAddress address, CancellationToken cancellation)
    {
        var tls = new SslStream(new RawStream(raw), leaveInnerStreamOpen: true);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = address.ServerName,
            RemoteCertificateValidationCallback = _options.ServerCertificateValidation,
        };
        return await HandshakeAsync(raw, tls, tls.AuthenticateAsClientAsync(options, cancellation)).ConfigureAwait(false);
    }

    private async ValueTask<IRawConnection> SecureAsListenerAsync(IRawConnection raw, CancellationToken cancellation)
    {
        var tls = new SslStream(new RawStream(raw), leaveInnerStreamOpen: true);
        var options = new SslServerAuthenticationOptions { ServerCertificate = _options.Certificate, EnabledSslProtocols = SslProtocols.None };
        return await HandshakeAsync(raw, tls, tls.AuthenticateAsServerAsync(options, cancellation)).ConfigureAwait(false);
    }

    private static async ValueTask<IRawConnection> HandshakeAsync(IRawConnection raw, SslStream tls, Task handshake)
    {
        try
        {
            await handshake.ConfigureAwait(false);
            return new TlsConnection(raw, tls);
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (!TlsConnection.IsOfTls(e)) throw;
            throw TlsConnection.Translate(e, "The TLS handshake below WebSocket failed");
        }
    }

    private static async ValueTask<WebSocketChannel> OpenAsDialerAsync(IRawConnection carrier, WebSocketAddress address, CancellationToken cancellation)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await carrier.SendAsync(HttpHead.Request($"{address.Host}:{address.Tcp.Port}", key), cancellation).ConfigureAwait(false);
        var (head, leftover) = await ReadHeadAsync(carrier, cancellation).ConfigureAwait(false);
        if (!head.ConsentsTo(key))
            throw new TransportException(TransportError.ProtocolNotSupported, "WebSocket: the server does not consent to the upgrade.");
        return Channel(carrier, leftover, isServer: false);
    }

    private async ValueTask<WebSocketChannel> OpenAsListenerAsync(IRawConnection raw, bool secure, CancellationToken cancellation)
    {
        var carrier = secure ? await SecureAsListenerAsync(raw, cancellation).ConfigureAwait(false) : raw;
        var (head, leftover) = await ReadHeadAsync(carrier, cancellation).ConfigureAwait(false);
        if (head.KeyOfRequest() is not { } key)
        {
            await carrier.SendAsync(HttpHead.Refusal(), cancellation).ConfigureAwait(false);
            throw new TransportException(TransportError.ProtocolViolation, "WebSocket: the client's request is no upgrade.");
        }

        await carrier.SendAsync(HttpHead.Consent(key), cancellation).ConfigureAwait(false);
        return Channel(carrier, leftover, isServer: true);
    }

    private static async ValueTask<(HttpHead Head, byte[] Leftover)> ReadHeadAsync(IRawConnection carrier, CancellationToken cancellation)
    {
        var buffer = new byte[HttpHead.MaxLength];
        for (var used = 0; ;)
        {
            var read = await carrier.ReceiveAsync(buffer.AsMemory(used), cancellation).ConfigureAwait(false);
            if (read == 0) throw new TransportException(TransportError.ConnectionClosed, "WebSocket: the other end closed during the handshake.");
            used += read;
            if (HttpHead.TryRead(buffer.AsSpan(0, used), out var consumed) is { } head) return (head, buffer[consumed..used]);
        }
    }

    private static WebSocketChannel Channel(IRawConnection carrier, byte[] leftover, bool isServer)
    {
        // No keep-alive of its own: the muxer pings.
        var stream = new RawStream(carrier, leftover);
        var socket = System.Net.WebSockets.WebSocket.CreateFromStream(stream, isServer, subProtocol: null, keepAliveInterval: TimeSpan.Zero);
        return new WebSocketChannel(socket, carrier);
    }

    private sealed class Listener(IRawListener tcp, WebSocketAddress address, WebSocketTransport transport) : IRawListener
    {
        public Multiaddr Address { get; } = tcp.Address.Encapsulate(address.Suffix);

        public async ValueTask<IRawConnection?> AcceptAsync(CancellationToken cancellation) =>
            await tcp.AcceptAsync(cancellation).ConfigureAwait(false) is { } raw
                ? new WebSocketConnection(raw, address.Suffix, token => transport.OpenAsListenerAsync(raw, address.IsSecure, token))
                : null;

        public ValueTask DisposeAsync() => tcp.DisposeAsync();
    }
}
