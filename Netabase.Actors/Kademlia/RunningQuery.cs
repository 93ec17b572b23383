using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;

namespace Netabase.Actors.Kademlia;

/// <summary>A query under way: the core that decides, what it has asked and not heard of, and whom it is for.</summary>
/// <param name="id">Its name; answers of peers repeat it.</param>
/// <param name="kind">What it is for.</param>
/// <param name="core">Decides.</param>
/// <param name="started">When, on the actor's clock in milliseconds.</param>
/// <param name="until">When it is over at the latest.</param>
/// <param name="command">Whom it is for; null for the node's own.</param>
/// <param name="conclude">What it has come to, given whether it ended in time; told once.</param>
internal sealed class RunningQuery(
    OpId id,
    DhtQueryKind kind,
    IKademliaQuery core,
    long started,
    long until,
    PendingCommand? command,
    Func<bool, NetworkAnswer> conclude)
{
    public OpId Id => id;

    public DhtQueryKind Kind => kind;

    public IKademliaQuery Core => core;

    public long Started => started;

    /// <summary>When it is over at the latest.</summary>
    public long Until => until;

    public PendingCommand? Command => command;

    /// <summary>What was asked of whom and not answered yet.</summary>
    public Dictionary<PeerId, QueryStep.Send> Outstanding { get; } = [];

    /// <summary>Peers that answered.</summary>
    public int Answered { get; set; }

    /// <summary>When it wants to be looked at next.</summary>
    public long WakeAt { get; set; }

    public NetworkAnswer Conclude(bool inTime) => conclude(inTime);
}
