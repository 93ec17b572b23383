using Akka.Actor;
using Akka.Event;
using Netabase.Actors.Node;
using Netabase.Actors.Supervision;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>The parent of the groups: one that ends is started again after a while, and takes its parts with it.</summary>
internal sealed class PaxosSupervisor : ReceiveActor, IWithTimers
{
    private readonly NodeParts _parts;
    private readonly Patience _patience;

    public PaxosSupervisor(NodeParts parts)
    {
        _parts = parts;
        _patience = new Patience(parts.Settings.Supervision, parts.Time);
        Receive<Terminated>(ended => OnTerminated(ended.ActorRef.Path.Name));
        Receive<SupervisionProtocol.Revive>(revive => Start(_parts.Groups.Single(group => group.Settings.Name == revive.Child)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new PaxosSupervisor(parts));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        foreach (var group in _parts.Groups)
        {
            Start(group);
        }
    }

    private static void Start(PaxosGroup group)
    {
        if (group.Halted is null && Context.Child(group.Settings.Name).IsNobody())
        {
            Context.Watch(Context.ActorOf(GroupActor.Props(group, Context.System), group.Settings.Name));
        }
    }

    private void OnTerminated(string group)
    {
        var wait = _patience.AfterFailureOf(group);
        Context.GetLogger().Warning("The group {0} ended and starts again in {1}.", group, wait);
        Timers.StartSingleTimer(group, new SupervisionProtocol.Revive(group), wait);
    }
}
