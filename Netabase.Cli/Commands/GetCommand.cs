using System.CommandLine;
using Netabase.Host.Control.Operations;

namespace Netabase.Cli.Commands;

/// <summary><c>netabase get KEY</c>: the value alone on stdout, as it was put.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> Key = Asking.KeyArgument();

    private static readonly Option<string?> ToFile = new("--file") { Description = "Write the value's bytes to a file; - writes them to standard output, without a line's end.", HelpName = "FILE" };

    private static readonly Option<bool> Linearizable = new("--linearizable") { Description = "See every write through the log that was acknowledged before, or say that it cannot." };

    private static readonly Option<double?> Stale = new("--stale") { Description = "See what the log had committed at most so many seconds ago.", HelpName = "SECONDS" };

    public static Command Create()
    {
        var command = Asking.Command("get", "Get a record: from the node's store, else from its peers.", RunAsync, Key, ToFile, Linearizable, Stale);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Linearizable) && result.GetValue(Stale) is not null)
            {
                result.AddError("Give either --linearizable or --stale.");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellation)
    {
        var done = await AskAsync(request, cancellation).ConfigureAwait(false);
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

    private static Task<GetDone> AskAsync(Request request, CancellationToken cancellation)
    {
        var key = request.Parsed.GetRequiredValue(Key);
        var stale = request.Parsed.GetValue(Stale) is { } seconds ? (long)(seconds * 1000) : (long?)null;
        return request.Parsed.GetValue(Linearizable) || stale is not null
            ? request.AskAsync("read", new ReadArgs(key, stale), ReadJson.Default.ReadArgs, GetJson.Default.GetDone, cancellation)
            : request.AskAsync("get", new KeyArgs(key), SharedJson.Default.KeyArgs, GetJson.Default.GetDone, cancellation);
    }

    /// <summary>The value on stdout, and what is to be said about it on stderr; also for other ways to get.</summary>
    internal static void Show(GetDone done)
    {
        switch (done)
        {
            case { Found: false, Complete: false }:
                Console.Error.WriteLine($"No answer in time; {done.PeersAsked} peers were asked. Try again.");
                break;
            case { Found: false, PeersAsked: 0 or null }:
                Console.Error.WriteLine("Not found.");
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
