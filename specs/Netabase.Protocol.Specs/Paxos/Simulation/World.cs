using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// Time, chance, the lines between nodes, and the nodes. Everything happens in one order that the seed decides, so the seed is the run.
/// </summary>
internal sealed class World
{
    /// <summary>Node clocks begin here, more or less.</summary>
    public const long Epoch = 1_700_000_000_000;

    /// <summary>Twenty times what a lively run takes: beyond, somebody talks without end.</summary>
    private const long EventsMost = 1_000_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly HashSet<(NodeId From, NodeId To)> _cuts = [];
    private readonly Queue<string> _trace = new();
    private long _order;
    private ulong _names;

    public World(ulong seed)
    {
        Seed = seed;
        Chance = new SplitMix64(seed);
        Trouble = Trouble.Of(Chance);
        Laws = new Laws();
        var founders = Enumerable.Range(0, Trouble.Nodes).Select(_ => Name()).ToArray();
        Founded = Membership.Founded([.. founders.Select(PaxosSamples.MemberOf)], Trouble.Window);
        Laws.Founded(Founded);
        foreach (var founder in founders)
        {
            Add(founder);
        }
    }

    public ulong Seed { get; }

    public SplitMix64 Chance { get; }

    public Trouble Trouble { get; private set; }

    public Laws Laws { get; }

    public Membership Founded { get; }

    public SortedDictionary<NodeId, SimulatedNode> Nodes { get; } = [];

    public long Now { get; private set; }

    /// <summary>Whether things still go wrong.</summary>
    public bool IsCalm { get; private set; }

    public long Events { get; private set; }

    public IEnumerable<string> Trace => _trace;

    public NodeId Name() => new(++_names);

    public SimulatedNode Add(NodeId name)
    {
        var node = new SimulatedNode(this, name);
        Nodes.Add(name, node);
        node.Start();
        return node;
    }

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void After(long delay, Action action) => At(Now + delay, action);

    public void Run(long until, Func<bool>? isEnough = null)
    {
        while (_events.TryPeek(out _, out var next) && next.At <= until && isEnough?.Invoke() is not true)
        {
            var action = _events.Dequeue();
            Now = next.At;
            Laws.Demand(++Events < EventsMost, "the nodes never rest");
            action();
        }

        if (isEnough is null)
        {
            Now = until;
        }
    }

    public void Cut(NodeId from, NodeId to)
    {
        Say($"cut {Short(from)} -> {Short(to)}");
        _cuts.Add((from, to));
    }

    public void Mend()
    {
        Say("mended");
        _cuts.Clear();
    }

    /// <summary>Nothing goes wrong from now on.</summary>
    public void CalmDown()
    {
        Mend();
        IsCalm = true;
        Trouble = Trouble with { Drop = 0, Twice = 0, Straggle = 0, DelayMost = 3 };
    }

    /// <summary>A message is on its way: lost, late, or there more than once. A line that is cut loses what is sent from then on.</summary>
    public void Send(NodeId from, NodeId to, PaxosMessage message)
    {
        if (_cuts.Contains((from, to)) || Chance.Chance(Trouble.Drop))
        {
            return;
        }

        var copies = Chance.Chance(Trouble.Twice) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var delay = 1 + Chance.Below(Trouble.DelayMost);
            delay += Chance.Chance(Trouble.Straggle) ? Chance.Below(800) : 0;
            After(delay, () =>
            {
                if (Nodes.TryGetValue(to, out var node))
                {
                    node.Receive(from, message);
                }
            });
        }
    }

    public static string Short(NodeId node) => "n" + node.Value;

    public void Say(string what)
    {
        if (_trace.Count >= TraceMost)
        {
            _trace.Dequeue();
        }

        _trace.Enqueue($"{Now,6} {what}");
    }

    private static int TraceMost { get; } = int.TryParse(Environment.GetEnvironmentVariable("NETABASE_TRACE"), out var most) ? most : 60;
}
