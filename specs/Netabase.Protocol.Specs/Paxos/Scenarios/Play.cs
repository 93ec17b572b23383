using System.Collections.Immutable;
using System.Text;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Scenarios;

/// <summary>The stage: nodes, the lines between them, time that passes only when the play says so, and what clients were told.</summary>
internal sealed class Play
{
    private readonly Queue<Action> _next = new();
    private readonly List<(string Kind, string From, string To, bool IsHeld)> _stops = [];
    private readonly HashSet<(string From, string To)> _cuts = [];
    private readonly List<Action> _held = [];
    private readonly Dictionary<Slot, (Digest Digest, string Node)> _chosen = [];
    private readonly Dictionary<CommandId, string> _texts = [];

    public Play(ImmutableArray<string> names, PaxosSettings settings, int window, bool hasElectors)
    {
        Settings = settings;
        HasElectors = hasElectors;
        Founded = Membership.Founded([.. names.Select(name => PaxosSamples.MemberOf(IdOf(name)))], window);
        foreach (var name in names)
        {
            Add(name);
        }

        Run();
    }

    public PaxosSettings Settings { get; }

    public Membership Founded { get; }

    public bool HasElectors { get; }

    public long Now { get; private set; } = 10_000;

    public Dictionary<string, PlayNode> Nodes { get; } = [];

    /// <summary>What became of commands, by their text.</summary>
    public Dictionary<string, CommandAnswer> Answers { get; } = [];

    /// <summary>What readers saw, by the read's name; null when it failed.</summary>
    public Dictionary<string, string?> Reads { get; } = [];

    public static NodeId IdOf(string name) => new((UInt128)(name[0] - 'A' + 1));

    public void Add(string name)
    {
        Nodes[name] = new PlayNode(this, name, IdOf(name));
        Nodes[name].Start();
    }

    public void Later(Action action) => _next.Enqueue(action);

    /// <summary>Everything that needs no time.</summary>
    public void Run()
    {
        for (var steps = 0; _next.TryDequeue(out var action); steps++)
        {
            Assert.True(steps < 100_000, "the play does not come to rest");
            action();
        }
    }

    /// <summary>Time passes, and whoever wanted to be woken is.</summary>
    public void Wait(long time)
    {
        var until = Now + time;
        for (var ticks = 0; Nodes.Values.Where(node => node.WakeAt <= until).MinBy(node => node.WakeAt) is { } node; ticks++)
        {
            Assert.True(ticks < 100_000, $"{node.Name} never sleeps");
            Now = Math.Max(Now, node.WakeAt!.Value);
            node.Tick();
            Run();
        }

        Now = until;
    }

    public void Cut(string from, string to) => _cuts.Add((from, to));

    public void Stop(string kind, string from, string to, bool isHeld) => _stops.Add((kind, from, to, isHeld));

    public void Mend()
    {
        _cuts.Clear();
        _stops.Clear();
    }

    public void Mend(string one, string other)
    {
        _cuts.Remove((one, other));
        _cuts.Remove((other, one));
    }

    /// <summary>What was held arrives, late.</summary>
    public void Release()
    {
        _stops.RemoveAll(stop => stop.IsHeld);
        foreach (var held in _held)
        {
            _next.Enqueue(held);
        }

        _held.Clear();
    }

    public void Send(PlayNode from, Outgoing outgoing)
    {
        var to = Nodes.Values.FirstOrDefault(node => node.Id == outgoing.To);
        if (to is null || _cuts.Contains((from.Name, to.Name)))
        {
            return;
        }

        void Deliver() => to.Receive(from.Id, outgoing.Message);
        var kind = outgoing.Message.GetType().Name;
        foreach (var stop in _stops)
        {
            if (stop.Kind == kind && (stop.From == "*" || stop.From == from.Name) && (stop.To == "*" || stop.To == to.Name))
            {
                if (stop.IsHeld)
                {
                    _held.Add(Deliver);
                }

                return;
            }
        }

        Later(Deliver);
    }

    public void Put(string node, string text, bool isRetry, bool isChange = false, MembershipChange? change = null)
    {
        var id = IdOf(text, change);
        var body = change?.Write() ?? new Payload(Encoding.UTF8.GetBytes(text));
        Answers.Remove(text);
        Nodes[node].Step(Part.Gateway, new PaxosInput.Submit(new Command(id, 0, body), isChange, Now + 4000, isRetry));
    }

    public void Read(string node, string name, ReadKind kind)
    {
        Reads.Remove(name);
        Nodes[node].Step(Part.Gateway, new PaxosInput.Read(ulong.Parse(name[1..]), kind, Now + 4000));
    }

    public void Answered(PlayNode node, ImmutableArray<CommandAnswer> answers, ImmutableArray<ReadAnswer> reads)
    {
        foreach (var answer in answers)
        {
            Answers[_texts[answer.Id]] = answer;
        }

        foreach (var read in reads)
        {
            Reads["r" + read.Read] = read is ReadAnswer.Ready ? string.Join(' ', node.State) : null;
        }
    }

    /// <summary>The one law of every play: a slot has one value.</summary>
    public void Chose(PlayNode node, Delivery delivery)
    {
        if (!_chosen.TryAdd(delivery.Slot, (delivery.Batch.Digest, node.Name)))
        {
            var (digest, other) = _chosen[delivery.Slot];
            Assert.True(digest == delivery.Batch.Digest, $"{node.Name} and {other} have different values in slot {delivery.Slot}");
        }
    }

    private CommandId IdOf(string text, MembershipChange? change)
    {
        foreach (var (id, known) in _texts)
        {
            if (known == text && change is null)
            {
                return id;
            }
        }

        var fresh = new CommandId(PaxosSamples.Client(Now, _texts.Count + 1), 1);
        _texts[fresh] = text;
        return fresh;
    }
}
