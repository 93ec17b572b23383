using System.CommandLine;
using System.Globalization;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase watch</c>: what happens at the node, as it happens.</summary>
internal static class WatchCommand
{
    private static readonly Option<long?> Count = new("--count") { Description = "End after so many events.", HelpName = "N" };

    public static Command Create() => Asking.Command("watch", "Show what happens at the node, until Ctrl-C.", RunAsync, Count);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new WatchArgs(request.Parsed.GetValue(Count));
        try
        {
            await request.ListAsync("watch", args, WatchJson.Default.WatchArgs, WatchJson.Default.EventItem, Show, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // That is how one ends watching.
        }

        return ExitCode.Done;
    }

    /// <summary>One line for people.</summary>
    internal static void Show(EventItem happened) => Console.Out.WriteLine(string.Join("  ", new[]
    {
        DateTimeOffset.FromUnixTimeMilliseconds(happened.At).ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
        happened.Event.PadRight(16),
        happened.Key,
        happened.Peer,
        happened.Address,
        happened.Detail,
        happened.Count?.ToString(CultureInfo.InvariantCulture),
    }.Where(part => part is not null)));
}
