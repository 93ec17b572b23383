using System.CommandLine;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase id</c>: who the node is and where it can be reached.</summary>
internal static class IdCommand
{
    public static Command Create() => Asking.Command("id", "Show the node's peer id, and its addresses for others to begin with.", RunAsync);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var done = await request.AskAsync("id", Nothing.Instance, SharedJson.Default.Nothing, IdJson.Default.IdDone, cancellation).ConfigureAwait(false);
        request.Show(done, IdJson.Default.IdDone, Show);
        return ExitCode.Done;
    }

    private static void Show(IdDone id)
    {
        Console.Out.WriteLine(id.Peer ?? "This node has no network.");
        foreach (var address in id.Addresses)
        {
            Console.Out.WriteLine(address);
        }

        if (id.Mode is not null)
        {
            Console.Out.WriteLine($"Takes part as a {id.Mode}.");
        }
    }
}
