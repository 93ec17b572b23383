using System.Collections.Immutable;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using static Netabase.Actors.Kademlia.KademliaProtocol;

namespace Netabase.Actors.Kademlia;

/// <content>Queries: begun, driven, ended.</content>
internal sealed partial class KademliaActor
{
    /// <summary>How exactly the times of queries and silent peers are kept.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(25);

    private readonly Dictionary<OpId, RunningQuery> _queries = [];
    private bool _taking;

    /// <summary>A query that ends as it begins (nobody is known) calls back here: the loop goes on with the next instead of the stack.</summary>
    private void TakeCommands()
    {
        if (_taking)
        {
            return;
        }

        _taking = true;
        try
        {
            while (_queries.Count < _settings.QueriesMax && _network.QueryLane.Take() is { } command)
            {
                Begin(command);
            }
        }
        finally
        {
            _taking = false;
        }
    }

    private void Begin(PendingCommand command)
    {
        switch ((KademliaCommand)command.Command)
        {
            case KademliaCommand.Get get:
                BeginGet(command, get.Key);
                break;
            case KademliaCommand.Put put:
                BeginPut(put.Record, put.To, command);
                break;
            case KademliaCommand.Provide provide:
                BeginProvide(provide.Key, command);
                break;
            case KademliaCommand.FindProviders find:
                BeginFindProviders(command, find.Key);
                break;
            case KademliaCommand.FindNearest find:
                BeginFindNearest(command, find.Key);
                break;
            case KademliaCommand.Bootstrap:
                BeginBootstrap(command);
                break;
        }
    }

    private void BeginGet(PendingCommand command, Payload key)
    {
        // It ends with the quorum; what too few have is searched for among all k nearest before it is said not to be there.
        var query = new GetValueQuery(key, NewLookup(KademliaKey.Of(key.Span), _settings.Replication), _network.Records.Judge, _settings.GetQuorum);
        Run(DhtQueryKind.Get, query, command, inTime =>
        {
            NetworkMetrics.CountRejected(query.Refused);
            if (query.Best is { } best && query.Stale(_settings.CacheReplicas) is { IsEmpty: false } stale)
            {
                Place(best, stale);
            }

            return new NetworkAnswer.Got(query.Best, query.Answered, inTime);
        });
    }

    private void BeginPut(DhtRecord record, ImmutableArray<PeerId> to, PendingCommand? command, Action<bool>? ended = null)
    {
        var request = new KademliaRequest.PutValue(record.Carried);
        var query = to.IsDefault
            ? new ReplicateQuery(new FindNodeQuery(record.Key, NewLookup(KademliaKey.Of(record.Key.Span), _settings.Replication)), request, ToAll(_settings.Replication, _settings.PutQuorum))
            : new ReplicateQuery([.. to.Select(_network.Known)], request, ToAll(to.Length, to.Length));
        Run(DhtQueryKind.Put, query, command, inTime =>
        {
            if (query.Stored > 0)
            {
                _parts.Announcer.Announce(new QueryEvent.RecordReplicated(record.Key, query.Stored) { At = _parts.Now() });
            }

            ended?.Invoke(query.HasQuorum);
            return new NetworkAnswer.Placed(query.Stored, query.HasQuorum, inTime);
        });
    }

    /// <summary>Gives a record to peers that should have it, on the node's own account: repair and caching.</summary>
    private void Place(DhtRecord record, ImmutableArray<KademliaPeer> peers)
    {
        var query = new ReplicateQuery(peers, new KademliaRequest.PutValue(record.Carried), ToAll(peers.Length, peers.Length));
        Run(DhtQueryKind.Put, query, null, inTime => new NetworkAnswer.Placed(query.Stored, query.HasQuorum, inTime));
    }

    private void BeginProvide(Payload key, PendingCommand? command, Action? ended = null)
    {
        var announcement = new KademliaRequest.AddProvider(key, [_network.Self]);
        var query = new ReplicateQuery(
            new FindNodeQuery(key, NewLookup(KademliaKey.Of(key.Span), _settings.Replication)), announcement, ToAll(_settings.Replication, 1));
        Run(DhtQueryKind.Provide, query, command, inTime =>
        {
            ended?.Invoke();
            return new NetworkAnswer.Placed(query.Stored, query.HasQuorum, inTime);
        });
    }

    private void BeginFindProviders(PendingCommand command, Payload key)
    {
        var query = new ProvidersQuery(key, NewLookup(KademliaKey.Of(key.Span), _settings.Replication), _settings.Held.ProvidersPerKeyMax);
        Run(DhtQueryKind.FindProviders, query, command, inTime =>
            new NetworkAnswer.Provided([.. query.Providers], query.Progress.Answered, inTime));
    }

    private void BeginFindNearest(PendingCommand command, Payload key)
    {
        var query = new FindNodeQuery(key, NewLookup(KademliaKey.Of(key.Span), _settings.Replication));
        Run(DhtQueryKind.Nearest, query, command, inTime => new NetworkAnswer.Nearest(query.Closest(_settings.Replication), inTime));
    }

    private void BeginBootstrap(PendingCommand? command)
    {
        if (_network.Routes.Count == 0)
        {
            if (command is not null)
            {
                _network.QueryLane.End(command, new NetworkAnswer.Bootstrapped(0, HadPeers: false, InTime: true));
            }

            return;
        }

        var targets = BootstrapQuery.Targets(_network.Routes);
        var query = new BootstrapQuery(targets.Select(target => new FindNodeQuery(target, NewLookup(KademliaKey.Of(target.Span), _settings.Replication))));
        Run(DhtQueryKind.Bootstrap, query, command, inTime => new NetworkAnswer.Bootstrapped(_network.Routes.Count, HadPeers: true, inTime));
    }

    private Lookup NewLookup(KademliaKey target, int results) => new(
        target,
        _network.LocalPeer,
        _network.Routes.Closest(target, _settings.Replication),
        new LookupBounds(
            _settings.Parallelism, results, _settings.Replication * 8, _settings.Replication, (long)_settings.PeerTimeout.TotalMilliseconds));

    private ReplicateBounds ToAll(int replicas, int quorum) =>
        new(replicas, quorum, replicas, (long)_settings.RequestTimeout.TotalMilliseconds);

    private void Run(DhtQueryKind kind, IKademliaQuery core, PendingCommand? command, Func<bool, NetworkAnswer> conclude)
    {
        var now = Now();
        var query = new RunningQuery(
            command?.Op ?? OpId.Next(), kind, core, now, now + (long)_settings.QueryTimeout.TotalMilliseconds, command, conclude);
        _queries.Add(query.Id, query);
        Advance(query, now);
        if (_queries.Count > 0 && !Timers.IsTimerActive(QueriesDue.Instance))
        {
            Timers.StartSingleTimer(QueriesDue.Instance, QueriesDue.Instance, Resolution);
        }
    }

    private void Advance(RunningQuery query, long now)
    {
        while (true)
        {
            switch (query.Core.Next(now))
            {
                case QueryStep.Send send:
                    query.Outstanding[send.To.Id] = send;
                    _bridge?.Tell(new BridgeProtocol.Send(query.Id, send.To, send.Request));
                    break;
                case QueryStep.Wait wait:
                    query.WakeAt = Math.Min(wait.Until, query.Until);
                    return;
                default:
                    Finish(query, inTime: true);
                    return;
            }
        }
    }

    private void OnAnswered(BridgeProtocol.Answered answered)
    {
        _network.Routes.Heard(answered.From.Id);
        if (Take(answered.Query, answered.From.Id) is not { } query)
        {
            return;
        }

        query.Answered++;
        Tell(query, answered.From.Id, isAnswer: true);
        var now = Now();
        query.Core.OnAnswer(answered.From.Id, answered.Answer, now);
        Advance(query, now);
    }

    private void OnFailed(BridgeProtocol.Failed failed)
    {
        if (failed.IsGone)
        {
            _network.Routes.Failed(failed.From.Id);
        }

        if (Take(failed.Query, failed.From.Id) is not { } query)
        {
            return;
        }

        Tell(query, failed.From.Id, isAnswer: false);
        var now = Now();
        query.Core.OnFailure(failed.From.Id, now);
        Advance(query, now);
    }

    /// <summary>The query that waits for this peer; null for an answer that comes twice, or after the query's end.</summary>
    private RunningQuery? Take(OpId id, PeerId from) =>
        _queries.TryGetValue(id, out var query) && query.Outstanding.Remove(from) ? query : null;

    private void OnQueriesDue()
    {
        var now = Now();
        foreach (var query in _queries.Values.Where(query => query.WakeAt <= now || query.Command is { IsAnswered: true }).ToList())
        {
            if (query.Until <= now || query.Command is { IsAnswered: true })
            {
                Finish(query, inTime: false);
            }
            else
            {
                Advance(query, now);
            }
        }

        if (_queries.Count > 0)
        {
            Timers.StartSingleTimer(QueriesDue.Instance, QueriesDue.Instance, Resolution);
        }
    }

    private void Finish(RunningQuery query, bool inTime)
    {
        _queries.Remove(query.Id);
        var answer = query.Conclude(inTime);
        if (query.Command is { } command)
        {
            _network.QueryLane.End(command, answer);
        }

        NetworkMetrics.Count(query.Kind, answer, Now() - query.Started);
        if (_log.IsEnabled(LogLevel.Debug))
        {
            RolesLog.QueryEnded(_log, query.Kind, query.Id.Value, Now() - query.Started, query.Answered, answer.GetType().Name);
        }

        if (_parts.Announcer.HasAudience)
        {
            _parts.Announcer.Announce(new QueryEvent.QueryFinished(
                query.Id.Value, query.Kind, NetworkMetrics.IsSuccess(answer), query.Answered, TimeSpan.FromMilliseconds(Now() - query.Started))
            { At = _parts.Now() });
        }

        TakeCommands();
    }

    private void Tell(RunningQuery query, PeerId peer, bool isAnswer)
    {
        if (_parts.Announcer.HasAudience)
        {
            _parts.Announcer.Announce(
                new QueryEvent.QueryProgressed(query.Id.Value, query.Kind, peer, isAnswer, query.Answered) { At = _parts.Now() });
        }
    }
}
