using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase remove KEY</c>.</summary>
internal static class RemoveCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    public static Command Create() => Asking.Command("remove", "Remove a record from the node; copies elsewhere live until they expire.", RunAsync, Key);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new KeyArgs(request.Parsed.GetRequiredValue(Key));
        var done = await request.AskAsync("remove", args, SharedJson.Default.KeyArgs, RemoveJson.Default.RemoveDone, cancellation).ConfigureAwait(false);
        request.Show(done, RemoveJson.Default.RemoveDone, removed => Console.Out.WriteLine(removed.Existed ? "Removed." : "It was not here."));
        return ExitCode.Done;
    }
}
