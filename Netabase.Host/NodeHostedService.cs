using Akka.Actor;
using Microsoft.Extensions.Hosting;

namespace Netabase.Host;

/// <summary>Starts a node after the actor system, so that a failure to open its data fails the host's start, and drains it before the system ends.</summary>
internal sealed class NodeHostedService(HostedNode node, ActorSystem system) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(system, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken);
}
