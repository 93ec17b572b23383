using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>
/// A network of real cores in virtual time: messages are delayed and lost, nodes come and go, some lie. One seed, one run.
/// </summary>
internal sealed class SimulatedNetwork
{
    private const long QueryTimeout = 60 * SimulationRules.Second;
    private const int Introductions = 3;

    // Wall time in records, so that clocks and expiries are of true size.
    private const long Epoch = 1_800_000_000_000;

    private readonly Dictionary<PeerId, SimulatedNode> _byId = [];
    private readonly PriorityQueue<Action, Moment> _agenda = new();
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Liars _liars;
    private long _order;

    public SimulatedNetwork(SplitMix64 random, SimulationRules rules)
    {
        (Random, Rules) = (random, rules);
        Signatures = new SimulatedSignatures(random.Next());
        Judge = new RecordJudge([new NetabaseRecordValidator(new SimulatedModels(), Signatures, rules.Records)]);
        _liars = new Liars(this);
    }

    public SplitMix64 Random { get; }

    public SimulationRules Rules { get; }

    public SimulatedSignatures Signatures { get; }

    public RecordJudge Judge { get; }

    public long Now { get; private set; } = Epoch;

    /// <summary>Requests sent so far.</summary>
    public long Messages { get; private set; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>A network of nodes that joined one after the other, and had time to look around.</summary>
    public static SimulatedNetwork Grown(SplitMix64 random, SimulationRules rules, int size, Func<int, Conduct>? conduct = null)
    {
        var network = new SimulatedNetwork(random, rules);
        for (var i = 0; i < size; i++)
        {
            network.Join(i < SimulationRules.K ? Conduct.Honest : conduct?.Invoke(i) ?? Conduct.Honest);
            network.RunFor(500);
        }

        network.RunFor(2 * SimulationRules.Minute);
        return network;
    }

    public SimulatedNode Join(Conduct conduct = Conduct.Honest)
    {
        var node = new SimulatedNode(this, Peers.Random(Random), conduct);
        Introduce(node);
        _byId.Add(node.Self.Id, node);
        _nodes.Add(node);
        node.Tick();
        return node;
    }

    /// <summary>Tells a node of a few others, as its configuration does.</summary>
    public void Introduce(SimulatedNode node)
    {
        for (int found = 0, tries = 0; found < Introductions && tries < 50 && _nodes.Count > 0; tries++)
        {
            var other = _nodes[Random.Below(_nodes.Count)];
            if (other != node && other.Conduct == Conduct.Honest)
            {
                node.Tell(node.Admission.OnAnswered(other.Self, Now));
                found++;
            }
        }
    }

    /// <summary>A node goes without a word.</summary>
    public void Kill(SimulatedNode node)
    {
        node.IsAlive = false;
        _byId.Remove(node.Self.Id);
        var at = _nodes.IndexOf(node);
        _nodes[at] = _nodes[^1];
        _nodes.RemoveAt(_nodes.Count - 1);
    }

    /// <summary>From now on a share of the nodes is replaced every hour, one at a time.</summary>
    public void Churn(double sharePerHour, Func<SimulatedNode, bool> spared)
    {
        At(Now + (long)(SimulationRules.Hour / (sharePerHour * _nodes.Count)), () =>
        {
            var victim = _nodes[Random.Below(_nodes.Count)];
            if (!spared(victim))
            {
                Kill(victim);
                Join(victim.Conduct);
            }

            Churn(sharePerHour, spared);
        });
    }

    public SimulatedNode Any(Conduct conduct = Conduct.Honest)
    {
        while (true)
        {
            var node = _nodes[Random.Below(_nodes.Count)];
            if (node.Conduct == conduct)
            {
                return node;
            }
        }
    }

    public void At(long when, Action what) => _agenda.Enqueue(what, new Moment(when, _order++));

    public void RunFor(long milliseconds)
    {
        var until = Now + milliseconds;
        while (_agenda.TryPeek(out _, out var next) && next.At <= until)
        {
            Step();
        }

        Now = until;
    }

    /// <summary>Runs until a query is over, and whatever else happens meanwhile.</summary>
    public RunningQuery Run(SimulatedNode owner, IKademliaQuery query)
    {
        var running = Start(owner, query);
        while (!running.IsDone)
        {
            Step();
        }

        return running;
    }

    public RunningQuery Start(SimulatedNode owner, IKademliaQuery query, Action? whenDone = null)
    {
        var running = new RunningQuery(this, owner, query, Now + QueryTimeout, whenDone);
        running.Advance();
        return running;
    }

    public Lookup Lookup(SimulatedNode from, Payload key, LookupBounds bounds)
    {
        var target = KademliaKey.Of(key.Span);
        from.Schedules.LookedInto(target, Now);
        return new Lookup(target, from.Self.Id, from.Table.Closest(target, bounds.CloserMax), bounds);
    }

    public FindNodeQuery Search(SimulatedNode from, Payload key, LookupBounds bounds) => new(key, Lookup(from, key, bounds));

    public ReplicateQuery PutOf(SimulatedNode from, DhtRecord record) =>
        new(Search(from, record.Key, Rules.Search), new KademliaRequest.PutValue(record.Carried), Rules.Replicas);

    public ReplicateQuery Announce(SimulatedNode from, Payload key) =>
        new(Search(from, key, Rules.Search), new KademliaRequest.AddProvider(key, [from.Self]), Rules.Replicas);

    public GetValueQuery GetOf(SimulatedNode from, Payload key, int quorum = 1, LookupBounds? bounds = null) =>
        new(key, Lookup(from, key, bounds ?? Rules.Find), Judge, quorum);

    public DhtRecord Seal(SimulatedNode publisher, byte[] value, long timeToLive, long ahead = 0) =>
        SimulatedModels.Seal(Signatures.SignerOf(publisher.Self.Id), value, HybridTimestamp.Create(Now + ahead, 0), Now + timeToLive);

    public void Deliver(RunningQuery running, QueryStep.Send send)
    {
        Messages++;
        var asker = running.Owner;
        if (!_byId.TryGetValue(send.To.Id, out var asked) || !asked.IsServer)
        {
            At(Now + 100 + Random.Below(Rules.DialTimeout), () => Fail(running, send.To.Id));
            return;
        }

        if (asked.Conduct == Conduct.Silent || Random.Chance(Rules.Loss))
        {
            return;
        }

        At(Now + Delay(), () =>
        {
            if (!asked.IsAlive)
            {
                At(Now + Delay(), () => Fail(running, asked.Self.Id));
            }
            else if (asked.Conduct == Conduct.Honest)
            {
                asked.Serve(asker, send.Request, answer => Reply(running, asked, answer));
            }
            else
            {
                Reply(running, asked, _liars.Answer(asked, send.Request));
            }
        });
    }

    private void Reply(RunningQuery running, SimulatedNode asked, KademliaAnswer? answer) => At(Now + Delay(), () =>
    {
        if (answer is null)
        {
            Fail(running, asked.Self.Id);
            return;
        }

        running.Owner.Tell(running.Owner.Admission.OnAnswered(asked.Self, Now));
        running.Query.OnAnswer(asked.Self.Id, answer, Now);
        running.Advance();
    });

    private void Fail(RunningQuery running, PeerId peer)
    {
        running.Owner.Tell(running.Owner.Admission.OnFailed(peer, Now));
        running.Query.OnFailure(peer, Now);
        running.Advance();
    }

    private void Step()
    {
        if (!_agenda.TryDequeue(out var what, out var moment))
        {
            throw new InvalidOperationException("nothing is left to happen, and a query is not over");
        }

        Now = Math.Max(Now, moment.At);
        what();
    }

    private long Delay() => Rules.DelayMin + Random.Below(Rules.DelayMax - Rules.DelayMin + 1);

    private readonly record struct Moment(long At, long Order) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => At != other.At ? At.CompareTo(other.At) : Order.CompareTo(other.Order);
    }
}
