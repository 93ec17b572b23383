using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase query</c>: the node's own records, in the order of their names.</summary>
internal static class QueryCommand
{
    private static readonly Option<string?> Prefix = new("--prefix") { Description = "Only names that begin so.", HelpName = "TEXT" };

    private static readonly Option<int?> Limit = new("--limit") { Description = "At most so many.", HelpName = "N" };

    public static Command Create()
    {
        var command = Asking.Command("query", "List the records that the node itself holds.", RunAsync, Prefix, Limit);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Limit) is < 1)
            {
                result.AddError("--limit must be 1 or more.");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new QueryArgs(request.Parsed.GetValue(Prefix), request.Parsed.GetValue(Limit));
        await request.ListAsync("query", args, QueryJson.Default.QueryArgs, QueryJson.Default.EntryItem, Show, cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(EntryItem entry) => Console.Out.WriteLine($"{entry.Key}\t{entry.Text ?? $"({entry.Value.Length} bytes)"}");
}
