using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Tls;

/// <summary>
/// libp2p's TLS (<c>/tls/1.0.0</c>): TLS 1.3 and nothing below, a self-signed certificate on either side, no server name, and the muxer
/// agreed on by ALPN. A dialer sees the handshake succeed before the listener has judged its certificate (RFC 8446): if it was
/// refused, the first receive fails, and what was sent before counts as unsent.
/// </summary>
public sealed class TlsSecurity : ISecurityProtocol, IDisposable
{
    private static readonly SslApplicationProtocol Libp2p = new("libp2p");

    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;
    private readonly TimeProvider _time;
    private readonly ICryptography _cryptography;

    /// <summary>Speaks for an identity, with a certificate of its own for the life of the process.</summary>
    public TlsSecurity(PrivateKey identity, TimeProvider? time = null, ICryptography? cryptography = null)
        : this(PeerCertificate.Create(identity, time), additional: null, time, cryptography)
    {
    }

    /// <summary>Shows a given certificate, which must hold its private key and is disposed with this; with others behind it, no peer accepts it.</summary>
    internal TlsSecurity(
        X509Certificate2 certificate, X509Certificate2Collection? additional = null, TimeProvider? time = null, ICryptography? cryptography = null)
    {
        _certificate = certificate;
        _time = time ?? TimeProvider.System;
        _cryptography = cryptography ?? Cryptography.Default;
        _context = SslStreamCertificateContext.Create(certificate, additional, offline: true);
    }

    /// <summary><c>/tls/1.0.0</c>.</summary>
    public static ProtocolId Protocol { get; } = new("/tls/1.0.0");

    /// <inheritdoc/>
    public ProtocolId Id => Protocol;

    /// <inheritdoc/>
    public async ValueTask<SecuredConnection> SecureAsync(
        IRawConnection raw, ConnectionRole role, PeerId? expected, IReadOnlyList<ProtocolId> muxers, CancellationToken cancellation)
    {
        var tls = new SslStream(new RawStream(raw), leaveInnerStreamOpen: true);
        var verdict = new Verdict(expected, _time, _cryptography);
        try
        {
            if (role == ConnectionRole.Dialer)
                await tls.AuthenticateAsClientAsync(DialerOptions(muxers, verdict), cancellation).ConfigureAwait(false);
            else
                await tls.AuthenticateAsServerAsync(ListenerOptions(muxers, verdict), cancellation).ConfigureAwait(false);
            var remote = verdict.Key ?? throw new TransportException(TransportError.InvalidData, "TLS: the other end showed no certificate.");
            return new SecuredConnection(
                new TlsConnection(raw, tls), PlainCodec.Instance, remote, remote.PeerId, Id, EarlyMuxer(tls, muxers), default);
        }
        catch (Exception e)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            if (verdict.Refusal is { } refusal) throw refusal;
            if (!TlsConnection.IsOfTls(e)) throw;
            throw TlsConnection.Translate(e, "The TLS handshake failed");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    /// <summary>What ALPN offers: the muxers, best first, and <c>libp2p</c>, which leaves the muxer to multistream-select.</summary>
    internal static List<SslApplicationProtocol> ApplicationProtocols(IReadOnlyList<ProtocolId> muxers) =>
        [.. muxers.Select(muxer => new SslApplicationProtocol(muxer.Name)), Libp2p];

    /// <summary>A chain is never built from the network, whatever addresses a stranger's certificate names.</summary>
    internal static X509ChainPolicy ChainPolicy() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    private SslClientAuthenticationOptions DialerOptions(IReadOnlyList<ProtocolId> muxers, Verdict verdict) => new()
    {
        // An empty name is not sent: libp2p's clients must send none.
        TargetHost = "",
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = _context,
        ApplicationProtocols = ApplicationProtocols(muxers),
        AllowRenegotiation = false,
        CertificateChainPolicy = ChainPolicy(),
        RemoteCertificateValidationCallback = verdict.Judge,
    };

    private SslServerAuthenticationOptions ListenerOptions(IReadOnlyList<ProtocolId> muxers, Verdict verdict) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        ApplicationProtocols = ApplicationProtocols(muxers),
        AllowRenegotiation = false,
        AllowTlsResume = false,
        CertificateChainPolicy = ChainPolicy(),
        RemoteCertificateValidationCallback = verdict.Judge,
    };

    private static ProtocolId? EarlyMuxer(SslStream tls, IReadOnlyList<ProtocolId> muxers)
    {
        var chosen = tls.NegotiatedApplicationProtocol.ToString();
        foreach (var muxer in muxers)
        {
            if (muxer.Name == chosen) return muxer;
        }

        return null;
    }
}
