using System.Collections.Immutable;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>A node of the simulation: the real cores, and as thin a shell around them as the actor's is.</summary>
internal sealed class SimulatedNode
{
    public const string Protocol = "/netabase/kad/1.0.0";

    private static readonly ImmutableArray<string> ServerProtocols = [Protocol];

    private readonly SimulatedNetwork _network;
    private readonly KademliaServer _server;
    private readonly HeldLedger _ledger;
    private readonly Dictionary<Payload, HeldRecord> _store = [];
    private long _armed = long.MaxValue;
    private long _request;

    public SimulatedNode(SimulatedNetwork network, KademliaPeer self, Conduct conduct)
    {
        (_network, Self, Conduct) = (network, self, conduct);
        Table = new RoutingTable(self.Key, network.Rules.Table);
        Admission = new RoutingAdmission(Table, Protocol, isProbing: false, probesMax: 4);
        Providers = new ProviderStore(network.Rules.Providers);
        _ledger = new HeldLedger(network.Rules.Holding);
        _server = new KademliaServer(self, Table, network.Judge, _ledger, Providers, network.Rules.Server) { IsServing = IsServer };
        Schedules = new KademliaSchedules(self.Key, Table, network.Rules.Schedules, network.Random.Next(), network.Now);
    }

    public KademliaPeer Self { get; }

    public Conduct Conduct { get; }

    public bool IsServer => Conduct != Conduct.Client;

    public bool IsAlive { get; set; } = true;

    public RoutingTable Table { get; }

    public RoutingAdmission Admission { get; }

    public ProviderStore Providers { get; }

    public KademliaSchedules Schedules { get; }

    public IReadOnlyDictionary<Payload, HeldRecord> Store => _store;

    /// <summary>Puts a row into the store past all rules.</summary>
    public void Plant(DhtRecord record) => _store[record.Key] = new HeldRecord(record);

    /// <summary>Takes a request of somebody, as an honest node; the reply is null when there is none.</summary>
    public void Serve(SimulatedNode from, KademliaRequest asked, Action<KademliaAnswer?> reply)
    {
        Tell(Admission.OnIdentified(from.Self, from.IsServer ? ServerProtocols : [], _network.Now));
        Carry(_server.OnRequest(++_request, from.Self.Id, asked, _network.Now), reply);
    }

    public void Tell(ImmutableArray<AdmissionEffect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is AdmissionEffect.Probe probe)
            {
                var ask = new ReplicateQuery([probe.Peer], new KademliaRequest.FindNode(Self.Id.Multihash), _network.Rules.Replicas with { Replicas = 1, Quorum = 1 });
                _network.Start(this, ask, () => Tell(Admission.OnProbed(probe.Peer.Id, ask.HasQuorum, _network.Now)));
            }
        }
    }

    /// <summary>Begins what the schedules say is due, and wakes up for what comes next.</summary>
    public void Tick()
    {
        while (IsAlive)
        {
            var step = Schedules.Next(_network.Now);
            if (step is ScheduleStep.Wait wait)
            {
                Arm(wait.Until);
                return;
            }

            Begin(step);
        }
    }

    private void Arm(long until)
    {
        if (until >= _armed || until == long.MaxValue)
        {
            return;
        }

        _armed = until;
        _network.At(until, () =>
        {
            if (_armed == until)
            {
                _armed = long.MaxValue;
                Tick();
            }
        });
    }

    private void Carry(ImmutableArray<ServerEffect> effects, Action<KademliaAnswer?> reply)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ServerEffect.Answer answer:
                    reply(answer.Reply);
                    break;
                case ServerEffect.Close:
                    reply(KademliaAnswer.Peers([]));
                    break;
                case ServerEffect.Refuse:
                    reply(null);
                    break;
                case ServerEffect.Load load:
                    Carry(_server.OnLoaded(load.Request, _store.GetValueOrDefault(load.Key), _network.Now), reply);
                    break;
                case ServerEffect.Save save:
                    var metadata = save.Record.Content!.ToMetadata(save.HeldUntil);
                    _store[save.Record.Key] = new HeldRecord(save.Record with { Metadata = metadata });
                    Carry(_server.OnSaved(save.Request, SaveOutcome.Saved, _network.Now), reply);
                    break;
                case ServerEffect.Held held:
                    Schedules.Hold(held.Key, _network.Now);
                    Tick();
                    break;
            }
        }
    }

    private void Begin(ScheduleStep step)
    {
        switch (step)
        {
            case ScheduleStep.SearchSelf:
                if (Table.Count == 0)
                {
                    _network.Introduce(this);
                }

                Start(step, _network.Search(this, Self.Id.Multihash, _network.Rules.Search));
                break;
            case ScheduleStep.Refresh refresh:
                Start(step, _network.Search(this, refresh.Key, _network.Rules.Find));
                break;
            case ScheduleStep.Reprovide work:
                Start(step, _network.Announce(this, work.Key));
                break;
            case ScheduleStep.Replicate work:
                Replicate(work);
                break;
            case ScheduleStep.Republish work when _store.TryGetValue(work.Key, out var held):
                Start(step, _network.PutOf(this, held.Record));
                break;
            case ScheduleStep.Sweep:
                Sweep();
                Schedules.Finished(step, _network.Now);
                break;
            default:
                Schedules.Finished(step, _network.Now);
                break;
        }
    }

    // Who is beyond the k nearest hands over: once k others have it, it need not be held, and replicated, here.
    private void Replicate(ScheduleStep.Replicate work)
    {
        if (!_store.TryGetValue(work.Key, out var held) || RecordRules.IsExpired(held.Record.Metadata.ExpiresAt, _network.Now))
        {
            Schedules.LetGo(work.Key);
            Schedules.Finished(work, _network.Now);
            return;
        }

        var put = _network.PutOf(this, held.Record);
        _network.Start(this, put, () =>
        {
            Schedules.Finished(work, _network.Now);
            if (put.HasQuorum && Table.CountCloser(KademliaKey.Of(work.Key.Span), SimulationRules.K) >= SimulationRules.K)
            {
                _store.Remove(work.Key);
                _ledger.Remove(work.Key);
                Schedules.LetGo(work.Key);
            }

            Tick();
        });
    }

    private void Sweep()
    {
        _ledger.Expire(_network.Now);
        Providers.Expire(_network.Now);
        foreach (var key in _store.Where(row => RecordRules.IsExpired(row.Value.Record.Metadata.ExpiresAt, _network.Now)).Select(row => row.Key).ToList())
        {
            _store.Remove(key);
            Schedules.LetGo(key);
        }
    }

    private void Start(ScheduleStep step, IKademliaQuery query) => _network.Start(this, query, () =>
    {
        Schedules.Finished(step, _network.Now);
        Tick();
    });
}
