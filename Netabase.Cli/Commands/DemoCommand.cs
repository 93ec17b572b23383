using System.CommandLine;
using Netabase.Cli.Demo;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase demo</c>: several nodes on this machine show what they do; the exit code says whether all of it came out right.</summary>
internal static class DemoCommand
{
    private const int NodesMin = 3;
    private const int NodesMax = 20;

    private static readonly Option<int?> Nodes = new("--nodes") { Description = $"How many nodes, {NodesMin} to {NodesMax}; 5 where it is not given.", HelpName = "N" };

    public static Command Create()
    {
        var command = new Command("demo", "Run several nodes on this machine: put on one, get on others, show what happened, and end.") { Nodes };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Nodes) is < NodesMin or > NodesMax)
            {
                result.AddError($"--nodes must be {NodesMin} to {NodesMax}.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(TimeSpan.FromSeconds(55));
            await using var show = new DemoShow(Console.Out);
            return await show.RunAsync(parsed.GetValue(Nodes) ?? 5, patience.Token).ConfigureAwait(false) ? ExitCode.Done : ExitCode.NotDone;
        });
        return command;
    }
}
