using System.Globalization;
using System.Text;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Scenarios;

/// <summary>What a play wants to be seen.</summary>
internal static class PlaySight
{
    public static void See(Play play, string[] words)
    {
        switch (words)
        {
            case [var text, "applied"]:
                Assert.IsType<CommandAnswer.Applied>(AnswerTo(play, text));
                break;
            case [var text, "applied", "in", var slot]:
                Assert.Equal(slot, Assert.IsType<CommandAnswer.Applied>(AnswerTo(play, text)).Slot.ToString());
                break;
            case [var text, "unanswered"]:
                Assert.False(play.Answers.ContainsKey(text) || play.Reads.ContainsKey(text), "it is answered");
                break;
            case [var text, "unknown"]:
                Assert.IsType<CommandAnswer.Unknown>(AnswerTo(play, text));
                break;
            case [var text, "not", "committed", var reason]:
                Assert.Equal(reason, Assert.IsType<CommandAnswer.NotCommitted>(AnswerTo(play, text)).Reason.ToString());
                break;
            case [var read, "failed"]:
                Assert.Null(play.Reads[read]);
                break;
            case [var read, "saw", .. var state]:
                Assert.True(play.Reads.TryGetValue(read, out var saw), "it is unanswered");
                Assert.Equal(string.Join(' ', state), saw);
                break;
            default:
                See(play.Nodes.GetValueOrDefault(words[0]) ?? throw new InvalidOperationException("who is that?"), words[1..]);
                break;
        }
    }

    private static void See(PlayNode node, string[] words)
    {
        switch (words)
        {
            case ["leads"]:
                Assert.True(node.Leads, $"{node.Name} does not lead; it follows {node.Following}");
                break;
            case ["does", "not", "lead"]:
                Assert.False(node.Leads, $"{node.Name} leads");
                break;
            case ["has", "lost"]:
                Assert.True(node.HasLost, $"{node.Name} has not lost");
                break;
            case ["follows", var other]:
                Assert.Equal(Play.IdOf(other), node.Following.Owner);
                break;
            case ["has", .. var state]:
                Assert.Equal(string.Join(' ', state), string.Join(' ', node.State));
                break;
            case ["promised", var ballot]:
                Assert.Equal(ballot, node.Disk.Promised.Number.ToString(CultureInfo.InvariantCulture));
                break;
            case ["voted", "for", var text, "in", var slot]:
                var vote = node.Disk[new Slot(ulong.Parse(slot, CultureInfo.InvariantCulture))];
                Assert.Equal(text, vote is { Batch: { Kind: BatchKind.Commands } batch } ? Text(batch) : vote?.Batch.Kind.ToString() ?? "nothing");
                break;
            case ["settled", var config]:
                Assert.Contains(node.Events, happened => happened is PaxosEvent.MembershipSettled settled && settled.Config.ToString() == config);
                break;
            case ["was", "sent", "a", "snapshot"]:
                Assert.Contains(node.Events, happened => happened is PaxosEvent.SnapshotInstalled);
                break;
            case ["stopped", .. var why]:
                Assert.Equal(string.Join(' ', why), node.Stopped);
                break;
            case ["goes", "on"]:
                Assert.True(node.IsUp && node.Stopped is null, node.Stopped);
                break;
            default:
                throw new InvalidOperationException("how does one see that?");
        }
    }

    private static string Text(Batch batch) => string.Join('+', batch.Commands.Select(command => Encoding.UTF8.GetString(command.Body.Span)));

    private static CommandAnswer AnswerTo(Play play, string text)
    {
        Assert.True(play.Answers.TryGetValue(text, out var answer), $"{text} is unanswered");
        return answer!;
    }
}
