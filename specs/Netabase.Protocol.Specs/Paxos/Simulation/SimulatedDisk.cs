using System.Collections.Immutable;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>An acceptor's journal: a write that is under way when the power goes is there whole, or not at all, and nobody was told.</summary>
internal sealed class SimulatedDisk(World world, SimulatedNode node)
{
    private readonly List<AcceptorWrite> _journal = [];
    private AcceptorWrite? _snapshot;
    private AcceptorWrite? _underWay;
    private long _slowUntil;

    /// <summary>What is on disk.</summary>
    public AcceptorLog Durable { get; private set; } = new();

    /// <summary>A bit fell over, which nobody sees before the journal is read again.</summary>
    public bool IsRotten { get; private set; }

    public void Rot() => IsRotten = true;

    public void SlowDown(long time) => _slowUntil = world.Now + time;

    public void Write(AcceptorWrite write, ImmutableArray<Outgoing> after)
    {
        Laws.Demand(_underWay is null, "one write at a time");
        _underWay = write;
        var life = node.LifeOf(Part.Acceptor);
        var delay = 1 + world.Chance.Below(world.Now < _slowUntil ? 300 : 4);
        world.After(delay, () =>
        {
            if (life != node.LifeOf(Part.Acceptor))
            {
                return;
            }

            Sync();
            foreach (var outgoing in after)
            {
                node.Send(outgoing.To, outgoing.Message);
            }

            node.Tell(Part.Acceptor, new PaxosInput.Persisted(write.WriteSeq));
        });
    }

    /// <summary>What was not synced is lost, torn (which a journal sees by its checksum), or happens to be there.</summary>
    public void Crash()
    {
        if (_underWay is not null && world.Chance.Chance(0.4))
        {
            Sync();
        }

        _underWay = null;
    }

    /// <summary>The journal, read anew.</summary>
    public AcceptorLog Read()
    {
        if (world.Chance.Chance(0.3))
        {
            _snapshot = Durable.Snapshot();
            _journal.Clear();
        }

        var log = _snapshot is { } snapshot ? AcceptorLog.From(snapshot) : new AcceptorLog();
        foreach (var write in _journal)
        {
            log.Take(write);
        }

        return log;
    }

    private void Sync()
    {
        var write = _underWay!;
        _underWay = null;
        var before = Durable.Promised;
        _journal.Add(write);
        Durable.Take(write);
        Laws.Demand(Durable.Promised >= before, "a promise on disk never falls");
        world.Laws.OnDurable(node, write);
    }
}
