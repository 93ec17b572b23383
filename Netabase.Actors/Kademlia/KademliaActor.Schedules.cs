using Akka.Actor;
using Netabase.Actors.Swarm;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;
using static Netabase.Actors.Kademlia.KademliaProtocol;

namespace Netabase.Actors.Kademlia;

/// <content>What the node does by itself: looks for lost peers, refreshes its table, keeps records and announcements alive.</content>
internal sealed partial class KademliaActor
{
    /// <summary>Peers that are lost are tried a few at a time.</summary>
    private const int RejoinsAtOnce = 8;

    /// <summary>How often the schedules are looked at; none of their intervals is shorter by far.</summary>
    private static readonly TimeSpan UpkeepResolution = TimeSpan.FromMilliseconds(250);

    /// <summary>Long enough for the peers that a start connects to at once to be there.</summary>
    private static readonly TimeSpan FirstBootstrapAfter = TimeSpan.FromMilliseconds(50);

    private void StartSchedules()
    {
        Timers.StartPeriodicTimer(RejoinDue.Instance, RejoinDue.Instance, _settings.RejoinInterval);
        Timers.StartPeriodicTimer(UpkeepDue.Instance, UpkeepDue.Instance, UpkeepResolution);
        foreach (var left in _network.Upkeep.TakeWorks())
        {
            // Its actor died over it: its next time comes.
            _network.Upkeep.Finished(left);
        }
    }

    private void OnRejoinDue()
    {
        if (!_network.IsUp)
        {
            return;
        }

        foreach (var lost in _network.Routes.TakeLost(RejoinsAtOnce))
        {
            // A question is the shortest way to a connection, and whoever answers is in the table again.
            _bridge?.Tell(new BridgeProtocol.Send(default, lost, new KademliaRequest.FindNode(_network.LocalPeer.Multihash)));
        }
    }

    private void OnUpkeepDue()
    {
        while (_network.IsUp && _network.Upkeep.Next() is var step and not ScheduleStep.Wait)
        {
            switch (step)
            {
                case ScheduleStep.SearchSelf:
                    Search(_network.LocalPeer.Multihash, step);
                    break;
                case ScheduleStep.Refresh refresh:
                    Search(refresh.Key, step);
                    break;
                case ScheduleStep.Reprovide provide:
                    BeginProvide(provide.Key, null, () => _network.Upkeep.Finished(step));
                    break;
                case ScheduleStep.Replicate replicate:
                    Hear(step, Task.Run(() => _network.Records.Find(replicate.Key)));
                    break;
                case ScheduleStep.Republish republish:
                    Hear(step, _network.Records.RenewAsync(republish.Key));
                    break;
                default:
                    _network.Upkeep.Sweep();
                    _network.Upkeep.Finished(step);
                    break;
            }
        }
    }

    private void Hear(ScheduleStep step, Task<DhtRecord?> read) =>
        read.PipeTo(Self, Self, record => new RecordReady(step, record), failure => new Status.Failure(new UpkeepFailedException(step, failure)));

    private void OnRecordReady(RecordReady ready)
    {
        if (ready.Record is { } record)
        {
            BeginPut(record, default, null, isQuorum => OnGiven(ready.Step, record, isQuorum));
            return;
        }

        _network.Upkeep.LetGo(ready.Step switch
        {
            ScheduleStep.Republish republish => republish.Key,
            ScheduleStep.Replicate replicate => replicate.Key,
            _ => default,
        });
        _network.Upkeep.Finished(ready.Step);
    }

    private void OnGiven(ScheduleStep step, DhtRecord record, bool isQuorum)
    {
        _network.Upkeep.Finished(step);
        if (step is not ScheduleStep.Republish)
        {
            return;
        }

        if (!isQuorum)
        {
            _network.Upkeep.PublishSoon(record.Key);
        }
        else if (_network.Records.IsRenewable(record))
        {
            _network.Upkeep.Published(record.Key);
        }
        else
        {
            _network.Upkeep.LetGo(record.Key);
        }
    }

    private void OnUpkeepFailed(Status.Failure failure)
    {
        if (failure.Cause is UpkeepFailedException upkeep)
        {
            RolesLog.UpkeepFailed(_log, upkeep.Message);
            _network.Upkeep.Finished(upkeep.Step);
        }
    }

    private void Search(Payload key, ScheduleStep step)
    {
        if (_network.Routes.Count == 0)
        {
            _network.Upkeep.Finished(step);
            return;
        }

        var query = new FindNodeQuery(key, NewLookup(KademliaKey.Of(key.Span), _settings.Replication));
        Run(DhtQueryKind.Bootstrap, query, null, inTime =>
        {
            _network.Upkeep.Finished(step);
            return new NetworkAnswer.Bootstrapped(_network.Routes.Count, HadPeers: true, inTime);
        });
    }

    private sealed class UpkeepFailedException(ScheduleStep step, Exception cause) : Exception(cause.Message, cause)
    {
        public ScheduleStep Step { get; } = step;
    }
}
