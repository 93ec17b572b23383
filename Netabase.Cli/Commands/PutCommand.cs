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

    public static Command Create()
    {
        var command = Asking.Command("put", "Put a record on the node, and on the peers nearest to its key.", RunAsync, Key, Value, FromFile, Ttl);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Value) is null == result.GetValue(FromFile) is null)
            {
                result.AddError("Give either VALUE or --file.");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var value = request.Parsed.GetValue(FromFile) is { } file
            ? await ReadAsync(file, cancellation).ConfigureAwait(false)
            : Encoding.UTF8.GetBytes(request.Parsed.GetRequiredValue(Value)!);
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
