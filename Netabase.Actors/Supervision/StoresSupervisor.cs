using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Stores;

namespace Netabase.Actors.Supervision;

/// <summary>
/// The parent of the writers. A writer whose store is damaged stays stopped; every other that ends is started again after a
/// while, and finds in its lane what waits and what its predecessor had begun.
/// </summary>
internal sealed class StoresSupervisor : ReceiveActor, IWithTimers
{
    private readonly NodeParts _parts;
    private readonly Patience _patience;
    private readonly ILogger _log;
    private readonly Dictionary<string, Props> _children = [];

    public StoresSupervisor(NodeParts parts)
    {
        _parts = parts;
        _log = parts.Loggers.CreateLogger("Netabase.Node");
        _patience = new Patience(parts.Settings.Supervision, parts.Time);
        for (var model = 0; model < parts.Lanes.Length; model++)
        {
            _children.Add(ActorNames.Model(parts.Catalog.Models[model].Schema), StoreActor.Props(parts, model));
        }

        _children.Add(ActorNames.Transactions, TransactionActor.Props(parts));
        Receive<Terminated>(ended => OnTerminated(ended.ActorRef.Path.Name));
        Receive<SupervisionProtocol.Revive>(revive => Start(revive.Child));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new StoresSupervisor(parts));

    /// <summary>A writer keeps nothing of its own, so that none is worth going on with after a failure.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        foreach (var child in _children.Keys)
        {
            Start(child);
        }
    }

    private void Start(string child)
    {
        if (!IsStopped(child) && Context.Child(child).IsNobody())
        {
            Context.Watch(Context.ActorOf(_children[child], child));
        }
    }

    private void OnTerminated(string child)
    {
        if (IsStopped(child))
        {
            return;
        }

        var wait = _patience.AfterFailureOf(child);
        RolesLog.RoleEnded(_log, $"{ActorNames.Stores}/{child}", wait);
        Timers.StartSingleTimer(child, new SupervisionProtocol.Revive(child), wait);
    }

    private bool IsStopped(string child) => child != ActorNames.Transactions
        && _parts.Lanes[PlaceOf(child)].IsDamaged;

    private int PlaceOf(string child) => _parts.Catalog.Models.TakeWhile(model => ActorNames.Model(model.Schema) != child).Count();
}
