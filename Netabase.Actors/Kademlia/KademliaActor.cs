using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Protocol.Kademlia;
using static Netabase.Actors.Kademlia.KademliaProtocol;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// The shell over the pure Kademlia core: drives queries, hears of servers, keeps records and announcements alive. What must not
/// die with it (commands, the routing table, what is provided) stands beside it in <see cref="NodeNetwork"/>: a new actor goes on
/// with that, and begins the queries under way anew.
/// </summary>
internal sealed partial class KademliaActor : ReceiveActor, IWithTimers
{
    private readonly NodeParts _parts;
    private readonly NodeNetwork _network;
    private readonly KademliaSettings _settings;
    private readonly long _started;
    private readonly long _startedAt;
    private readonly ILogger _log;
    private IActorRef? _bridge;

    public KademliaActor(NodeParts parts)
    {
        _parts = parts;
        _network = parts.Network!;
        _settings = parts.Settings.Kademlia;
        _log = parts.Loggers.CreateLogger("Netabase.Kademlia");
        _started = parts.Time.GetTimestamp();
        _startedAt = parts.Now();
        Receive<CommandsWait>(_ => TakeCommands());
        Receive<BridgeProtocol.Answered>(OnAnswered);
        Receive<BridgeProtocol.Failed>(OnFailed);
        Receive<QueriesDue>(_ => OnQueriesDue());
        Receive<BridgeProtocol.BridgeIsUp>(up => OnBridgeIsUp(up.Bridge));
        Receive<BridgeProtocol.ServerFound>(found => OnServerFound(found.Peer));
        Receive<BridgeProtocol.ServerLost>(lost => _network.Routes.Remove(lost.Peer));
        Receive<RejoinDue>(_ => OnRejoinDue());
        Receive<UpkeepDue>(_ => OnUpkeepDue());
        Receive<RecordReady>(OnRecordReady);
        Receive<Status.Failure>(OnUpkeepFailed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new KademliaActor(parts));

    protected override void PreStart()
    {
        _network.QueryLane.Attach(Self);
        StartSchedules();
        if (_network.Bridge is { } bridge)
        {
            OnBridgeIsUp(bridge);
            bridge.Tell(BridgeProtocol.LookAgain.Instance);
        }

        Self.Tell(CommandsWait.Instance);
    }

    protected override void PostStop() => _network.QueryLane.Detach(Self);

    /// <summary>What the last bridge was asked and did not answer is asked again: the requests may all be served twice.</summary>
    private void OnBridgeIsUp(IActorRef bridge)
    {
        if (Equals(_bridge, bridge))
        {
            return;
        }

        _bridge = bridge;
        foreach (var query in _queries.Values)
        {
            foreach (var send in query.Outstanding.Values)
            {
                bridge.Tell(new BridgeProtocol.Send(query.Id, send.To, send.Request));
            }
        }
    }

    private void OnServerFound(KademliaPeer peer)
    {
        var wasAlone = _network.Routes.Count == 0;
        if (_network.Routes.Offer(peer) is { } suspect)
        {
            // The answer is nobody's; a failure takes it out of the table.
            _bridge?.Tell(new BridgeProtocol.Send(default, suspect, new KademliaRequest.FindNode(suspect.Id.Multihash)));
        }

        if (wasAlone)
        {
            _network.Upkeep.BootstrapNow();
            Timers.StartSingleTimer(nameof(FirstBootstrapAfter), UpkeepDue.Instance, FirstBootstrapAfter);
        }
    }

    /// <summary>Unix milliseconds that go on evenly: a wall clock that is set ends no query before its time.</summary>
    private long Now() => _startedAt + (long)_parts.Time.GetElapsedTime(_started).TotalMilliseconds;
}
