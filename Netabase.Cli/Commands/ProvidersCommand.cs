using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase providers KEY</c>.</summary>
internal static class ProvidersCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    public static Command Create() => Asking.Command("providers", "Find who provides a record.", RunAsync, Key);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new KeyArgs(request.Parsed.GetRequiredValue(Key));
        var done = await request.AskAsync("providers", args, SharedJson.Default.KeyArgs, ProvidersJson.Default.ProvidersDone, cancellation).ConfigureAwait(false);
        request.Show(done, ProvidersJson.Default.ProvidersDone, Show);
        return done.Providers.Length > 0 ? ExitCode.Done : ExitCode.NotDone;
    }

    private static void Show(ProvidersDone done)
    {
        foreach (var provider in done.Providers)
        {
            Console.Out.WriteLine(provider);
        }

        if (done.Providers.Length == 0)
        {
            Console.Error.WriteLine($"Nobody is known to provide it; {done.PeersAsked} peers were asked.");
        }
    }
}
