using Netabase.Transport.DnsAddr;
using Netabase.Transport.Keys;
using Netabase.Transport.Noise;
using Netabase.Transport.Quic;
using Netabase.Transport.Tcp;
using Netabase.Transport.Tls;
using Netabase.Transport.WebSocket;
using Netabase.Transport.Yamux;

namespace Netabase.Transport.Network;

/// <summary>
/// What a node of the libp2p network speaks: QUIC where the platform has it, TCP, WebSocket; Noise before TLS; Yamux; names by
/// DNS. It owns the handshakes' keys: dispose it after the swarms that were made with its <see cref="Options"/>.
/// </summary>
public sealed class StandardStack : IDisposable
{
    private readonly NoiseSecurity _noise;
    private readonly TlsSecurity _tls;
    private readonly QuicConnector? _quic;

    /// <summary>Speaks for an identity.</summary>
    /// <param name="identity">Stays its owner's.</param>
    /// <param name="time">The clock of everything; null for the system's.</param>
    /// <param name="webSocket">Among others the certificate without which nobody can be served on <c>/wss</c>.</param>
    /// <param name="yamux">The bounds of streams; null for the defaults.</param>
    public StandardStack(PrivateKey identity, TimeProvider? time = null, WebSocketOptions? webSocket = null, YamuxOptions? yamux = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var clock = time ?? TimeProvider.System;
        _noise = new NoiseSecurity(identity);
        _tls = new TlsSecurity(identity, clock);
        _quic = QuicConnector.IsSupported ? new QuicConnector(identity, time: clock) : null;
        Options = new PeerNetworkOptions
        {
            Identity = identity,
            Connectors = _quic is null ? [] : [_quic],
            Transports = [new TcpTransport(new TcpOptions { Time = clock }), new WebSocketTransport(webSocket)],
            Securities = [_noise, _tls],
            Muxers = [new YamuxMuxer(yamux, clock)],
            Resolver = new DnsAddressResolver(new DnsClientLookup(), time: clock),
            Time = clock,
        };
    }

    /// <summary>To be completed with listen addresses, limits and what else differs from the defaults.</summary>
    public PeerNetworkOptions Options { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _noise.Dispose();
        _tls.Dispose();
        _quic?.Dispose();
    }
}
