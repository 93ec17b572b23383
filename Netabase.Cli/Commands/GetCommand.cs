using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase get KEY</c>: the value alone on stdout, as it was put.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    private static readonly Option<string?> ToFile = new("--file") { Description = "Write the value's bytes to a file; - writes them to standard output, without a line's end.", HelpName = "FILE" };

    public static Command Create() => Asking.Command("get", "Get a record: from the node's store, else from its peers.", RunAsync, Key, ToFile);

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var args = new KeyArgs(request.Parsed.GetRequiredValue(Key));
        var done = await request.AskAsync("get", args, SharedJson.Default.KeyArgs, GetJson.Default.GetDone, cancellation).ConfigureAwait(false);
        if (done.Value is { } value && request.Parsed.GetValue(ToFile) is { } file)
        {
            await WriteAsync(file, value, cancellation).ConfigureAwait(false);
        }
        else
        {
            request.Show(done, GetJson.Default.GetDone, Show);
        }

        return done.Found ? ExitCode.Done : ExitCode.NotDone;
    }

    /// <summary>The value on stdout, and what is to be said about it on stderr; also for other ways to get.</summary>
    internal static void Show(GetDone done)
    {
        switch (done)
        {
            case { Found: false, Complete: false }:
                Console.Error.WriteLine($"No answer in time; {done.PeersAsked} peers were asked. Try again.");
                break;
            case { Found: false }:
                Console.Error.WriteLine($"Not found: not here, and not at the {done.PeersAsked} peers that were asked.");
                break;
            case { Text: { } text }:
                Console.Out.WriteLine(text);
                break;
            default:
                Console.Error.WriteLine($"The value is {done.Value?.Length} bytes that are no text; write them with --file FILE.");
                break;
        }

        if (done is { Found: true, Complete: false })
        {
            Console.Error.WriteLine("The search was not over in time: a newer value may exist.");
        }
    }

    private static async Task WriteAsync(string file, byte[] value, CancellationToken cancellation)
    {
        if (file != "-")
        {
            await File.WriteAllBytesAsync(file, value, cancellation).ConfigureAwait(false);
            return;
        }

        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(value, cancellation).ConfigureAwait(false);
    }
}
