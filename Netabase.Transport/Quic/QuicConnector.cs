using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;
using Netabase.Transport.Tls;
using Netabase.Transport.Upgrade;

namespace Netabase.Transport.Quic;

/// <summary>
/// QUIC v1 (<c>/udp/../quic-v1</c>): security and streams in one, with libp2p's TLS certificates (libp2p quic). Where the platform has no
/// QUIC it dials and listens on nothing.
/// </summary>
public sealed class QuicConnector : IConnector, IDisposable
{
    private readonly QuicOptions _options;
    private readonly TimeProvider _time;
    private readonly ICryptography _cryptography;
    private readonly UpgradeOptions _trace;
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Speaks for an identity, with a certificate of its own for the life of the process.</summary>
    public QuicConnector(PrivateKey identity, QuicOptions? options = null, TimeProvider? time = null, ICryptography? cryptography = null)
    {
        _options = options ?? new QuicOptions();
        _time = time ?? TimeProvider.System;
        _cryptography = cryptography ?? Cryptography.Default;
        _certificate = PeerCertificate.Create(identity, _time);
        _trace = new UpgradeOptions { Time = _time };
        _context = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>The name under which it is told as security and as muxer.</summary>
    public static ProtocolId Protocol { get; } = new("/quic-v1");

    /// <summary>Whether the platform's QUIC library loads here.</summary>
    [SupportedOSPlatformGuard("linux"), SupportedOSPlatformGuard("windows"), SupportedOSPlatformGuard("macos")]
    public static bool IsSupported =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) && QuicListener.IsSupported && QuicConnection.IsSupported;

    /// <inheritdoc/>
    public bool CanDial(Multiaddr address) => IsSupported && QuicAddress.Read(address) is { Port: > 0 };

    /// <inheritdoc/>
    public bool CanListen(Multiaddr address) => IsSupported && QuicAddress.Read(address) is not null;

    /// <inheritdoc/>
    public ValueTask<UpgradedConnection> DialAsync(Multiaddr address, PeerId? expected, CancellationToken cancellation)
    {
        if (IsSupported && CanDial(address)) return ConnectAsync(QuicAddress.Read(address)!, expected, cancellation);
        throw new TransportException(TransportError.AddressUnusable, $"{address} cannot be dialed by QUIC here.");
    }

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> ListenAsync(Multiaddr address, CancellationToken cancellation)
    {
        if (IsSupported && CanListen(address)) return BindAsync(QuicAddress.Read(address)!, cancellation);
        throw new TransportException(TransportError.AddressUnusable, $"{address} cannot be listened on by QUIC here.");
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    /// <summary>What a dialer's handshake uses; no server name, our certificate, our own judgement.</summary>
    internal SslClientAuthenticationOptions DialerOptions(Verdict verdict) => new()
    {
        TargetHost = "",
        ApplicationProtocols = TlsSecurity.ApplicationProtocols([]),
        ClientCertificateContext = _context,
        CertificateChainPolicy = TlsSecurity.ChainPolicy(),
        RemoteCertificateValidationCallback = verdict.Judge,
    };

    /// <summary>What a listener's handshake uses.</summary>
    internal SslServerAuthenticationOptions ListenerOptions(Verdict verdict) => new()
    {
        ApplicationProtocols = TlsSecurity.ApplicationProtocols([]),
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        CertificateChainPolicy = TlsSecurity.ChainPolicy(),
        RemoteCertificateValidationCallback = verdict.Judge,
    };

    [SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
    private async ValueTask<UpgradedConnection> ConnectAsync(IPEndPoint end, PeerId? expected, CancellationToken cancellation)
    {
        var verdict = new Verdict(expected, _time, _cryptography);
        var options = Bounded(new QuicClientConnectionOptions { RemoteEndPoint = end, ClientAuthenticationOptions = DialerOptions(verdict) });
        using var trace = new UpgradeTrace(_trace, QuicAddress.Of(end), ConnectionRole.Dialer) { Security = Protocol };
        try
        {
            var upgraded = Upgraded(await QuicConnection.ConnectAsync(options, cancellation).ConfigureAwait(false), ConnectionRole.Dialer);
            trace.Succeeded(upgraded);
            return upgraded;
        }
        catch (Exception e)
        {
            var told = QuicErrors.IsOfQuic(e) ? verdict.Refusal ?? QuicErrors.Translate(e, $"Cannot connect to {end} by QUIC") : e;
            trace.Failed(told);
            if (ReferenceEquals(told, e)) throw;
            throw told;
        }
    }

    [SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
    private async ValueTask<IConnectionListener> BindAsync(IPEndPoint end, CancellationToken cancellation)
    {
        var options = new QuicListenerOptions
        {
            ListenEndPoint = end,
            ApplicationProtocols = TlsSecurity.ApplicationProtocols([]),
            ListenBacklog = _options.Backlog,
            ConnectionOptionsCallback = (_, _, _) => ValueTask.FromResult(Bounded(new QuicServerConnectionOptions
            {
                ServerAuthenticationOptions = ListenerOptions(new Verdict(expected: null, _time, _cryptography)),
            })),
        };
        try
        {
            return new QuicInbound(await QuicListener.ListenAsync(options, cancellation).ConfigureAwait(false), this);
        }
        catch (Exception e) when (QuicErrors.IsOfQuic(e))
        {
            throw new TransportException(TransportError.AddressUnusable, $"Cannot listen on {end} by QUIC.", e);
        }
    }

    /// <summary>Takes an inbound connection, which the platform hands over with its handshake done: what is timed is our look at it.</summary>
    [SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
    internal UpgradedConnection Accepted(QuicConnection connection)
    {
        using var trace = new UpgradeTrace(_trace, QuicAddress.Of(connection.RemoteEndPoint), ConnectionRole.Listener) { Security = Protocol };
        try
        {
            var upgraded = Upgraded(connection, ConnectionRole.Listener);
            trace.Succeeded(upgraded);
            return upgraded;
        }
        catch (Exception e)
        {
            trace.Failed(e);
            throw;
        }
    }

    /// <summary>The handshake has judged the certificate already; here it is read once more for its key.</summary>
    [SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
    private UpgradedConnection Upgraded(QuicConnection connection, ConnectionRole role)
    {
        if (connection.RemoteCertificate is not { } shown) throw new TransportException(TransportError.InvalidData, "QUIC: the other end showed no certificate.");
        var key = PeerCertificate.Verify(shown.GetRawCertData(), _time.GetUtcNow(), _cryptography);
        return new UpgradedConnection(
            new QuicMuxedConnection(connection), role, key, key.PeerId, Protocol, Protocol,
            QuicAddress.Of(connection.LocalEndPoint), QuicAddress.Of(connection.RemoteEndPoint));
    }

    [SupportedOSPlatform("linux"), SupportedOSPlatform("windows"), SupportedOSPlatform("macos")]
    private T Bounded<T>(T options)
        where T : QuicConnectionOptions
    {
        options.MaxInboundBidirectionalStreams = _options.MaxIncomingStreams;
        options.MaxInboundUnidirectionalStreams = 0;
        options.DefaultCloseErrorCode = 0;
        options.DefaultStreamErrorCode = 0;
        options.HandshakeTimeout = _options.HandshakeTimeout;
        options.IdleTimeout = _options.IdleTimeout;
        options.KeepAliveInterval = _options.KeepAlive;
        return options;
    }
}
