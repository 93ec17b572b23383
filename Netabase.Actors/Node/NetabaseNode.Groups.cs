using System.Collections.Immutable;
using Netabase.Actors.Paxos;
using Netabase.Actors.Paxos.Groups;
using Netabase.Multiformats;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Node;

/// <content>The replicated logs themselves.</content>
public sealed partial class NetabaseNode
{
    private const int LogEntriesMax = 1000;

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<GroupStatus>> GetGroupsAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return new([.. Running().Groups.Select(StatusOf)]);
    }

    /// <inheritdoc/>
    public IReplicatedLog<TState, TCommand, TResult> ReplicatedLog<TState, TCommand, TResult>(string group)
        where TState : IReplicatedState<TCommand, TResult>
    {
        if (!_setup.States.Any(state => state.Group == group))
        {
            throw new ArgumentException($"No state was plugged in for the group {group}.", nameof(group));
        }

        return new ReplicatedLog<TState, TCommand, TResult>(() => Group(group));
    }

    /// <inheritdoc/>
    public async ValueTask<ConsensusResult> ChangeMembersAsync(string group, MemberStep step, OperationId? id = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var span = NodeSpans.Activities.StartActivity("consensus.change-members").In(group);
        return span.Ended(await ChangeAsync(group, step, id, cancellation).ConfigureAwait(false));
    }

    private async ValueTask<ConsensusResult> ChangeAsync(string group, MemberStep step, OperationId? id, CancellationToken cancellation)
    {
        var found = Group(group);
        if (found.Halted is { } why)
        {
            return new ConsensusResult.Refused(RefusalReason.NotRunning, $"The group {group} has stopped on this node: {why}.");
        }

        // A step is made for the newest membership there is, and any member may be asked: it learns first what the leader knows. Where
        // nobody leads it is made for what is known here, and the log refuses it if that is out of date.
        await found.ReadAsync(new ReadKind.Linearizable()).WaitAsync(cancellation).ConfigureAwait(false);
        var newest = found.Members.Membership.Newest;

        // A retry may be of a step that has taken hold since: the sessions answer it by its name, whatever it says.
        NodeId? whoever = id is null ? null : default(NodeId);
        switch (step)
        {
            case MemberStep.Add add:
                var member = new Member(NodeLife.Derive(group, add.Peer, add.Incarnation), add.Peer.Multihash);
                return await found.ChangeAsync(new MembershipChange.AddLearner(newest.Id, member), id, cancellation).ConfigureAwait(false);
            case MemberStep.Promote promote when (Find(newest.Learners, promote.Peer) ?? whoever) is { } learner:
                return await found.ChangeAsync(new MembershipChange.Promote(newest.Id, learner), id, cancellation).ConfigureAwait(false);
            case MemberStep.Remove remove when (Find(newest.Voters, remove.Peer) ?? Find(newest.Learners, remove.Peer) ?? whoever) is { } gone:
                return await found.ChangeAsync(new MembershipChange.Remove(newest.Id, gone), id, cancellation).ConfigureAwait(false);
            default:
                return new ConsensusResult.Refused(RefusalReason.NotAllowed, "The peer is no such member of the group, as this node knows it.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TransferLeadershipAsync(string group, PeerId to, CancellationToken cancellation = default)
    {
        var found = Group(group);
        return found.Halted is null
            && Find(found.Members.Membership.Newest.Voters, to) is { } target
            && await found.MakeWayAsync(target, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<GroupSlot>> GetLogAsync(string group, ulong from, int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LogEntriesMax);
        var found = Group(group);
        var read = new PaxosProtocol.ReadLog(
            new Slot(from), limit, new TaskCompletionSource<PaxosProtocol.Page>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!found.TellAcceptor(read))
        {
            throw new NetabaseException(RefusalReason.NotRunning, $"The acceptor of {group} is starting, or has stopped.");
        }

        try
        {
            var page = await read.Answer.Task.WaitAsync(found.Settings.CallTimeout, _setup.Time, cancellation).ConfigureAwait(false);
            return [.. page.Votes.Select(vote => EntryOf(vote, vote.Slot <= page.ChosenThrough))];
        }
        catch (TimeoutException late)
        {
            throw new NetabaseException(RefusalReason.StoreBusy, $"The acceptor of {group} did not answer in time.", late);
        }
    }

    private static GroupSlot EntryOf(Vote vote, bool isChosen) => new(
        vote.Slot.Number,
        vote.Ballot.Number,
        isChosen,
        vote.Batch.Kind switch { BatchKind.NoOp => "no-op", BatchKind.Change => "change", _ => "commands" },
        vote.Batch.Count,
        vote.Batch.Bytes.Length,
        vote.Batch.Digest.ToString(),
        vote.Batch.StampedAt);

    private static NodeId? Find(ImmutableArray<Member> members, PeerId peer)
    {
        foreach (var member in members)
        {
            if (member.Peer == peer.Multihash)
            {
                return member.Node;
            }
        }

        return null;
    }

    private static GroupStatus StatusOf(PaxosGroup group)
    {
        var sight = group.Sight;
        var members = group.Members;
        var newest = members.Membership.Newest;
        return new GroupStatus(
            group.Settings.Name,
            group.Self.ToString(),
            sight.Leader.IsNone ? null : members.PeerOf(sight.Leader.Owner),
            sight.Leader.Number,
            sight.ChosenThrough.Number,
            sight.AppliedThrough.Number,
            newest.Id.Number,
            [.. newest.Voters.Select(member => Status(member, true)), .. newest.Learners.Select(member => Status(member, false))],
            group.Halted);

        GroupMemberStatus Status(Member member, bool isVoter)
        {
            var peer = PeerId.FromBytes(member.Peer.Span);
            return new GroupMemberStatus(peer, member.Node.ToString(), isVoter, group.IsConnected(peer));
        }
    }

    /// <summary>A group of the run.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    private PaxosGroup Group(string name) => Running().Groups.FirstOrDefault(group => group.Settings.Name == name)
        ?? throw new ArgumentException($"This node has no group {name} (netabase.paxos.groups).", nameof(name));
}
