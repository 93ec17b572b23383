using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Netabase.Host.Control;

namespace Netabase.Cli;

/// <summary>What every command that asks a running node shares: its two options, its client, its two ways to write.</summary>
internal static class Asking
{
    /// <summary>A command with <c>--data</c> and <c>--json</c>.</summary>
    public static Command Command(string name, string description, Func<Request, CancellationToken, Task<int>> run, params ReadOnlySpan<Symbol> symbols)
    {
        var data = DataOption();
        var json = new Option<bool>("--json") { Description = "Write JSON, one object a line." };
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Add(argument);
                    break;
                case Option option:
                    command.Add(option);
                    break;
            }
        }

        command.Add(data);
        command.Add(json);
        command.SetAction((parsed, cancellation) =>
            run(new Request(parsed, new ControlClient(parsed.GetValue(data)), parsed.GetValue(json)), cancellation));
        return command;
    }

    /// <summary>The data folder; the user's own where it is not given.</summary>
    public static Option<string?> DataOption() => new("--data")
    {
        Description = "The node's data folder; the user's own where it is not given.",
        HelpName = "DIR",
    };

    public static Argument<string> KeyArgument() => new("KEY") { Description = "The record's name." };
}

/// <summary>A command line that asks a running node.</summary>
/// <param name="Parsed">Its arguments.</param>
/// <param name="Client">Whom it asks.</param>
/// <param name="IsJson">Whether programs read the output.</param>
internal sealed record Request(ParseResult Parsed, ControlClient Client, bool IsJson)
{
    /// <summary>Asks for one result; says on a terminal that it takes long, when it does.</summary>
    public async Task<TResult> AskAsync<TArgs, TResult>(
        string op, TArgs args, JsonTypeInfo<TArgs> argsType, JsonTypeInfo<TResult> resultType, CancellationToken cancellation)
    {
        await using var progress = new Progress($"{op}: waiting for the node");
        return await Client.AskAsync(op, args, argsType, resultType, cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks for a list and writes each item as it comes.</summary>
    public async Task<long> ListAsync<TArgs, TItem>(
        string op, TArgs args, JsonTypeInfo<TArgs> argsType, JsonTypeInfo<TItem> itemType, Action<TItem> show, CancellationToken cancellation)
    {
        var items = 0L;
        await foreach (var answer in Client.StreamAsync(op, args, argsType, cancellation).ConfigureAwait(false))
        {
            if (answer.Item is { } item)
            {
                items++;
                Show(ControlClient.Read(item, itemType), itemType, show);
            }
        }

        return items;
    }

    /// <summary>Writes a result: for programs as it is, for people as they read.</summary>
    public void Show<T>(T result, JsonTypeInfo<T> type, Action<T> show)
    {
        if (IsJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, type));
        }
        else
        {
            show(result);
        }
    }
}

/// <summary>A line on the terminal while something takes longer than a second; nothing where no person reads.</summary>
internal sealed class Progress : IAsyncDisposable
{
    private readonly Timer? _timer;
    private readonly DateTime _began = DateTime.UtcNow;
    private bool _isShown;

    public Progress(string what)
    {
        if (!Console.IsErrorRedirected)
        {
            var second = TimeSpan.FromSeconds(1);
            _timer = new Timer(
                _ =>
                {
                    _isShown = true;
                    Console.Error.Write($"\r{what}, {(DateTime.UtcNow - _began).TotalSeconds:0} s (Ctrl-C calls it off)");
                },
                null,
                second,
                second);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            if (_isShown)
            {
                await Console.Error.WriteAsync("\r\u001b[K").ConfigureAwait(false);
            }
        }
    }
}
