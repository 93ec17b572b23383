using System.CommandLine;
using System.Globalization;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase cluster</c>: the groups of consensus that the node is in.</summary>
internal static class ClusterCommand
{
    private static readonly Argument<string> Peer = new("PEER") { Description = "The member's peer id." };

    private static readonly Option<string?> Group = new("--group") { Description = "The group, where the node is in several.", HelpName = "NAME" };

    private static readonly Option<int> Incarnation = new("--incarnation") { Description = "The life of its disk, as its own configuration says.", HelpName = "N" };

    private static readonly Option<string?> Id = CasCommand.IdOption();

    private static readonly Option<ulong> From = new("--from") { Description = "The first slot.", HelpName = "SLOT" };

    private static readonly Option<int> Limit = new("--limit") { Description = "At most so many slots, 1 to 1000.", HelpName = "N", DefaultValueFactory = _ => 100 };

    public static Command Create() => new("cluster", "Look at the node's groups of consensus, and change who is in them.")
    {
        Asking.Command("status", "Show who leads, and how far the log is chosen and applied.", (request, cancellation) => ListAsync(request, ShowStatus, cancellation)),
        Asking.Command("members", "Show who is in the groups.", (request, cancellation) => ListAsync(request, ShowMembers, cancellation)),
        Asking.Command("add", "Add a node as a learner: it is told everything and does not vote.", (request, cancellation) => ChangeAsync(request, "add", cancellation), Peer, Group, Incarnation, Id),
        Asking.Command("promote", "Let a learner vote, once it has caught up.", (request, cancellation) => ChangeAsync(request, "promote", cancellation), Peer, Group, Id),
        Asking.Command("remove", "Remove a member for ever.", (request, cancellation) => ChangeAsync(request, "remove", cancellation), Peer, Group, Id),
        Asking.Command("transfer", "Let another voter lead, whoever leads now.", TransferAsync, Peer, Group),
        Asking.Command("log", "Show the slots of the log that the node holds.", LogAsync, From, Limit, Group),
    };

    private static async Task<int> ListAsync(Request request, Action<GroupItem> show, CancellationToken cancellation)
    {
        var groups = await request.ListAsync("groups", Nothing.Instance, SharedJson.Default.Nothing, ClusterJson.Default.GroupItem, show, cancellation).ConfigureAwait(false);
        if (groups > 0)
        {
            return ExitCode.Done;
        }

        await Console.Error.WriteLineAsync("The node is in no group (netabase.paxos.groups).").ConfigureAwait(false);
        return ExitCode.NotDone;
    }

    private static async Task<int> ChangeAsync(Request request, string step, CancellationToken cancellation)
    {
        var args = new ChangeArgs(
            step,
            request.Parsed.GetRequiredValue(Peer),
            request.Parsed.GetValue(Group),
            step == "add" ? request.Parsed.GetValue(Incarnation) : 0,
            request.Parsed.GetValue(Id));
        return CasCommand.Tell(
            request,
            await request.AskAsync("change-members", args, ClusterJson.Default.ChangeArgs, CommitJson.Default.CommitDone, cancellation).ConfigureAwait(false));
    }

    private static async Task<int> TransferAsync(Request request, CancellationToken cancellation)
    {
        var args = new TransferArgs(request.Parsed.GetRequiredValue(Peer), request.Parsed.GetValue(Group));
        var done = await request.AskAsync("transfer", args, ClusterJson.Default.TransferArgs, SharedJson.Default.Nothing, cancellation).ConfigureAwait(false);
        request.Show(done, SharedJson.Default.Nothing, _ => Console.Out.WriteLine("It leads."));
        return ExitCode.Done;
    }

    private static async Task<int> LogAsync(Request request, CancellationToken cancellation)
    {
        var args = new LogArgs(request.Parsed.GetValue(From), request.Parsed.GetValue(Limit), request.Parsed.GetValue(Group));
        await request.ListAsync("log", args, ClusterJson.Default.LogArgs, ClusterJson.Default.SlotItem, ShowSlot, cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void ShowStatus(GroupItem group) => Console.Out.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{group.Group}: {(group.Stopped is { } why ? $"stopped here: {why}" : group.Leader is { } leader ? $"led by {leader} in ballot {group.Ballot}" : "no leader")}, chosen through {group.Chosen}, applied through {group.Applied}, {group.Members.Count(member => member.Role != "learner")} voters, configuration {group.Configuration}"));

    private static void ShowMembers(GroupItem group)
    {
        foreach (var member in group.Members)
        {
            Console.Out.WriteLine($"{group.Group}  {member.Peer}  {member.Role,-7}  {(member.Connected ? "connected" : "away"),-9}  {member.Life}");
        }
    }

    private static void ShowSlot(SlotItem slot) => Console.Out.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{slot.Slot,10}  ballot {slot.Ballot,-6}  {(slot.Chosen ? "chosen" : "voted"),-6}  {slot.Kind,-8}  {slot.Commands,5} commands  {slot.Bytes,8} bytes  {slot.Digest[..16]}"));
}
