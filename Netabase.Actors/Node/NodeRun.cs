using Akka.Actor;
using Netabase.Actors.Events;
using Netabase.Actors.Stores;
using Netabase.Actors.Supervision;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>One run of a node, from the opening of its folder to its closing.</summary>
internal sealed class NodeRun
{
    private const string Stopping = "The node is stopping.";

    private readonly DataFolder? _folder;
    private readonly ActorSystem _system;
    private readonly IActorRef _supervisor;
    private volatile bool _isStopping;

    private NodeRun(NodeParts parts, DataFolder? folder, ActorSystem system, IActorRef supervisor)
    {
        Parts = parts;
        _folder = folder;
        _system = system;
        _supervisor = supervisor;
    }

    public NodeParts Parts { get; }

    public bool IsStopping => _isStopping;

    public static async Task<NodeRun> StartAsync(
        NodeSetup setup, ModelCatalog catalog, Broadcast broadcast, string? path, ActorSystem system, CancellationToken cancellation)
    {
        var folder = path is null ? null : DataFolder.Open(path, setup.Backend.Name);
        IRecordStore? store = null;
        try
        {
            store = await setup.Backend.OpenAsync(folder, catalog.Layout, setup.Settings.Stores.Limits, cancellation).ConfigureAwait(false);
            var announcer = new Announcer(broadcast, setup.Settings.Events.QueueMax);
            var parts = new NodeParts(setup.Settings, catalog, store, setup.Time, announcer);
            var run = new NodeRun(parts, folder, system, StartActors(parts, system));

            // A system that is terminated under the node takes the actors away; nobody shall wait for them.
            system.RegisterOnTermination(run.CutOff);
            return run;
        }
        catch
        {
            if (store is not null)
            {
                await store.DisposeAsync().ConfigureAwait(false);
            }

            folder?.Dispose();
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        _isStopping = true;
        foreach (var lane in Parts.AllLanes)
        {
            lane.Refuse(RefusalReason.NotRunning, Stopping);
        }

        var until = Parts.Settings.StopTimeout;
        if (!_system.WhenTerminated.IsCompleted)
        {
            await EndedWithinAsync(Task.WhenAll(Parts.AllLanes.Select(lane => lane.Drained)), until, cancellation).ConfigureAwait(false);
            await EndedWithinAsync(_supervisor.GracefulStop(until), until, cancellation).ConfigureAwait(false);
        }

        foreach (var lane in Parts.AllLanes)
        {
            lane.Close(RefusalReason.NotRunning, Stopping);
            if (lane.Underway is { } work && await EndedWithinAsync(work.Done, until, cancellation).ConfigureAwait(false))
            {
                Finish(lane, work);
            }

            lane.Abandon();
        }

        Parts.Announcer.Flush();
        await Parts.Store.DisposeAsync().ConfigureAwait(false);
        _folder?.Dispose();
    }

    private static IActorRef StartActors(NodeParts parts, ActorSystem system)
    {
        try
        {
            return system.ActorOf(NodeSupervisor.Props(parts), parts.Settings.Name);
        }
        catch (InvalidActorNameException taken)
        {
            throw new InvalidOperationException(
                $"Another node runs under the name {parts.Settings.Name} in this actor system; give each its own netabase.name.", taken);
        }
    }

    /// <summary>Waits for work's end, well or not; whoever owns the work hears how it ended.</summary>
    private async Task<bool> EndedWithinAsync(Task work, TimeSpan timeout, CancellationToken cancellation)
    {
        var end = await Task.WhenAny(work, Task.Delay(timeout, Parts.Time, cancellation)).ConfigureAwait(false);
        return end == work;
    }

    private static void Finish(StoreLane lane, StoreWork work)
    {
        try
        {
            work.Finish();
        }
        catch (StoreDamagedException)
        {
            // The callers were told; the node ends anyway.
        }
        finally
        {
            lane.End(work);
        }
    }

    private void CutOff()
    {
        if (_isStopping)
        {
            return;
        }

        foreach (var lane in Parts.AllLanes)
        {
            lane.Close(RefusalReason.NotRunning, "The actor system was terminated.");
            lane.Abandon();
        }
    }
}
