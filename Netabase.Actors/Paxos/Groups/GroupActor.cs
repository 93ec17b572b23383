using Akka.Actor;
using Akka.Event;
using Netabase.Actors.Paxos.Parts;
using Netabase.Actors.Supervision;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>
/// The parent of a group's parts. The acceptor comes first, since its journal says who this node is; each part that ends is started again alone,
/// with a core of its own. What must not go on ends the group on this node, and the node lives on.
/// </summary>
internal sealed class GroupActor : ReceiveActor, IWithTimers
{
    private readonly PaxosGroup _group;
    private readonly Patience _patience;
    private readonly Dictionary<string, Props> _parts;
    private bool _isHalted;

    public GroupActor(PaxosGroup group)
    {
        _group = group;
        _patience = new Patience(group.Node.Settings.Supervision, group.Node.Time);
        var cores = group.Cores;
        _parts = new()
        {
            [ActorNames.Acceptor] = AcceptorActor.Props(group.Parts, $"netabase/paxos/{group.Settings.Name}", group.FirstLife, group.Voted),
            [ActorNames.Learner] = LearnerActor.Props(group),
            [ActorNames.CatchUp] = CatchUpActor.Props(group),
            [ActorNames.Elector] = PartActor.Props(Part.Elector, group.Parts, now => cores.Elector(group.Birth(now))),
            [ActorNames.Proposer] = PartActor.Props(Part.Proposer, group.Parts, now => cores.Proposer(group.Birth(now))),
            [ActorNames.Gateway] = PartActor.Props(Part.Gateway, group.Parts, now => cores.Gateway(group.Birth(now))),
        };
        Receive<PaxosProtocol.AcceptorReady>(ready => OnAcceptorReady(ready.Life));
        Receive<LifeNoted>(noted => OnLifeNoted(noted));
        Receive<PaxosProtocol.Halt>(halt => OnHalt(halt.Why));
        Receive<Terminated>(ended => OnTerminated(ended.ActorRef.Path.Name));
        Receive<SupervisionProtocol.Revive>(revive => Start(revive.Child));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The group's actors, this one among them, take turns on a dispatcher of the group's.</summary>
    public static Props Props(PaxosGroup group, ActorSystem system)
    {
        var dispatcher = DispatcherOf(group);
        SerialDispatcher.Register(system, dispatcher);
        return Akka.Actor.Props.Create(() => new GroupActor(group)).WithDispatcher(dispatcher);
    }

    /// <summary>A core that met the impossible, or a journal that is not what was written, cannot be mended by a new life.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        var cause = failure is ActorInitializationException { InnerException: { } inner } ? inner : failure;
        if (cause is PaxosInvariantException or StoreException { Error: StoreError.Damaged or StoreError.Incompatible })
        {
            _group.Halt(cause.Message);
        }

        return Directive.Stop;
    });

    protected override void PreStart()
    {
        JournalPlugins.Install(Context.System, _group.Parts.Journal);
        _group.Attach(Self);
        if (_group.Halted is null)
        {
            Start(ActorNames.Acceptor);
        }
    }

    private void OnAcceptorReady(NodeId life)
    {
        if (_group.Noted == life)
        {
            Begin(life);
            return;
        }

        _group.NoteLifeAsync(life).PipeTo(Self, success: () => new LifeNoted(life, null), failure: cause => new LifeNoted(life, cause));
    }

    private void OnLifeNoted(LifeNoted noted)
    {
        if (noted.Failure is null)
        {
            Begin(noted.Life);
        }
        else
        {
            // The acceptor is asked again in its next life.
            Context.GetLogger().Warning("The store of {0} did not take a note: {1}", _group.Settings.Name, noted.Failure.Message);
            Context.Stop(Context.Child(ActorNames.Acceptor));
        }
    }

    private void Begin(NodeId life)
    {
        if (_isHalted)
        {
            return;
        }

        _group.Begin(life);
        foreach (var part in _parts.Keys)
        {
            Start(part);
        }
    }

    private void Start(string part)
    {
        if (!_isHalted && Context.Child(part).IsNobody())
        {
            Context.Watch(Context.ActorOf(_parts[part].WithDispatcher(DispatcherOf(_group)), part));
        }
    }

    private static string DispatcherOf(PaxosGroup group) => $"{group.Parts.Journal.JournalPlugin}-group";

    private void OnTerminated(string part)
    {
        if (_isHalted || _group.Node.IsStopping)
        {
            return;
        }

        var wait = _patience.AfterFailureOf(part);
        Context.GetLogger().Warning("The {0} of {1} ended and starts again in {2}.", part, _group.Settings.Name, wait);
        Timers.StartSingleTimer(part, new SupervisionProtocol.Revive(part), wait);
    }

    private void OnHalt(string why)
    {
        _isHalted = true;
        Timers.CancelAll();
        Context.GetLogger().Error("The group {0} stops on this node: {1}.", _group.Settings.Name, why);
        foreach (var part in Context.GetChildren())
        {
            Context.Stop(part);
        }
    }

    private sealed record LifeNoted(NodeId Life, Exception? Failure) : INoSerializationVerificationNeeded;
}
