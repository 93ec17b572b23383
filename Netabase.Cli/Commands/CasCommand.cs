using System.CommandLine;
using System.Globalization;
using System.Text;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase cas KEY EXPECTED NEW</c>, and what else goes through the log.</summary>
internal static class CasCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    private static readonly Argument<string> Expected = new("EXPECTED") { Description = "The version that has to be there, as get --linearizable --json tells it (clock); - for no record." };

    private static readonly Argument<string> New = new("NEW") { Description = "The new value, as text." };

    private static readonly Option<string?> Id = IdOption();

    public static Command Create() => Asking.Command(
        "cas", "Put a record through the log if the version there is still the one that was read.", RunAsync, Key, Expected, New, Id);

    /// <summary>The name of an operation, for a retry.</summary>
    public static Option<string?> IdOption() => new("--id") { Description = "The operation's name, a version 7 GUID: tried again under it, it has one effect.", HelpName = "ID" };

    /// <summary>Asks for a write through the log, shows what became of it, and says so by the exit code.</summary>
    public static async Task<int> CommitAsync(Request request, CommitArgs args, CancellationToken cancellation)
    {
        var done = await request.AskAsync("commit", args, CommitJson.Default.CommitArgs, CommitJson.Default.CommitDone, cancellation).ConfigureAwait(false);
        return Tell(request, done);
    }

    /// <summary>Shows what became of a write through the log.</summary>
    public static int Tell(Request request, CommitDone done)
    {
        request.Show(done, CommitJson.Default.CommitDone, Show);
        return done.Outcome == "applied" ? ExitCode.Done : ExitCode.NotDone;
    }

    private static Task<int> RunAsync(Request request, CancellationToken cancellation) => CommitAsync(
        request,
        new CommitArgs(
            request.Parsed.GetRequiredValue(Key),
            Encoding.UTF8.GetBytes(request.Parsed.GetRequiredValue(New)),
            request.Parsed.GetRequiredValue(Expected),
            request.Parsed.GetValue(Id)),
        cancellation);

    private static void Show(CommitDone done)
    {
        switch (done)
        {
            case { Outcome: "applied", Clock: { } clock }:
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Applied in slot {done.Slot}, version {clock}."));
                break;
            case { Outcome: "applied" }:
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Applied in slot {done.Slot}."));
                break;
            case { Outcome: "unknown" }:
                Console.Error.WriteLine($"Not known: it may have happened, or may yet. Try again with --id {done.Id} to learn which.");
                break;
            default:
                Console.Error.WriteLine($"It did not happen: {done.Detail}");
                break;
        }
    }
}
