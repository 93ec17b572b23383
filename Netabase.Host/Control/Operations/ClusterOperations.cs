using System.Text.Json;
using System.Text.Json.Serialization;
using Netabase.Multiformats;

namespace Netabase.Host.Control.Operations;

/// <summary>A group of consensus as the node sees it.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Ballot">The number of the leader's ballot.</param>
/// <param name="Chosen">The last slot known to be chosen without a gap.</param>
/// <param name="Applied">The last slot applied here.</param>
/// <param name="Configuration">The number of the newest configuration known here.</param>
/// <param name="Life">The name of this node's disk.</param>
/// <param name="Members">Who is in it.</param>
/// <param name="Leader">Who leads; null while no leader is heard of.</param>
/// <param name="Stopped">Why it does not go on here; null when it does.</param>
internal sealed record GroupItem(
    string Group, ulong Ballot, ulong Chosen, ulong Applied, ulong Configuration, string Life, MemberItem[] Members, string? Leader = null, string? Stopped = null);

/// <summary>A member of a group.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Role"><c>leader</c>, <c>voter</c> or <c>learner</c>.</param>
/// <param name="Connected">Whether the node has a stream to it.</param>
/// <param name="Life">The name of its disk.</param>
internal sealed record MemberItem(string Peer, string Role, bool Connected, string Life);

/// <summary>The end of a list of groups.</summary>
internal sealed record GroupsDone(int Groups);

/// <summary>A step of a group's members.</summary>
/// <param name="Step"><c>add</c>, <c>promote</c> or <c>remove</c>.</param>
/// <param name="Peer">Whom.</param>
/// <param name="Group">The group; null for the only one.</param>
/// <param name="Incarnation">The life of its disk, for <c>add</c>.</param>
/// <param name="Id">The operation's name, for a retry.</param>
internal sealed record ChangeArgs(string Step, string Peer, string? Group = null, int Incarnation = 0, string? Id = null);

/// <summary>Who shall lead.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Group">The group; null for the only one.</param>
internal sealed record TransferArgs(string Peer, string? Group = null);

/// <summary>Which slots.</summary>
/// <param name="From">The first.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Group">The group; null for the only one.</param>
internal sealed record LogArgs(ulong From, int Limit, string? Group = null);

/// <summary>A slot of the log that the node holds.</summary>
internal sealed record SlotItem(ulong Slot, ulong Ballot, bool Chosen, string Kind, int Commands, int Bytes, string Digest, long StampedAt);

/// <summary>The end of a log's slots.</summary>
internal sealed record SlotsDone(int Slots);

internal sealed class GroupsOperation() : ControlOperation<Nothing, GroupsDone>("groups", SharedJson.Default.Nothing, ClusterJson.Default.GroupsDone)
{
    protected override async Task<GroupsDone> RunAsync(Nothing args, ControlCall call, CancellationToken cancellation)
    {
        var groups = await call.Node.GetGroupsAsync(cancellation).ConfigureAwait(false);
        foreach (var group in groups)
        {
            await call.SendAsync(
                new GroupItem(
                    group.Name,
                    group.Ballot,
                    group.ChosenThrough,
                    group.AppliedThrough,
                    group.Configuration,
                    group.Life,
                    [.. group.Members.Select(member => new MemberItem(
                        member.Peer.ToString(),
                        member.Peer == group.Leader ? "leader" : member.IsVoter ? "voter" : "learner",
                        member.IsConnected,
                        member.Life))],
                    group.Leader?.ToString(),
                    group.Stopped),
                ClusterJson.Default.GroupItem).ConfigureAwait(false);
        }

        return new GroupsDone(groups.Length);
    }
}

internal sealed class ChangeOperation() : ControlOperation<ChangeArgs, CommitDone>("change-members", ClusterJson.Default.ChangeArgs, CommitJson.Default.CommitDone)
{
    protected override async Task<CommitDone> RunAsync(ChangeArgs args, ControlCall call, CancellationToken cancellation)
    {
        var peer = Cluster.ReadPeer(args.Peer);
        MemberStep step = args.Step switch
        {
            "add" => new MemberStep.Add(peer, args.Incarnation),
            "promote" => new MemberStep.Promote(peer),
            "remove" => new MemberStep.Remove(peer),
            _ => throw new ControlException(ControlErrorCode.Malformed, $"{args.Step} is no step: add, promote and remove are."),
        };
        var group = await Cluster.FindAsync(call, args.Group, cancellation).ConfigureAwait(false);
        return CommitDone.Of(await call.Node.ChangeMembersAsync(group, step, CommitDone.ReadId(args.Id), cancellation).ConfigureAwait(false));
    }
}

internal sealed class TransferOperation() : ControlOperation<TransferArgs, Nothing>("transfer", ClusterJson.Default.TransferArgs, SharedJson.Default.Nothing)
{
    protected override async Task<Nothing> RunAsync(TransferArgs args, ControlCall call, CancellationToken cancellation)
    {
        var group = await Cluster.FindAsync(call, args.Group, cancellation).ConfigureAwait(false);
        return await call.Node.TransferLeadershipAsync(group, Cluster.ReadPeer(args.Peer), cancellation).ConfigureAwait(false)
            ? Nothing.Instance
            : throw ControlException.Refused(RefusalReason.NotAllowed, "It is no voter, or did not come to lead in time: 'netabase cluster members' and 'cluster status' tell which.");
    }
}

internal sealed class LogOperation() : ControlOperation<LogArgs, SlotsDone>("log", ClusterJson.Default.LogArgs, ClusterJson.Default.SlotsDone)
{
    protected override async Task<SlotsDone> RunAsync(LogArgs args, ControlCall call, CancellationToken cancellation)
    {
        if (args.Limit is < 1 or > 1000)
        {
            throw new ControlException(ControlErrorCode.Malformed, $"{args.Limit} is no limit: 1 to 1000 are.");
        }

        var group = await Cluster.FindAsync(call, args.Group, cancellation).ConfigureAwait(false);
        var slots = await call.Node.GetLogAsync(group, args.From, args.Limit, cancellation).ConfigureAwait(false);
        foreach (var slot in slots)
        {
            await call.SendAsync(
                new SlotItem(slot.Slot, slot.Ballot, slot.IsChosen, slot.Kind, slot.Commands, slot.Bytes, slot.Digest, slot.StampedAt),
                ClusterJson.Default.SlotItem).ConfigureAwait(false);
        }

        return new SlotsDone(slots.Length);
    }
}

/// <summary>What the operations on groups share.</summary>
internal static class Cluster
{
    public static PeerId ReadPeer(string text) => PeerId.TryParse(text, out var peer)
        ? peer
        : throw new ControlException(ControlErrorCode.Malformed, $"{text} is no peer id.");

    /// <summary>The group of that name, or the only one.</summary>
    public static async Task<string> FindAsync(ControlCall call, string? name, CancellationToken cancellation)
    {
        var groups = await call.Node.GetGroupsAsync(cancellation).ConfigureAwait(false);
        if (name is null)
        {
            return groups is [var only]
                ? only.Name
                : throw new ControlException(ControlErrorCode.Malformed, groups.IsEmpty ? "The node is in no group (netabase.paxos.groups)." : "The node is in several groups; say which with --group.");
        }

        return groups.Any(group => group.Name == name)
            ? name
            : throw new ControlException(ControlErrorCode.Malformed, $"The node is in no group {name}.");
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GroupItem))]
[JsonSerializable(typeof(GroupsDone))]
[JsonSerializable(typeof(ChangeArgs))]
[JsonSerializable(typeof(TransferArgs))]
[JsonSerializable(typeof(LogArgs))]
[JsonSerializable(typeof(SlotItem))]
[JsonSerializable(typeof(SlotsDone))]
internal sealed partial class ClusterJson : JsonSerializerContext;
