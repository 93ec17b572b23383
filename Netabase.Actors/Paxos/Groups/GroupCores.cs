using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>What a core's life begins with.</summary>
/// <param name="Self">This node.</param>
/// <param name="Settings">The group's times and bounds.</param>
/// <param name="Seed">Chance: another one for every life.</param>
/// <param name="Now">The owner's clock.</param>
internal readonly record struct CoreBirth(NodeId Self, PaxosSettings Settings, ulong Seed, long Now);

/// <summary>Makes the cores of the parts: one a life. The acceptor's is made by its actor, from the journal.</summary>
internal sealed record GroupCores(
    Func<CoreBirth, IPaxosCore> Proposer,
    Func<CoreBirth, AppliedState, IPaxosCore> Learner,
    Func<CoreBirth, IPaxosCore> Elector,
    Func<CoreBirth, IPaxosCore> CatchUp,
    Func<CoreBirth, IPaxosCore> Gateway)
{
    /// <summary>Those of <c>Netabase.Protocol.Paxos</c>.</summary>
    public static GroupCores Standard { get; } = new(
        birth => new Proposer(birth.Self, birth.Settings, birth.Seed),
        (birth, applied) => new Learner(birth.Self, applied, birth.Settings),
        birth => new Elector(birth.Self, birth.Settings, birth.Seed),
        birth => new CatchUp(birth.Self, birth.Settings),
        birth => new Gateway(birth.Self, birth.Settings, birth.Seed));
}
