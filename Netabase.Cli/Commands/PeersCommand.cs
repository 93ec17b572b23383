using System.CommandLine;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase peers</c>.</summary>
internal static class PeersCommand
{
    public static Command Create() => Asking.Command("peers", "List the peers that the node is connected to.", RunAsync);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var peers = await request.ListAsync("peers", Nothing.Instance, SharedJson.Default.Nothing, PeersJson.Default.PeerItem, Show, cancellation).ConfigureAwait(false);
        if (peers == 0 && !request.IsJson)
        {
            await Console.Error.WriteLineAsync("No peer is connected. On the same network they find each other by mDNS; elsewhere give one's address with --bootstrap.").ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    private static void Show(PeerItem peer) =>
        Console.Out.WriteLine($"{peer.Peer}  {peer.Direction,-3}  {peer.ConnectedMs / 1000,6} s  {string.Join(' ', peer.Addresses)}  {peer.Agent}");
}
