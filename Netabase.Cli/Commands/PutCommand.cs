using System.CommandLine;
using System.Globalization;
using System.Text;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase put KEY VALUE</c>.</summary>
internal static class PutCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    private static readonly Argument<string?> Value = new("VALUE")
    {
        Description = "Its value, as text; not with --file.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> FromFile = new("--file") { Description = "A file whose bytes are the value; - reads standard input.", HelpName = "FILE" };

    private static readonly Option<double?> Ttl = new("--ttl") { Description = "How many seconds the record lives.", HelpName = "SECONDS" };

    private static readonly Option<bool> Consensus = new("--consensus") { Description = "Commit it through the log of the group that governs kv, whose members all have it then." };

    private static readonly Option<string?> Id = CasCommand.IdOption();

    public static Command Create()
    {
        var command = Asking.Command("put", "Put a record on the node, and on the peers nearest to its key.", RunAsync, Key, Value, FromFile, Ttl, Consensus, Id);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Value) is null == result.GetValue(FromFile) is null)
            {
                result.AddError("Give either VALUE or --file.");
            }

            if (result.GetValue(Consensus) ? result.GetValue(Ttl) is not null : result.GetValue(Id) is not null)
            {
                result.AddError("A record of a log has no --ttl, and only --consensus has an --id.");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var value = request.Parsed.GetValue(FromFile) is { } file
            ? await ReadAsync(file, cancellation).ConfigureAwait(false)
            : Encoding.UTF8.GetBytes(request.Parsed.GetRequiredValue(Value)!);
        if (request.Parsed.GetValue(Consensus))
        {
            var commit = new CommitArgs(request.Parsed.GetRequiredValue(Key), value, null, request.Parsed.GetValue(Id));
            return await CasCommand.CommitAsync(request, commit, cancellation).ConfigureAwait(false);
        }

        var ttl = request.Parsed.GetValue(Ttl) is { } seconds ? (long)(seconds * 1000) : (long?)null;
        var args = new PutArgs(request.Parsed.GetRequiredValue(Key), value, ttl);
        var done = await request.AskAsync("put", args, PutJson.Default.PutArgs, PutJson.Default.PutDone, cancellation).ConfigureAwait(false);
        request.Show(done, PutJson.Default.PutDone, Show);
        return ExitCode.Done;
    }

    private static void Show(PutDone done) => Console.Out.WriteLine(done switch
    {
        { Outcome: "replicated" } => $"Stored here and on {Peers(done.Replicas)}.",
        { Replicas: 0 } => "Stored here; no peer holds it yet. It is given to peers as they come.",
        _ => string.Create(CultureInfo.InvariantCulture, $"Stored here and on {Peers(done.Replicas)}; {done.Quorum} were wanted."),
    });

    private static string Peers(int count) => count == 1 ? "1 peer" : string.Create(CultureInfo.InvariantCulture, $"{count} peers");

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        if (file != "-")
        {
            return await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
        }

        using var bytes = new MemoryStream();
        await Console.OpenStandardInput().CopyToAsync(bytes, cancellation).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
