using Microsoft.Extensions.Logging;
using Netabase.Actors.Settings;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Actors.Swarm;

/// <summary>What a node's network is to be made from.</summary>
/// <param name="Identity">The node's key pair; it stays the node's.</param>
/// <param name="Settings">Addresses, limits, discovery.</param>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Where to log.</param>
public sealed record NetworkPlan(PrivateKey Identity, NetworkSettings Settings, TimeProvider Time, ILoggerFactory Loggers);

/// <summary>A network that was made and not started.</summary>
/// <param name="Network">The network.</param>
/// <param name="Keys">What it speaks with, disposed after it; null for nothing.</param>
public sealed record BuiltNetwork(IPeerNetwork Network, IDisposable? Keys = null) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync().ConfigureAwait(false);
        Keys?.Dispose();
    }
}

/// <summary>Makes the network of a node, once for each of its runs.</summary>
public delegate BuiltNetwork NetworkFactory(NetworkPlan plan);
