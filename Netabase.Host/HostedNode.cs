using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Host.Control;
using Netabase.Persistence;

namespace Netabase.Host;

/// <summary>A node with what the host does around it: its swarm is started with it, and it is served to the <c>netabase</c> command, as configured.</summary>
internal sealed class HostedNode(NetabaseNode node, NetabaseSettings settings, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private ControlServer? _control;

    public NetabaseNode Node => node;

    public NetabaseSettings Settings => settings;

    /// <summary>Where the node's control socket lies, whether or not the store keeps anything there.</summary>
    private string ControlFolder => node.DataPath ?? (settings.DataPath.Length > 0 ? settings.DataPath : DataFolder.DefaultPath(settings.Name));

    /// <summary>Starts it all in this order, or nothing of it.</summary>
    public async Task StartAsync(ActorSystem system, CancellationToken cancellation)
    {
        await node.StartAsync(system, cancellation).ConfigureAwait(false);
        try
        {
            if (settings.Host.StartSwarm)
            {
                await node.StartSwarmAsync(cancellation).ConfigureAwait(false);
            }

            if (settings.Host.Control.Enabled)
            {
                _control = ControlServer.Start(node, node.Name, ControlFolder, settings.Host.Control, loggers.CreateLogger("Netabase.Control"));
            }

            StopWith(system);
        }
        catch
        {
            await node.StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops it all. Idempotent.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        await _lifecycle.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_control is not null)
            {
                await _control.DisposeAsync().ConfigureAwait(false);
                _control = null;
            }

            await node.StopAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        await node.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A system that is shut down by other means than its host drains its nodes too.</summary>
    private void StopWith(ActorSystem system) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, $"stop-netabase-{node.Name}", async () =>
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            return Akka.Done.Instance;
        });
}
