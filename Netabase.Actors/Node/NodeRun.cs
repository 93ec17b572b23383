using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Events;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Stores;
using Netabase.Actors.Supervision;
using Netabase.Actors.Swarm;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>One run of a node, from the opening of its folder to its closing.</summary>
internal sealed class NodeRun
{
    private const string Stopping = "The node is stopping.";

    private readonly DataFolder? _folder;
    private readonly NodeIdentity _identity;
    private readonly ActorSystem _system;
    private readonly IActorRef _supervisor;

    private NodeRun(NodeParts parts, DataFolder? folder, NodeIdentity identity, ActorSystem system, IActorRef supervisor)
    {
        Parts = parts;
        _folder = folder;
        _identity = identity;
        _system = system;
        _supervisor = supervisor;
    }

    public NodeParts Parts { get; }

    public bool IsStopping => Parts.IsStopping;

    public static async Task<NodeRun> StartAsync(
        NodeSetup setup, ModelCatalog catalog, Broadcast broadcast, NodeIdentity identity, string? path, ActorSystem system, CancellationToken cancellation)
    {
        var names = NodeNames.Of(system);
        names.Claim(setup.Settings.Name);
        DataFolder? folder = null;
        IRecordStore? store = null;
        ImmutableArray<PaxosGroup> groups = [];
        try
        {
            folder = path is null ? null : DataFolder.Open(path, setup.Backend.Name);
            store = await setup.Backend.OpenAsync(folder, catalog.Layout, setup.Settings.Stores.Limits, cancellation).ConfigureAwait(false);
            var announcer = new Announcer(broadcast, setup.Settings.Events.QueueMax);
            var parts = new NodeParts(setup.Settings, catalog, store, setup.Time, announcer) { Loggers = setup.Loggers };
            if (setup.Settings.Network.Enabled)
            {
                parts.Network = new NodeNetwork(parts, identity.Open(setup.Settings.Network, folder), setup);
            }

            groups = GroupOpening.Open(setup, parts, folder);
            var run = new NodeRun(parts, folder, identity, system, await StartActorsAsync(parts, system, cancellation).ConfigureAwait(false));

            // A system that is terminated under the node takes the actors away; nobody shall wait for them.
            system.RegisterOnTermination(run.CutOff);
            return run;
        }
        catch
        {
            foreach (var group in groups)
            {
                await group.DisposeAsync().ConfigureAwait(false);
            }

            if (store is not null)
            {
                await store.DisposeAsync().ConfigureAwait(false);
            }

            folder?.Dispose();
            names.Release(setup.Settings.Name);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        Parts.IsStopping = true;
        foreach (var lane in Parts.AllLanes)
        {
            lane.Refuse(RefusalReason.NotRunning, Stopping);
        }

        foreach (var group in Parts.Groups)
        {
            await group.LeaveAsync().ConfigureAwait(false);
        }

        var until = Parts.Settings.StopTimeout;
        if (Parts.Network is { } network)
        {
            network.SwarmLane.Refuse(RefusalReason.NotRunning, Stopping);
            await network.StopAsync(until).ConfigureAwait(false);
        }

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

        foreach (var group in Parts.Groups)
        {
            await group.DisposeAsync().ConfigureAwait(false);
        }

        if (Parts.Network is { } ended)
        {
            await ended.DisposeAsync().ConfigureAwait(false);
            _identity.Close(ended.Identity);
        }

        Parts.Announcer.Flush();
        Parts.Transactions.CloseAll(RefusalReason.NotRunning, Stopping);
        await Parts.Store.DisposeAsync().ConfigureAwait(false);
        _folder?.Dispose();
        NodeNames.Of(_system).Release(Parts.Settings.Name);
    }

    private static async Task<IActorRef> StartActorsAsync(NodeParts parts, ActorSystem system, CancellationToken cancellation)
    {
        for (var until = parts.DeadlineAfter(parts.Settings.StopTimeout); ;)
        {
            try
            {
                return system.ActorOf(NodeSupervisor.Props(parts), parts.Settings.Name);
            }
            catch (InvalidActorNameException) when (parts.Time.GetTimestamp() < until)
            {
                // The supervisor of the last run has ended, but its parent has not yet given its name free.
                await Task.Delay(TimeSpan.FromMilliseconds(1), parts.Time, cancellation).ConfigureAwait(false);
            }
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
        if (!Parts.IsStopping)
        {
            Parts.CutOff("The actor system was terminated.");
        }
    }
}
