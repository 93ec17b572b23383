using Netabase.Protocol.Kademlia.Scheduling;

namespace Netabase.Protocol.Paxos;

/// <summary>Chance for waiting times, from a seed, so that a run can be replayed.</summary>
internal sealed class Jitter(ulong seed)
{
    private readonly SeededChance _chance = new(seed);

    /// <summary>Where to begin counting questions: answers to an earlier life's must not be taken for answers to this one's.</summary>
    public ulong FirstNumber() => _chance.Next() >> 1;

    /// <summary>Between three quarters of the time and five quarters: nodes that began to wait together do not end together.</summary>
    public long Around(long time) => time - (time / 4) + _chance.Below((time / 2) + 1);
}
