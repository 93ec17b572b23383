using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>How a simulated peer behaves.</summary>
internal enum Behaviour
{
    Honest,

    /// <summary>Answers with other liars and with peers that do not exist, right beside the target.</summary>
    Lying,

    /// <summary>Takes requests and never answers.</summary>
    Silent,
}

/// <summary>
/// A network of real routing tables and real queries in virtual time: messages take 10 to 100 ms, unreachable peers fail after a
/// while, nothing else is simulated. One seed, one run.
/// </summary>
internal sealed class KademliaWorld(SplitMix64 random, RoutingBounds tables, LookupBounds lookups)
{
    /// <summary>The peers that every other one was configured with some of; they are honest.</summary>
    public const int FirstPeers = 20;

    private const int BootstrapPeers = 3;

    private readonly Dictionary<PeerId, SimulatedPeer> _peers = [];
    private readonly List<SimulatedPeer> _inOrder = [];
    private readonly PriorityQueue<Action, (long At, long Order)> _agenda = new();
    private long _order;

    public SimulatedSignatures Signatures { get; } = new(random.Next());

    public RecordJudge Judge => new([new NetabaseRecordValidator(new SimulatedModels(), Signatures, new RecordBounds(65 * 1024, 300_000, 172_800_000))]);

    public long Now { get; private set; }

    public IReadOnlyList<SimulatedPeer> All => _inOrder;

    /// <summary>A peer joins as libp2p nodes do: it knows three others, and looks itself up, then a place in each of its farther buckets.</summary>
    public SimulatedPeer Join(Behaviour behaviour = Behaviour.Honest)
    {
        var peer = new SimulatedPeer(Peers.Random(random), behaviour, tables);
        for (var i = 0; i < Math.Min(BootstrapPeers, _inOrder.Count); i++)
        {
            peer.Table.Offer(_inOrder[random.Below(Math.Min(_inOrder.Count, FirstPeers))].Self, Now);
        }

        _peers.Add(peer.Self.Id, peer);
        _inOrder.Add(peer);
        Run(peer, Search(peer, peer.Self.Id.Multihash, peer.Self.Key));
        for (var bucket = 0; bucket < Math.Min(8, peer.Table.Count); bucket++)
        {
            Run(peer, Search(peer, new Payload(random.Bytes(32)), peer.Self.Key.InBucket(bucket, random.Bytes(32))));
        }

        return peer;
    }

    public FindNodeQuery Search(SimulatedPeer from, Payload key, KademliaKey target) =>
        new(key, Lookup(from, target));

    public Lookup Lookup(SimulatedPeer from, KademliaKey target) =>
        new(target, from.Self.Id, from.Table.Closest(target, lookups.CloserMax), lookups);

    /// <summary>Drives a query to its end in virtual time; the milliseconds it took.</summary>
    public long Run(SimulatedPeer owner, IKademliaQuery query)
    {
        var began = Now;
        while (true)
        {
            switch (query.Next(Now))
            {
                case QueryStep.Done:
                    _agenda.Clear();
                    return Now - began;
                case QueryStep.Send send:
                    Deliver(owner, query, send);
                    break;
                case QueryStep.Wait wait:
                    Advance(wait.Until);
                    break;
            }
        }
    }

    private void Advance(long until)
    {
        if (_agenda.TryPeek(out _, out var next) && next.At <= until)
        {
            var what = _agenda.Dequeue();
            Now = next.At;
            what();
        }
        else
        {
            Now = until;
        }
    }

    private void Deliver(SimulatedPeer owner, IKademliaQuery query, QueryStep.Send send)
    {
        if (!_peers.TryGetValue(send.To.Id, out var asked))
        {
            At(Now + 500, () =>
            {
                owner.Table.Failed(send.To.Id, Now);
                query.OnFailure(send.To.Id, Now);
            });
            return;
        }

        if (asked.Behaviour == Behaviour.Silent)
        {
            return;
        }

        At(Now + Delay(), () =>
        {
            var answer = asked.Behaviour == Behaviour.Lying ? Lie(send.Request) : asked.Answer(send.Request, owner.Self, tables.BucketSize, Now);
            At(Now + Delay(), () =>
            {
                owner.Table.Offer(asked.Self, Now);
                query.OnAnswer(asked.Self.Id, answer, Now);
            });
        });
    }

    private KademliaAnswer Lie(KademliaRequest request)
    {
        var liars = _inOrder.Where(peer => peer.Behaviour != Behaviour.Honest).Take(200).ToList();
        var named = Enumerable.Range(0, 10).Select(_ => liars[random.Below(liars.Count)].Self)
            .Concat(Enumerable.Range(0, 10).Select(_ => Beside(request)));
        return KademliaAnswer.Peers([.. named]);
    }

    // A fabricated id cannot be placed at will, SHA-256 stands before it; but a liar may try many: 16 tries bring it 4 bits nearer.
    private KademliaPeer Beside(KademliaRequest request)
    {
        var target = request switch
        {
            KademliaRequest.FindNode find => KademliaKey.Of(find.Key.Span),
            KademliaRequest.GetValue get => KademliaKey.Of(get.Key.Span),
            KademliaRequest.GetProviders get => KademliaKey.Of(get.Key.Span),
            _ => KademliaKey.Of(random.Bytes(32)),
        };
        return Enumerable.Range(0, 16).Select(_ => Peers.Random(random)).MinBy(peer => peer.Key.DistanceTo(target))!;
    }

    private long Delay() => 5 + random.Below(46);

    private void At(long when, Action what) => _agenda.Enqueue(what, (when, _order++));
}

/// <summary>A peer of the simulation: its table, and what it holds.</summary>
internal sealed class SimulatedPeer(KademliaPeer self, Behaviour behaviour, RoutingBounds bounds)
{
    public KademliaPeer Self { get; } = self;

    public Behaviour Behaviour { get; } = behaviour;

    public RoutingTable Table { get; } = new(self.Key, bounds);

    public Dictionary<Payload, CarriedRecord> Records { get; } = [];

    public Dictionary<Payload, Dictionary<PeerId, KademliaPeer>> Providers { get; } = [];

    public KademliaAnswer Answer(KademliaRequest request, KademliaPeer asker, int k, long now)
    {
        Table.Offer(asker, now);
        switch (request)
        {
            case KademliaRequest.PutValue put:
                Records[put.Record.Key] = put.Record;
                return KademliaAnswer.Peers([]);
            case KademliaRequest.AddProvider add:
                Held(add.Key)[asker.Id] = add.Providers.FirstOrDefault(provider => provider.Id == asker.Id) ?? asker;
                return KademliaAnswer.Peers([]);
            case KademliaRequest.GetValue get:
                return new(Closest(get.Key, k, asker), Records.GetValueOrDefault(get.Key), []);
            case KademliaRequest.GetProviders get:
                return new(Closest(get.Key, k, asker), null, [.. Held(get.Key).Values]);
            case KademliaRequest.FindNode find:
                return KademliaAnswer.Peers(Closest(find.Key, k, asker));
            default:
                throw new InvalidOperationException($"no answer to {request}");
        }
    }

    private Dictionary<PeerId, KademliaPeer> Held(Payload key) =>
        Providers.TryGetValue(key, out var held) ? held : Providers[key] = [];

    private ImmutableArray<KademliaPeer> Closest(Payload key, int k, KademliaPeer asker) =>
        Table.Closest(KademliaKey.Of(key.Span), k, asker.Id);
}
