using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Events;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Swarm;

namespace Netabase.Actors.Supervision;

/// <summary>
/// The root of a node. It starts the roles in order, the broadcast first so that nobody announces into nothing, starts again
/// what ends, and answers writes whose time is over even while their writer is away.
/// </summary>
internal sealed class NodeSupervisor : ReceiveActor, IWithTimers
{
    private readonly NodeParts _parts;
    private readonly Patience _patience;
    private readonly ILogger _log;

    // In order of their start.
    private readonly (string Name, Props Props)[] _roles;

    public NodeSupervisor(NodeParts parts)
    {
        _parts = parts;
        _log = parts.Loggers.CreateLogger("Netabase.Node");
        _patience = new Patience(parts.Settings.Supervision, parts.Time);
        _roles =
        [
            (ActorNames.Events, EventsActor.Props(parts.Announcer)),
            (ActorNames.Stores, StoresSupervisor.Props(parts)),
            .. parts.Network is null
                ? Array.Empty<(string, Props)>()
                : [(ActorNames.Swarm, SwarmActor.Props(parts)), (ActorNames.Kademlia, KademliaActor.Props(parts))],
            .. parts.Groups.IsEmpty ? Array.Empty<(string, Props)>() : [(ActorNames.Paxos, PaxosSupervisor.Props(parts))],
        ];
        Receive<Terminated>(ended => OnTerminated(ended.ActorRef.Path.Name));
        Receive<SupervisionProtocol.Revive>(revive => Start(_roles.Single(role => role.Name == revive.Child)));
        Receive<SupervisionProtocol.DeadlinesDue>(_ => OnDeadlinesDue());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new NodeSupervisor(parts));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(
            SupervisionProtocol.DeadlinesDue.Instance, SupervisionProtocol.DeadlinesDue.Instance, _parts.Settings.Stores.DeadlineResolution);
        foreach (var role in _roles)
        {
            Start(role);
        }
    }

    /// <summary>A restart is no end: what waits is for the next instance.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }
    }

    protected override void PostStop()
    {
        if (!_parts.IsStopping)
        {
            _parts.CutOff("The node's root was stopped.");
        }
    }

    private static void Start((string Name, Props Props) role)
    {
        if (Context.Child(role.Name).IsNobody())
        {
            Context.Watch(Context.ActorOf(role.Props, role.Name));
        }
    }

    private void OnTerminated(string role)
    {
        var wait = _patience.AfterFailureOf(role);
        RolesLog.RoleEnded(_log, role, wait);
        Timers.StartSingleTimer(role, new SupervisionProtocol.Revive(role), wait);
    }

    private void OnDeadlinesDue()
    {
        var now = _parts.Time.GetTimestamp();
        foreach (var lane in _parts.AllLanes)
        {
            lane.Expire(now);
        }

        _parts.Transactions.CloseOld();
        _parts.Network?.SwarmLane.Expire(now);
        _parts.Network?.QueryLane.Expire(now);
    }
}
