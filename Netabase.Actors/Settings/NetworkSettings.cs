using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Network;

namespace Netabase.Actors.Settings;

/// <summary>Connections to peers (<c>netabase.network</c>).</summary>
/// <param name="Enabled">Whether the node may join a network.</param>
/// <param name="IdentityFile">The private key's file, or empty.</param>
/// <param name="Listen">Where to listen.</param>
/// <param name="Quic">Whether QUIC is listened on beside TCP.</param>
/// <param name="Announce">What peers are told instead of what is bound.</param>
/// <param name="Bootstrap">Peers to begin with; each address names its peer.</param>
/// <param name="BootstrapRetryMin">The first wait after a failed dial of one of them.</param>
/// <param name="BootstrapRetryMax">The longest.</param>
/// <param name="Mode">How the node takes part.</param>
/// <param name="IdleTimeout">How long a connection may stay without a stream.</param>
/// <param name="DialTimeout">How long one dialed address may take.</param>
/// <param name="Access">Whom it deals with.</param>
/// <param name="Mdns">The local network.</param>
/// <param name="Limits">How many connections there may be.</param>
public sealed record NetworkSettings(
    bool Enabled,
    string IdentityFile,
    ImmutableArray<Multiaddr> Listen,
    bool Quic,
    ImmutableArray<Multiaddr> Announce,
    ImmutableArray<Multiaddr> Bootstrap,
    TimeSpan BootstrapRetryMin,
    TimeSpan BootstrapRetryMax,
    NetworkMode Mode,
    TimeSpan IdleTimeout,
    TimeSpan DialTimeout,
    AccessRules Access,
    MdnsSettings Mdns,
    NetworkLimits Limits)
{
    internal static NetworkSettings Create(SettingsReader all)
    {
        var mode = all.Text("mode");
        var settings = new NetworkSettings(
            all.Switch("enabled"),
            all.Text("identity-file"),
            all.List("listen", Address, "must be a multiaddr such as /ip4/0.0.0.0/tcp/4001"),
            all.Switch("quic"),
            all.List("announce", Address, "must be a multiaddr such as /ip4/203.0.113.7/tcp/4001"),
            all.List("bootstrap", AddressOfPeer, "must be a multiaddr that ends in /p2p/ and the peer's id"),
            all.Duration("bootstrap-retry-min", TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            all.Duration("bootstrap-retry-max", TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)),
            mode switch
            {
                "server" => NetworkMode.Server,
                "client" => NetworkMode.Client,
                "automatic" => NetworkMode.Automatic,
                _ => throw all.Wrong("mode", mode, "must be server, client or automatic"),
            },
            all.Duration("idle-timeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            all.Duration("dial-timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            new AccessRules(
                all.List("allow-peers", Peer, PeerExpected),
                all.List("deny-peers", Peer, PeerExpected),
                all.List("allow-ranges", Range, RangeExpected),
                all.List("deny-ranges", Range, RangeExpected)),
            MdnsSettings.Create(all.Below("mdns")),
            NetworkLimits.Create(all.Below("limits")));
        return settings.BootstrapRetryMin <= settings.BootstrapRetryMax
            ? settings
            : throw all.Wrong("bootstrap-retry-min", all.Text("bootstrap-retry-min"), $"must not be longer than bootstrap-retry-max ({all.Text("bootstrap-retry-max")})");
    }

    private const string PeerExpected = "must be a peer id such as 12D3KooW...";
    private const string RangeExpected = "must be an address range such as 203.0.113.0/24";

    private static Multiaddr? Address(string text) => Multiaddr.TryParse(text, out var address) ? address : null;

    private static Multiaddr? AddressOfPeer(string text) => Address(text) is { Peer: not null } address ? address : null;

    private static PeerId? Peer(string text) => PeerId.TryParse(text, out var peer) ? peer : null;

    private static IpRange? Range(string text) => IpRange.TryParse(text, out var range) ? range : null;
}

/// <summary>The local network (<c>netabase.network.mdns</c>).</summary>
/// <param name="Enabled">Whether peers are looked for.</param>
/// <param name="ServiceName">What is asked for and answered.</param>
/// <param name="Port">The UDP port.</param>
/// <param name="Interval">How often is asked.</param>
/// <param name="TimeToLive">How long what is told holds.</param>
public sealed record MdnsSettings(bool Enabled, string ServiceName, int Port, TimeSpan Interval, TimeSpan TimeToLive)
{
    internal static MdnsSettings Create(SettingsReader all)
    {
        var name = all.Text("service-name");
        if (name.Length is 0 or > 128 || !name.StartsWith('_') || !name.EndsWith(".local", StringComparison.Ordinal))
        {
            throw all.Wrong("service-name", name, "must be a service such as _p2p._udp.local");
        }

        var settings = new MdnsSettings(
            all.Switch("enabled"),
            name,
            all.Count("port", 1, ushort.MaxValue),
            all.Duration("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            all.Duration("time-to-live", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)));
        return settings.Interval < settings.TimeToLive
            ? settings
            : throw all.Wrong("interval", all.Text("interval"), $"must be shorter than time-to-live ({all.Text("time-to-live")}), or peers would be forgotten in between");
    }
}

/// <summary>How many connections there may be (<c>netabase.network.limits</c>).</summary>
/// <param name="Connections">In all.</param>
/// <param name="Inbound">That peers opened.</param>
/// <param name="Outbound">That this node opened.</param>
/// <param name="PendingInbound">Inbound handshakes under way.</param>
/// <param name="PerPeer">To one peer.</param>
/// <param name="PerIp">Inbound from one place.</param>
/// <param name="HighWater">Above so many some are closed.</param>
/// <param name="LowWater">Down to so many.</param>
/// <param name="UnreadBytes">Received and not read, over all connections.</param>
/// <param name="WindowBytes">By which streams' windows may grow, over all connections.</param>
public sealed record NetworkLimits(
    int Connections, int Inbound, int Outbound, int PendingInbound, int PerPeer, int PerIp, int HighWater, int LowWater,
    long UnreadBytes, long WindowBytes)
{
    internal static NetworkLimits Create(SettingsReader all)
    {
        var limits = new NetworkLimits(
            all.Count("connections", 1, 1 << 20),
            all.Count("inbound", 0, 1 << 20),
            all.Count("outbound", 0, 1 << 20),
            all.Count("pending-inbound", 1, 1 << 20),
            all.Count("per-peer", 1, 1024),
            all.Count("per-ip", 1, 1 << 20),
            all.Count("high-water", 1, 1 << 20),
            all.Count("low-water", 0, 1 << 20),
            all.Number("unread-bytes-max", 1 << 20, long.MaxValue),
            all.Number("window-bytes-max", 0, long.MaxValue));
        return limits.LowWater <= limits.HighWater
            ? limits
            : throw all.Wrong("low-water", all.Text("low-water"), $"must not be more than high-water ({all.Text("high-water")})");
    }
}
