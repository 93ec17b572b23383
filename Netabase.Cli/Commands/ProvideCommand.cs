using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase provide KEY</c>, and <c>--stop</c>.</summary>
internal static class ProvideCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    private static readonly Option<bool> Stop = new("--stop") { Description = "Announce it no longer." };

    public static Command Create() => Asking.Command("provide", "Announce that the node provides a record.", RunAsync, Key, Stop);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new ProvideArgs(request.Parsed.GetRequiredValue(Key), request.Parsed.GetValue(Stop));
        var done = await request.AskAsync("provide", args, ProvideJson.Default.ProvideArgs, ProvideJson.Default.ProvideDone, cancellation).ConfigureAwait(false);
        request.Show(done, ProvideJson.Default.ProvideDone, Show);
        return done.Outcome == "not-provided" ? ExitCode.NotDone : ExitCode.Done;
    }

    private static void Show(ProvideDone done) => Console.Out.WriteLine(done.Outcome switch
    {
        "announced" => $"Announced to {done.Peers} peers.",
        "too-few" => "Noted; no peer holds the announcement yet. It is made again as time goes on.",
        "stopped" => "Announced no longer; what peers hold of it lives until it expires.",
        _ => "It was not provided.",
    });
}
