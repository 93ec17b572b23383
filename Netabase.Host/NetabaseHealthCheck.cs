using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Netabase.Actors.Node;

namespace Netabase.Host;

/// <summary>Health of nodes, for whatever asks the host how it is.</summary>
public static class NetabaseHealth
{
    /// <summary>
    /// Adds a check of a node. Unhealthy: it does not run, or its store cannot be read. Degraded: its swarm was to be started and
    /// is stopped, or no peer is connected. Its data name the peers, those in the routing table, and the mode.
    /// </summary>
    /// <param name="builder">The host's checks.</param>
    /// <param name="node">The node's name; null for the first.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddNetabase(this IHealthChecksBuilder builder, string? node = null, string name = "netabase")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new NetabaseHealthCheck((NetabaseNode)(node is null
                ? provider.GetRequiredService<INetabase>()
                : provider.GetRequiredKeyedService<INetabase>(node))),
            failureStatus: null,
            tags: null));
    }
}

/// <summary>Looks at a node from outside, as an application does.</summary>
internal sealed class NetabaseHealthCheck(NetabaseNode node) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!node.IsRunning)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The node does not run.");
        }

        try
        {
            await node.QueryLocalRecordsAsync(1, cancellationToken).ConfigureAwait(false);
        }
        catch (NetabaseException refused)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"The store cannot be read: {refused.Message}", refused);
        }

        return node.HasNetwork ? await CheckNetworkAsync(cancellationToken).ConfigureAwait(false) : HealthCheckResult.Healthy("The store answers; the node has no network.");
    }

    private async Task<HealthCheckResult> CheckNetworkAsync(CancellationToken cancellation)
    {
        if (!node.IsSwarmRunning)
        {
            return HealthCheckResult.Degraded("The store answers; the swarm is stopped.");
        }

        var data = new Dictionary<string, object>
        {
            ["peers"] = (await node.GetPeersAsync(cancellation).ConfigureAwait(false)).Length,
            ["routes"] = (await node.GetRoutesAsync(cancellation).ConfigureAwait(false)).Length,
            ["mode"] = (await node.GetModeAsync(cancellation).ConfigureAwait(false)).ToString(),
        };
        return data["peers"] is 0
            ? HealthCheckResult.Degraded("The store answers; no peer is connected.", data: data)
            : HealthCheckResult.Healthy($"The store answers; {data["peers"]} peers are connected.", data);
    }
}
