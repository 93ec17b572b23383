using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.DnsAddr;
using Netabase.Transport.Identify;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Network;

/// <summary>How a <see cref="Swarm"/> is put together. Everything but the identity has a default; lists are in order of preference.</summary>
public sealed record PeerNetworkOptions
{
    /// <summary>Our key pair; the peer id follows from it.</summary>
    public required PrivateKey Identity { get; init; }

    /// <summary>Transports of raw bytes; each becomes a connector through the upgrade with <see cref="Securities"/> and <see cref="Muxers"/>.</summary>
    public IReadOnlyList<ITransport> Transports { get; init; } = [];

    /// <summary>Security protocols, best first.</summary>
    public IReadOnlyList<ISecurityProtocol> Securities { get; init; } = [];

    /// <summary>Muxers, best first.</summary>
    public IReadOnlyList<IMuxer> Muxers { get; init; } = [];

    /// <summary>Connectors that bring their own security and streams (QUIC, loopback); preferred to <see cref="Transports"/>.</summary>
    public IReadOnlyList<IConnector> Connectors { get; init; } = [];

    /// <summary>Finders of peers that run while the network runs.</summary>
    public IReadOnlyList<IPeerDiscovery> Discoveries { get; init; } = [];

    /// <summary>Spells out <c>/dnsaddr</c> addresses; null leaves them out.</summary>
    public IAddressResolver? Resolver { get; init; }

    /// <summary>Bound by every start.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [];

    /// <summary>What peers are told instead of the bound addresses, for a node behind a forwarded port; empty to tell the bound ones.</summary>
    public IReadOnlyList<Multiaddr> AnnounceAddresses { get; init; } = [];

    /// <summary>How many connections there may be.</summary>
    public ConnectionLimits Limits { get; init; } = new();

    /// <summary>When connections are closed because there are too many.</summary>
    public TrimSettings Trim { get; init; } = new();

    /// <summary>How peers are dialed.</summary>
    public DialSettings Dial { get; init; } = new();

    /// <summary>Whom we deal with.</summary>
    public AccessRules Access { get; init; } = AccessRules.Everybody;

    /// <summary>What Identify tells and believes.</summary>
    public IdentifySettings Identify { get; init; } = new();

    /// <summary>The bounds of the peer store.</summary>
    public PeerStoreLimits PeerStore { get; init; } = new();

    /// <summary>Whether peers that discovery tells of are dialed at once.</summary>
    public bool DialDiscovered { get; init; } = true;

    /// <summary>Whether <c>/ipfs/ping/1.0.0</c> is answered.</summary>
    public bool AnswerPing { get; init; } = true;

    /// <summary>Whether <c>/perf/1.0.0</c> is answered; it lets anybody make us send as much as they ask for.</summary>
    public bool AnswerPerf { get; init; }

    /// <summary>A connection without a stream for so long is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long a connection that another one to the same peer has superseded may stay without a stream.</summary>
    public TimeSpan SupersededTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often idle and superfluous connections are looked for.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From an accepted connection to one that carries streams.</summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From an opened stream to an agreed protocol, our side.</summary>
    public TimeSpan NewStreamTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From an accepted stream to an agreed protocol.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long handlers may wind up when their connection is closed.</summary>
    public TimeSpan CloseGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a handler may go on after its connection has ended before nobody waits for it any more. One that hears its token, or
    /// reads its stream, ends long before.
    /// </summary>
    public TimeSpan AbandonAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream beyond its protocol's limits may wait for a place before it is reset.</summary>
    public TimeSpan PlaceGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The clock; specs move it by hand.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where to log.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    internal PeerId LocalPeer => Identity.PublicKey.PeerId;
}
