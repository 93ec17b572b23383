using System.CommandLine;
using Netabase.Cli;
using Netabase.Cli.Commands;

// A new command is a file in Commands and a line here.
var root = new RootCommand("A peer-to-peer data layer: run a node, put and get records, watch what happens.")
{
    NodeCommand.Create(),
    PutCommand.Create(),
    GetCommand.Create(),
    CasCommand.Create(),
    RemoveCommand.Create(),
    QueryCommand.Create(),
    WatchCommand.Create(),
    PeersCommand.Create(),
    RoutesCommand.Create(),
    ProvideCommand.Create(),
    ProvidersCommand.Create(),
    PingCommand.Create(),
    IdCommand.Create(),
    ClusterCommand.Create(),
    DemoCommand.Create(),
};

return await CommandLine.RunAsync(root, args).ConfigureAwait(false);
