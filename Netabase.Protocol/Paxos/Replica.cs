using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// The six parts in one owner's hands: every input is stepped, and then what the parts tell each other and send to their own node
/// until nothing is left. A part can be given a new life alone.
/// </summary>
public sealed class Replica
{
    private readonly NodeId _self;
    private readonly IPaxosCore[] _parts = new IPaxosCore[6];
    private readonly long?[] _wakeAt = new long?[6];
    private readonly Queue<Told> _told = new();
    private readonly List<Ready> _left = [];

    /// <summary>Puts six parts together; tell each <see cref="PaxosInput.Started"/> with <see cref="Start"/>.</summary>
    public Replica(
        NodeId self, IPaxosCore acceptor, IPaxosCore proposer, IPaxosCore learner, IPaxosCore elector, IPaxosCore catchUp, IPaxosCore gateway)
    {
        _self = self;
        _parts[(int)Part.Acceptor] = acceptor;
        _parts[(int)Part.Proposer] = proposer;
        _parts[(int)Part.Learner] = learner;
        _parts[(int)Part.Elector] = elector;
        _parts[(int)Part.CatchUp] = catchUp;
        _parts[(int)Part.Gateway] = gateway;
    }

    /// <summary>When to tick next, or null.</summary>
    public long? WakeAt => _wakeAt.Min();

    /// <summary>Begins the life of every part.</summary>
    public ImmutableArray<Ready> Start(long now)
    {
        for (var part = Part.Acceptor; part <= Part.Gateway; part++)
        {
            _told.Enqueue(new Told(part, new PaxosInput.Started()));
        }

        return Run(now);
    }

    /// <summary>Gives one part a new life.</summary>
    public ImmutableArray<Ready> Restart(Part part, IPaxosCore core, long now)
    {
        _parts[(int)part] = core;
        return Step(part, new PaxosInput.Started(), now);
    }

    /// <summary>A message for this node.</summary>
    public ImmutableArray<Ready> Receive(NodeId from, PaxosMessage message, long now) =>
        Step(Routing.PartOf(message), new PaxosInput.Received(from, message), now);

    /// <summary>Time has passed.</summary>
    public ImmutableArray<Ready> Tick(long now)
    {
        for (var part = Part.Acceptor; part <= Part.Gateway; part++)
        {
            if (_wakeAt[(int)part] <= now)
            {
                _wakeAt[(int)part] = null;
                _told.Enqueue(new Told(part, new PaxosInput.Tick()));
            }
        }

        return Run(now);
    }

    /// <summary>An input for one part.</summary>
    /// <returns>What is left for the owner, in order; <see cref="Ready.Tell"/> is done, and messages to this node among those that may leave now.</returns>
    public ImmutableArray<Ready> Step(Part part, PaxosInput input, long now)
    {
        _told.Enqueue(new Told(part, input));
        return Run(now);
    }

    private ImmutableArray<Ready> Run(long now)
    {
        while (_told.TryDequeue(out var told))
        {
            var ready = _parts[(int)told.To].Step(told.Input, now);
            _wakeAt[(int)told.To] = ready.WakeAt ?? _wakeAt[(int)told.To];
            foreach (var next in ready.Tell)
            {
                _told.Enqueue(next);
            }

            foreach (var outgoing in ready.SendNow)
            {
                if (outgoing.To == _self)
                {
                    _told.Enqueue(new Told(Routing.PartOf(outgoing.Message), new PaxosInput.Received(_self, outgoing.Message)));
                }
            }

            _left.Add(ready);
        }

        var left = _left.ToImmutableArray();
        _left.Clear();
        return left;
    }
}
