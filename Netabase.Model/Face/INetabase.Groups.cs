using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <content>The replicated logs that this node takes part in, for those who run them.</content>
public partial interface INetabase
{
    /// <summary>The groups of this node, as it sees them.</summary>
    ValueTask<ImmutableArray<GroupStatus>> GetGroupsAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Changes a group's members by one step, through its log. The next one waits until this one governs. A new member is added as a
    /// learner, catches up, and is promoted; who lost its disk is removed and added with the next incarnation.
    /// </summary>
    /// <param name="group">The group's name.</param>
    /// <param name="step">The step.</param>
    /// <param name="id">Names the operation, so that a retry has no second effect; null for a new one.</param>
    /// <param name="cancellation">Ends the wait; the operation goes on.</param>
    ValueTask<ConsensusResult> ChangeMembersAsync(string group, MemberStep step, OperationId? id = null, CancellationToken cancellation = default);

    /// <summary>Asks the leader, whichever member that is, to let another voter lead, and waits until it does.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="to">Who shall lead.</param>
    /// <param name="cancellation">Ends the wait; the wish stays until the call's time is over.</param>
    /// <returns>False when the other one is no voter (nothing was asked then), or is not followed by this node before the call's time is over.</returns>
    ValueTask<bool> TransferLeadershipAsync(string group, PeerId to, CancellationToken cancellation = default);

    /// <summary>What this node has voted for and still holds, in the order of the log.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="from">The first slot, or 0.</param>
    /// <param name="limit">At most so many slots, 1 to 1000.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<ImmutableArray<GroupSlot>> GetLogAsync(string group, ulong from, int limit, CancellationToken cancellation = default);
}

/// <summary>A group as one node sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Life">The name of this node's disk in it.</param>
/// <param name="Leader">Who leads, or null while no leader is heard of.</param>
/// <param name="Ballot">The number of the leader's ballot.</param>
/// <param name="ChosenThrough">The last slot known to be chosen without a gap.</param>
/// <param name="AppliedThrough">The last slot applied here.</param>
/// <param name="Configuration">The number of the newest configuration known here.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="Stopped">Why the group does not go on on this node, or null.</param>
public sealed record GroupStatus(
    string Name,
    string Life,
    PeerId? Leader,
    ulong Ballot,
    ulong ChosenThrough,
    ulong AppliedThrough,
    ulong Configuration,
    ImmutableArray<GroupMemberStatus> Members,
    string? Stopped);

/// <summary>A member of a group.</summary>
/// <param name="Peer">Where it is.</param>
/// <param name="Life">The name of its disk.</param>
/// <param name="IsVoter">Whether it votes; a learner is only told.</param>
/// <param name="IsConnected">Whether this node has a stream to it.</param>
public sealed record GroupMemberStatus(PeerId Peer, string Life, bool IsVoter, bool IsConnected);

/// <summary>One step from a group's members to the next.</summary>
public abstract record MemberStep
{
    private MemberStep()
    {
    }

    /// <summary>A node is told of everything, and does not vote yet.</summary>
    /// <param name="Peer">Who.</param>
    /// <param name="Incarnation">The life of its disk, as its own configuration says.</param>
    public sealed record Add(PeerId Peer, int Incarnation = 0) : MemberStep;

    /// <summary>A learner votes from now on.</summary>
    public sealed record Promote(PeerId Peer) : MemberStep;

    /// <summary>A voter or learner leaves; this life of it never comes back.</summary>
    public sealed record Remove(PeerId Peer) : MemberStep;
}

/// <summary>A slot of a group's log.</summary>
/// <param name="Slot">Its number.</param>
/// <param name="Ballot">The number of the ballot voted in.</param>
/// <param name="IsChosen">Whether this node knows that the value is chosen.</param>
/// <param name="Kind"><c>no-op</c>, <c>commands</c> or <c>change</c>.</param>
/// <param name="Commands">How many.</param>
/// <param name="Bytes">Of the whole.</param>
/// <param name="Digest">Its SHA-256, lower-case hexadecimal.</param>
/// <param name="StampedAt">When its leader took it, unix milliseconds.</param>
public sealed record GroupSlot(ulong Slot, ulong Ballot, bool IsChosen, string Kind, int Commands, int Bytes, string Digest, long StampedAt);
