using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Netabase.Host;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase node</c>: a node until Ctrl-C or SIGTERM.</summary>
internal static class NodeCommand
{
    private static readonly Option<string?> Data = Asking.DataOption();

    private static readonly Option<string[]> Listen = new("--listen") { Description = "A multiaddr to listen on, such as /ip4/0.0.0.0/tcp/4001; may be given several times.", HelpName = "MULTIADDR" };

    private static readonly Option<string[]> Bootstrap = new("--bootstrap") { Description = "A peer to begin with, as another node prints it; may be given several times.", HelpName = "MULTIADDR" };

    private static readonly Option<bool> NoMdns = new("--no-mdns") { Description = "Do not look for peers on the local network." };

    private static readonly Option<bool> Client = new("--client") { Description = "Ask others, and store nothing for them." };

    private static readonly Option<string?> Config = new("--config") { Description = "A HOCON file; what the other options say beats it.", HelpName = "FILE" };

    private static readonly Option<bool> Watch = new("--watch") { Description = "Show what happens, as 'netabase watch' does." };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Log more, to stderr." };

    public static Command Create()
    {
        var command = new Command("node", "Run a node until Ctrl-C or SIGTERM.") { Data, Listen, Bootstrap, NoMdns, Client, Config, Watch, Verbose };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var host = NodeProgram.Build(options => Configure(options, parsed), parsed.GetValue(Verbose));
        await host.StartAsync(cancellation).ConfigureAwait(false);
        var node = host.Services.GetRequiredService<INetabase>();
        var watching = parsed.GetValue(Watch) ? WatchAsync(node, cancellation) : Task.CompletedTask;
        try
        {
            await GreetAsync(node, parsed.GetValue(Data)).ConfigureAwait(false);
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Console.Error.WriteLineAsync("Stopping; Ctrl-C again cuts it short.").ConfigureAwait(false);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCode.Done;
    }

    private static void Configure(NetabaseOptions options, ParseResult parsed)
    {
        options.DataPath = parsed.GetValue(Data);
        options.ConfigurationFile = parsed.GetValue(Config);
        options.Listen = parsed.GetValue(Listen) is { Length: > 0 } listen ? listen : null;
        options.Bootstrap = parsed.GetValue(Bootstrap) is { Length: > 0 } bootstrap ? bootstrap : null;
        options.Mdns = parsed.GetValue(NoMdns) ? false : null;
        options.Mode = parsed.GetValue(Client) ? NetworkMode.Client : null;
        options.ControlEndpoint = true;
        options.StartSwarm = true;
    }

    private static async Task GreetAsync(INetabase node, string? data)
    {
        var addresses = await node.GetListenAddressesAsync().ConfigureAwait(false);
        Console.Out.WriteLine($"Peer id {node.LocalPeer}");
        foreach (var address in addresses)
        {
            Console.Out.WriteLine($"Listening on {address}");
        }

        if (addresses.IsEmpty)
        {
            Console.Out.WriteLine("Listening nowhere: this node only dials.");
        }

        Console.Out.WriteLine($"In another terminal: netabase put KEY VALUE{(data is null ? string.Empty : $" --data {data}")}. Ctrl-C stops the node.");
        await Console.Out.FlushAsync().ConfigureAwait(false);
    }

    private static async Task WatchAsync(INetabase node, CancellationToken cancellation)
    {
        await using var events = node.SubscribeToBroadcasts();
        await foreach (var happened in events.WithCancellation(cancellation).ConfigureAwait(false))
        {
            WatchCommand.Show(EventItem.Of(happened));
        }
    }
}
