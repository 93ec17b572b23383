using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Netabase.Actors.Node;

namespace Netabase.Host;

/// <summary>Starts a node after the actor system, so that a failure to open its data fails the host's start, and drains it before the system ends.</summary>
internal sealed class NodeHostedService(NetabaseNode node, ActorSystem system) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.StartAsync(system, cancellationToken).ConfigureAwait(false);
        NetabaseHosting.StopWith(system, node);
    }

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken);
}
