using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Electors in one room: messages take a millisecond, lines are cut by name, every promise is given at once to who is reached.</summary>
internal sealed class ElectorNet
{
    private readonly Dictionary<NodeId, Elector> _electors = [];
    private readonly Dictionary<NodeId, long> _wakeAt = [];
    private readonly PriorityQueue<(NodeId To, Part Part, PaxosInput Input), (long At, long Order)> _due = new();
    private readonly HashSet<(NodeId, NodeId)> _cut = [];
    private readonly HashSet<NodeId> _dead = [];
    private readonly Membership _membership;
    private long _order;

    public ElectorNet(int nodes, ulong seed)
    {
        Nodes = [.. Enumerable.Range(1, nodes).Select(i => new NodeId((ulong)i))];
        _membership = Membership.Founded([.. Nodes.Select(PaxosSamples.MemberOf)], 4);
        foreach (var node in Nodes)
        {
            Start(node, seed + (ulong)node.Value);
        }
    }

    public NodeId[] Nodes { get; }

    public long Now { get; private set; }

    /// <summary>Every candidacy there was.</summary>
    public List<(long At, Ballot Ballot)> Stood { get; } = [];

    /// <summary>What each node follows.</summary>
    public Dictionary<NodeId, Ballot> Following { get; } = [];

    /// <summary>Facts that were said.</summary>
    public List<PaxosEvent> Events { get; } = [];

    public string? Halted { get; private set; }

    /// <summary>Leads: the highest ballot that its owner follows and a majority of all hears and follows.</summary>
    public Ballot? Leader
    {
        get
        {
            foreach (var node in Nodes)
            {
                var ballot = Following.GetValueOrDefault(node);
                if (!_dead.Contains(node) && ballot.Owner == node && !ballot.IsNone
                    && Nodes.Count(other => Reaches(node, other) && Following.GetValueOrDefault(other) <= ballot) > Nodes.Length / 2)
                {
                    return ballot;
                }
            }

            return null;
        }
    }

    public void Start(NodeId node, ulong seed)
    {
        _dead.Remove(node);
        _electors[node] = new Elector(node, PaxosSamples.Settings, seed);
        Step(node, new PaxosInput.Started());
        Step(node, new PaxosInput.Promised(default));
        Step(node, new PaxosInput.Advanced(Slot.None, Slot.None, _membership));
    }

    public void Kill(NodeId node) => _dead.Add(node);

    public void Cut(int one, int other)
    {
        CutOneWay(one, other);
        CutOneWay(other, one);
    }

    public void CutOneWay(int from, int to) => _cut.Add((Nodes[from - 1], Nodes[to - 1]));

    public void Tell(int node, PaxosInput input) => Step(Nodes[node - 1], input);

    public void Run(long milliseconds)
    {
        for (var end = Now + milliseconds; Now < end; Now++)
        {
            foreach (var node in Nodes.Where(node => _wakeAt.GetValueOrDefault(node, long.MaxValue) <= Now))
            {
                Step(node, new PaxosInput.Tick());
            }

            while (_due.TryPeek(out _, out var due) && due.At <= Now)
            {
                var (to, _, input) = _due.Dequeue();
                Step(to, input);
            }
        }
    }

    private bool Reaches(NodeId from, NodeId to) => from == to || !(_dead.Contains(to) || _cut.Contains((from, to)) || _cut.Contains((to, from)));

    private void Step(NodeId node, PaxosInput input)
    {
        if (_dead.Contains(node))
        {
            return;
        }

        var ready = _electors[node].Step(input, Now);
        _wakeAt[node] = ready.WakeAt ?? _wakeAt.GetValueOrDefault(node, long.MaxValue);
        Halted ??= ready.Halt;
        Events.AddRange(ready.Events);
        foreach (var told in ready.Tell)
        {
            switch (told.Input)
            {
                case PaxosInput.Following following when told.To == Part.Gateway:
                    Following[node] = following.Leader;
                    break;
                case PaxosInput.Stand stand:
                    Stood.Add((Now, stand.Ballot));
                    foreach (var other in Nodes)
                    {
                        Post(node, other, new PaxosInput.Promised(stand.Ballot));
                    }

                    break;
            }
        }

        foreach (var outgoing in ready.SendNow)
        {
            Post(node, outgoing.To, new PaxosInput.Received(node, outgoing.Message));
        }
    }

    private void Post(NodeId from, NodeId to, PaxosInput input)
    {
        if (from == to || (!_dead.Contains(to) && !_cut.Contains((from, to))))
        {
            _due.Enqueue((to, Part.Elector, input), (Now + 1, _order++));
        }
    }
}
