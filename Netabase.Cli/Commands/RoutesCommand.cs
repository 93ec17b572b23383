using System.CommandLine;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase routes</c>: the routing table; with <c>--remove PEER</c> it takes one out.</summary>
internal static class RoutesCommand
{
    private static readonly Option<string?> Remove = new("--remove") { Description = "Take a peer out of the table; an open connection stays open.", HelpName = "PEER" };

    public static Command Create() => Asking.Command("routes", "Show the node's routing table.", RunAsync, Remove);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        if (request.Parsed.GetValue(Remove) is { } peer)
        {
            var done = await request.AskAsync("forget", new ForgetArgs(peer), ForgetJson.Default.ForgetArgs, ForgetJson.Default.ForgetDone, cancellation).ConfigureAwait(false);
            request.Show(done, ForgetJson.Default.ForgetDone, gone => Console.Out.WriteLine(gone.Existed ? "Removed." : "It was not in the table."));
            return done.Existed ? ExitCode.Done : ExitCode.NotDone;
        }

        await request.ListAsync("routes", Nothing.Instance, SharedJson.Default.Nothing, RoutesJson.Default.RouteItem, Show, cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(RouteItem route) =>
        Console.Out.WriteLine($"{route.Bucket,3}  {route.Peer}  {string.Join(' ', route.Addresses)}");
}
