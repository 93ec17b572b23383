using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Supervision;
using Netabase.Multiformats;
using static Netabase.Actors.Swarm.SwarmProtocol;

namespace Netabase.Actors.Swarm;

/// <summary>
/// Owns the peer network: starts and stops it, keeps the bootstrap peers dialed, decides how the node takes part. The network
/// itself belongs to the run, so that a swarm that is started again finds it as it was.
/// </summary>
internal sealed class SwarmActor : ReceiveActor, IWithTimers
{
    private const string BootstrapTag = "bootstrap";

    private readonly NodeParts _parts;
    private readonly NodeNetwork _network;
    private readonly BootstrapPeers _bootstrap;
    private readonly Patience _patience;
    private readonly ILogger _log;
    private PendingCommand? _current;

    public SwarmActor(NodeParts parts)
    {
        _parts = parts;
        _network = parts.Network!;
        _log = parts.Loggers.CreateLogger("Netabase.Swarm");
        _bootstrap = new BootstrapPeers(parts.Settings.Network);
        _patience = new Patience(parts.Settings.Supervision, parts.Time);
        Receive<CommandsWait>(_ => Advance());
        Receive<WorkEnded>(ended => OnWorkEnded(ended.Command, ended.Failure));
        Receive<DialDue>(due => Dial(due.Peer));
        Receive<Dialed>(dialed => OnDialed(dialed.Peer, dialed.Failure));
        Receive<PeerLost>(lost => OnLost(lost.Peer));
        Receive<ExternalAddressesChanged>(_ => _network.ApplyMode());
        Receive<Terminated>(_ => OnBridgeEnded());
        Receive<ReviveBridge>(_ => StartBridge());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new SwarmActor(parts));

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        _network.SwarmLane.Attach(Self);
        if (_network.IsUp)
        {
            BeginService();
        }

        Self.Tell(CommandsWait.Instance);
    }

    protected override void PostStop() => _network.SwarmLane.Detach(Self);

    /// <summary>One command at a time: a stop begins when the start before it has ended.</summary>
    private void Advance()
    {
        while (_current is null && _network.SwarmLane.Take() is { } next)
        {
            _current = next;
            switch (next.Command)
            {
                case SwarmCommand.Start when _network.IsUp:
                    End(new NetworkAnswer.RunsAlready());
                    break;
                case SwarmCommand.Start:
                    Hear(_network.StartAsync());
                    break;
                case SwarmCommand.Stop when !_network.IsUp:
                    End(NetworkAnswer.Done.Instance);
                    break;
                case SwarmCommand.Stop:
                    Hear(_network.StopAsync(_parts.Settings.StopTimeout));
                    break;
                case SwarmCommand.SetMode set:
                    _network.ChosenMode = set.Mode;
                    _network.ApplyMode();
                    End(NetworkAnswer.Done.Instance);
                    break;
            }
        }
    }

    private void Hear(Task work)
    {
        var command = _current!;
        work.PipeTo(Self, Self, () => new WorkEnded(command, null), failure => new WorkEnded(command, failure));
    }

    private void OnWorkEnded(PendingCommand command, Exception? failure)
    {
        if (!ReferenceEquals(command, _current))
        {
            return;
        }

        if (failure is not null)
        {
            RolesLog.SwarmFailed(_log, failure.Message);
            End(new NetworkAnswer.Failed(failure.Message, failure));
        }
        else if (command.Command is SwarmCommand.Start)
        {
            RolesLog.Joined(_log, _network.LocalPeer, string.Join(", ", _network.Network.ListenAddresses));
            BeginService();
            End(NetworkAnswer.Done.Instance);
        }
        else
        {
            RolesLog.Left(_log, _network.LocalPeer);
            EndService();
            End(NetworkAnswer.Done.Instance);
        }

        Advance();
    }

    private void End(NetworkAnswer answer)
    {
        var command = _current!;
        _current = null;
        _network.SwarmLane.End(command, answer);
    }

    private void BeginService()
    {
        StartBridge();
        foreach (var peer in _bootstrap.Addresses.Keys)
        {
            Dial(peer);
        }
    }

    private void EndService()
    {
        Timers.CancelAll();
        if (Context.Child(ActorNames.Bridge) is { } bridge && !bridge.IsNobody())
        {
            Context.Unwatch(bridge);
            Context.Stop(bridge);
        }
    }

    private void StartBridge()
    {
        if (!_network.IsUp)
        {
            return;
        }

        if (!Context.Child(ActorNames.Bridge).IsNobody())
        {
            // The one of the last run has not given its name free yet.
            Timers.StartSingleTimer(ReviveBridge.Instance, ReviveBridge.Instance, TimeSpan.FromMilliseconds(1));
            return;
        }

        Context.Watch(Context.ActorOf(LibP2PBridge.Props(_parts), ActorNames.Bridge));
    }

    private void OnBridgeEnded()
    {
        var wait = _patience.AfterFailureOf(ActorNames.Bridge);
        RolesLog.RoleEnded(_log, ActorNames.Bridge, wait);
        Timers.StartSingleTimer(ReviveBridge.Instance, ReviveBridge.Instance, wait);
    }

    private void Dial(PeerId peer)
    {
        if (!_network.IsUp || peer == _network.LocalPeer)
        {
            return;
        }

        _network.Network.Protect(peer, BootstrapTag);
        _network.ConnectAsync(peer, _bootstrap.Addresses[peer], _parts.Settings.Network.DialTimeout)
            .PipeTo(Self, Self, () => new Dialed(peer, null), failure => new Dialed(peer, failure));
    }

    private void OnDialed(PeerId peer, Exception? failure)
    {
        if (failure is null)
        {
            _bootstrap.Reached(peer);
        }
        else if (_network.IsUp)
        {
            var wait = _bootstrap.Failed(peer);
            RolesLog.BootstrapFailed(_log, peer, wait, failure.Message);
            Timers.StartSingleTimer(peer, new DialDue(peer), wait);
        }
    }

    private void OnLost(PeerId peer)
    {
        if (_network.IsUp && _bootstrap.Contains(peer))
        {
            Timers.StartSingleTimer(peer, new DialDue(peer), _parts.Settings.Network.BootstrapRetryMin);
        }
    }
}
