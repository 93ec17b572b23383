using Netabase.Transport.Connections;
using Netabase.Transport.Upgrade;

namespace Netabase.Transport.Network;

/// <summary>Turns options into connectors, and refuses options that contradict each other.</summary>
internal static class SwarmAssembly
{
    public static IReadOnlyList<IConnector> Connectors(PeerNetworkOptions options)
    {
        if (options.Transports.Count > 0 && (options.Securities.Count == 0 || options.Muxers.Count == 0))
        {
            throw new ArgumentException("Transports of raw bytes need at least one security protocol and one muxer.", nameof(options));
        }

        if (options.Trim.LowWater > options.Trim.HighWater)
        {
            throw new ArgumentException("The low-water mark lies above the high-water mark.", nameof(options));
        }

        if (options.Transports.Count == 0)
        {
            return options.Connectors;
        }

        var bounds = new UpgradeOptions
        {
            Timeout = options.UpgradeTimeout,
            Time = options.Time,
            Log = options.Loggers.CreateLogger("Netabase.Transport.Upgrade"),
        };
        var upgrader = new Upgrader(options.Securities, options.Muxers, bounds);
        return [.. options.Connectors, .. options.Transports.Select(transport => new UpgradedTransport(transport, upgrader))];
    }
}
