using System.Collections.Immutable;
using Netabase.Actors.Settings;
using Netabase.Multiformats;
using Netabase.Transport.Mdns;
using Netabase.Transport.Network;
using Netabase.Transport.Quic;
using Netabase.Transport.Yamux;

namespace Netabase.Actors.Swarm;

/// <summary>The network of a node that says nothing else: libp2p over TCP, WebSocket, and QUIC where the platform has it.</summary>
public static class StandardNetwork
{
    /// <summary>Makes it; nothing is bound or dialed before its start.</summary>
    public static BuiltNetwork Create(NetworkPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var limits = plan.Settings.Limits;
        var stack = new StandardStack(
            plan.Identity, plan.Time, yamux: new YamuxOptions { MaxUnread = limits.UnreadBytes, MaxTotalWindowGrowth = limits.WindowBytes });
        var options = Apply(plan, stack.Options);
        return new BuiltNetwork(Transport.Network.Swarm.Create(options), stack);
    }

    /// <summary>What the settings say, over the options of some stack.</summary>
    public static PeerNetworkOptions Apply(NetworkPlan plan, PeerNetworkOptions options)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        var settings = plan.Settings;
        return options with
        {
            ListenAddresses = WithQuic(settings),
            AnnounceAddresses = settings.Announce,
            Access = settings.Access,
            IdleTimeout = settings.IdleTimeout,
            Dial = options.Dial with { AttemptTimeout = settings.DialTimeout, LocalAttemptTimeout = settings.DialTimeout / 3 },
            Limits = options.Limits with
            {
                Total = settings.Limits.Connections,
                Inbound = settings.Limits.Inbound,
                Outbound = settings.Limits.Outbound,
                PendingInbound = settings.Limits.PendingInbound,
                PerPeer = settings.Limits.PerPeer,
                PerIp = settings.Limits.PerIp,
            },
            Trim = options.Trim with { HighWater = settings.Limits.HighWater, LowWater = settings.Limits.LowWater },
            Discoveries = settings.Mdns.Enabled ? [.. options.Discoveries, Mdns(plan)] : options.Discoveries,
            Loggers = plan.Loggers,
        };
    }

    private static MdnsDiscovery Mdns(NetworkPlan plan) => new(
        new MdnsOptions
        {
            ServiceName = plan.Settings.Mdns.ServiceName,
            Port = plan.Settings.Mdns.Port,
            Interval = plan.Settings.Mdns.Interval,
            TimeToLive = plan.Settings.Mdns.TimeToLive,
        },
        plan.Time,
        plan.Loggers.CreateLogger("Netabase.Mdns"));

    private static ImmutableArray<Multiaddr> WithQuic(NetworkSettings settings) =>
        settings.Quic && QuicConnector.IsSupported
            ? [.. settings.Listen, .. settings.Listen.Select(QuicBeside).OfType<Multiaddr>().Except(settings.Listen)]
            : settings.Listen;

    /// <summary>The same place over QUIC, for an address that is an IP and a TCP port and nothing else.</summary>
    private static Multiaddr? QuicBeside(Multiaddr address) =>
        address.TryGetIpEndpoint(MultiaddrProtocol.Tcp, out var ip, out var port) && address == Multiaddr.Tcp(ip, port)
            ? Multiaddr.Udp(ip, port).With(MultiaddrProtocol.QuicV1)
            : null;
}
