using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase ping MULTIADDR</c>: by the node of <c>--data</c>, else by one that lives as long as the ping.</summary>
internal static class PingCommand
{
    private static readonly Argument<string> Address = new("MULTIADDR") { Description = "Such as /ip4/192.0.2.7/tcp/4001, with or without /p2p/ and the peer's id." };

    public static Command Create()
    {
        var command = Asking.Command("ping", "Dial an address and measure one round trip.", RunAsync, Address);
        command.Options.Single(option => option.Name == "--data").Description = "Let the node on this folder ping; without it one is made for the purpose.";
        return command;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var address = request.Parsed.GetRequiredValue(Address);
        var done = request.Parsed.GetValue<string?>("--data") is null
            ? await PingAloneAsync(address, cancellation).ConfigureAwait(false)
            : await request.AskAsync("ping", new PingArgs(address), PingJson.Default.PingArgs, PingJson.Default.PingDone, cancellation).ConfigureAwait(false);
        request.Show(done, PingJson.Default.PingDone, answered => Console.Out.WriteLine($"{answered.Peer} answered in {answered.RoundTripMs:0.00} ms."));
        return ExitCode.Done;
    }

    private static async Task<PingDone> PingAloneAsync(string address, CancellationToken cancellation)
    {
        using var host = NodeProgram.Build(
            options =>
            {
                options.Backend = "memory";
                options.StartSwarm = true;
                options.Listen = [];
                options.Mdns = false;
                options.Mode = NetworkMode.Client;
            },
            isVerbose: false);
        await host.StartAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await PingOperation.PingAsync(host.Services.GetRequiredService<INetabase>(), address, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
