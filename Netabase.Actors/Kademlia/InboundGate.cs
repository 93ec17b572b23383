using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Netabase.Actors.Node;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Kademlia.Wire;
using Netabase.Transport;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// Where peers' requests come in: a shell over the pure serving side, on the network's own threads. No actor is asked and none is
/// waited for; what is written goes through its model's lane like every other write, and is answered after it is on disk.
/// </summary>
internal sealed class InboundGate
{
    private const int RequestsMax = 4096;

    private readonly NodeParts _parts;
    private readonly NodeNetwork _network;
    private readonly Lock _gate;
    private readonly KademliaServer _server;
    private readonly ILogger _log;
    private long _last;

    public InboundGate(NodeParts parts, NodeNetwork network)
    {
        _parts = parts;
        _network = network;
        _gate = network.Routes.Gate;
        _log = parts.Loggers.CreateLogger("Netabase.Kademlia");
        var settings = parts.Settings.Kademlia;
        _server = new KademliaServer(
            KademliaPeer.Of(network.LocalPeer, []),
            network.Routes.Table,
            network.Records.Judge,
            network.Upkeep.Ledger,
            network.Upkeep.Providers,
            new ServerBounds(settings.Replication, RequestsMax, settings.ServedPerPeer));
    }

    /// <summary>Whether others are served.</summary>
    public bool IsServing
    {
        get
        {
            lock (_gate)
            {
                return _server.IsServing;
            }
        }

        set
        {
            lock (_gate)
            {
                _server.IsServing = value;
            }
        }
    }

    /// <summary>Answers one request; null for what has no answer.</summary>
    /// <exception cref="TransportException">It is refused: the stream is reset, which is how libp2p says so.</exception>
    public async ValueTask<DhtReply?> ServeAsync(PeerId peer, KademliaRequest request, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _last);
        var kind = KindOf(request);
        if (kind is { } told && _parts.Announcer.HasAudience)
        {
            _parts.Announcer.Announce(new QueryEvent.InboundRequest(peer, told) { At = _parts.Now() });
        }

        var served = false;
        try
        {
            var answer = await RunAsync(id, peer, request, cancellation).ConfigureAwait(false);
            served = true;
            return answer is null ? null : new DhtReply(KademliaCodec.EncodeAnswer(request, answer));
        }
        finally
        {
            NetworkMetrics.CountServed(kind, served);
            if (!served)
            {
                lock (_gate)
                {
                    _server.OnGone(id);
                }
            }
        }
    }

    private async ValueTask<KademliaAnswer?> RunAsync(long id, PeerId peer, KademliaRequest request, CancellationToken cancellation)
    {
        var effects = Begin(id, peer, request);
        while (true)
        {
            var next = ImmutableArray<ServerEffect>.Empty;
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case ServerEffect.Answer answer:
                        return WithOurselves(request, answer.Reply);
                    case ServerEffect.Close:
                        return null;
                    case ServerEffect.Refuse refuse:
                        RolesLog.Refused(_log, peer, refuse.Detail);
                        throw new TransportException(
                            refuse.Reason is ServerRefusal.BadRecord ? TransportError.InvalidData : TransportError.LimitReached, $"{refuse.Reason}: {refuse.Detail}.");
                    case ServerEffect.ProviderAdded added:
                        _parts.Announcer.Announce(new QueryEvent.ProviderAdded(added.Key, added.Provider) { At = _parts.Now() });
                        break;
                    case ServerEffect.Held held:
                        _network.Upkeep.Held(held.Key);
                        break;
                    case ServerEffect.Load load:
                        next = OnLoaded(id, _network.Records.Load(load.Key, withRemovals: request is KademliaRequest.PutValue));
                        break;
                    case ServerEffect.Save save:
                        next = OnSaved(id, await _network.Records.SaveAsync(save, cancellation).ConfigureAwait(false));
                        break;
                }
            }

            effects = next.IsEmpty ? throw new TransportException(TransportError.InvalidData, "The request was given up.") : next;
        }
    }

    private ImmutableArray<ServerEffect> Begin(long id, PeerId peer, KademliaRequest request)
    {
        var believed = _network.Believed(peer, request);
        lock (_gate)
        {
            _server.Self = _network.Self;
            return _server.OnRequest(id, peer, believed, _parts.Now());
        }
    }

    private ImmutableArray<ServerEffect> OnLoaded(long id, Protocol.Records.HeldRecord? held)
    {
        lock (_gate)
        {
            return _server.OnLoaded(id, held, _parts.Now());
        }
    }

    private ImmutableArray<ServerEffect> OnSaved(long id, SaveOutcome outcome)
    {
        lock (_gate)
        {
            return _server.OnSaved(id, outcome, _parts.Now());
        }
    }

    /// <summary>What this node itself provides is not in the store of what others told.</summary>
    private KademliaAnswer WithOurselves(KademliaRequest request, KademliaAnswer answer) =>
        request is KademliaRequest.GetProviders get
            ? answer with { Providers = _network.Upkeep.ProvidersOf(get.Key, _network.Self) }
            : answer;

    private static DhtRequestKind? KindOf(KademliaRequest request) => request switch
    {
        KademliaRequest.FindNode => DhtRequestKind.FindNode,
        KademliaRequest.GetValue => DhtRequestKind.GetValue,
        KademliaRequest.PutValue => DhtRequestKind.PutValue,
        KademliaRequest.GetProviders => DhtRequestKind.GetProviders,
        KademliaRequest.AddProvider => DhtRequestKind.AddProvider,
        _ => null,
    };
}
