using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>A query on its way: what an actor does with it, in virtual time.</summary>
internal sealed class RunningQuery(SimulatedNetwork network, SimulatedNode owner, IKademliaQuery query, long deadline, Action? whenDone)
{
    private long _wakeAt = long.MaxValue;

    public SimulatedNode Owner => owner;

    public IKademliaQuery Query => query;

    public bool IsDone { get; private set; }

    public int Messages { get; private set; }

    public long Began { get; } = network.Now;

    public long Took { get; private set; }

    public void Advance()
    {
        while (!IsDone)
        {
            var step = owner.IsAlive && network.Now < deadline ? query.Next(network.Now) : new QueryStep.Done();
            switch (step)
            {
                case QueryStep.Send send:
                    Messages++;
                    network.Deliver(this, send);
                    break;
                case QueryStep.Wait wait:
                    WakeAt(Math.Min(wait.Until, deadline));
                    return;
                default:
                    IsDone = true;
                    Took = network.Now - Began;
                    if (owner.IsAlive)
                    {
                        whenDone?.Invoke();
                    }

                    return;
            }
        }
    }

    private void WakeAt(long at)
    {
        if (at >= _wakeAt)
        {
            return;
        }

        _wakeAt = at;
        network.At(at, () =>
        {
            if (_wakeAt == at)
            {
                _wakeAt = long.MaxValue;
                Advance();
            }
        });
    }
}
