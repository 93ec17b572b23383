using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Netabase.Processes.Specs;

/// <summary>What a command that has ended left.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>The one JSON object that it wrote.</summary>
    public JsonObject Json => Objects.Single();

    /// <summary>The JSON objects that it wrote, one a line.</summary>
    public IEnumerable<JsonObject> Objects => Output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject());

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>A process of one of our programs: started as a user starts it, its lines awaited, killed at the end whatever happens.</summary>
internal sealed class Run : IAsyncDisposable
{
    /// <summary>For one thing to happen on a machine that does much else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly List<string> _errors = [];
    private readonly List<(Func<string, bool> IsIt, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly Task _reading;

    private Run(string[] before, string program, IEnumerable<string> arguments)
    {
        string[] words = [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, program), .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _lines), ReadAsync(_process.StandardError, _errors));
    }

    public int Id => _process.Id;

    public static Run Start(string program, params IEnumerable<string> arguments) => new([], program, arguments);

    /// <summary>The same, below another command that runs it.</summary>
    public static Run StartBelow(string[] before, string program, params IEnumerable<string> arguments) => new(before, program, arguments);

    /// <summary>Runs <c>netabase</c> to its end.</summary>
    public static async Task<Outcome> NetabaseAsync(params string[] arguments)
    {
        await using var run = new Run([], "Netabase.Cli.dll", arguments);
        return await run.EndAsync();
    }

    /// <summary>The first line of either output, from the beginning, of which this is so.</summary>
    public async Task<string> LineAsync(Func<string, bool> isIt, string what)
    {
        TaskCompletionSource<string> found;
        lock (_lines)
        {
            if (_lines.Concat(_errors).FirstOrDefault(isIt) is { } line)
            {
                return line;
            }

            found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((isIt, found));
        }

        try
        {
            await Task.WhenAny(found.Task, _reading).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No line with {what} in time:\n{Text()}");
        }

        lock (_lines)
        {
            return found.Task.IsCompletedSuccessfully ? found.Task.Result : _lines.FirstOrDefault(isIt) ?? throw new InvalidOperationException($"It ended without {what}:\n{Text()}");
        }
    }

    /// <summary>Waits until so many lines of standard output are so, and gives the last of them.</summary>
    public async Task<string> CountAsync(Func<string, bool> isIt, int count)
    {
        var seen = 0;
        await LineAsync(line => isIt(line) && Interlocked.Increment(ref seen) == count, $"{count} of them");
        return Lines.Where(isIt).ElementAt(count - 1);
    }

    /// <summary>Every line of standard output until now.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public Task SayAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Waits for its end.</summary>
    public async Task<Outcome> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            await _reading.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"It did not end:\n{Text()}");
        }

        lock (_lines)
        {
            return new Outcome(_process.ExitCode, string.Join('\n', _lines), string.Join('\n', _errors));
        }
    }

    /// <summary>SIGTERM, as a service's stop.</summary>
    public async Task<Outcome> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        return await EndAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                lines.Add(line);
                foreach (var waiting in _waiting.Where(waiting => waiting.IsIt(line)))
                {
                    waiting.Found.TrySetResult(line);
                }
            }
        }
    }

    private string Text()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines.Concat(_errors));
        }
    }
}
