using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Netabase.Interop.Node;

namespace Netabase.Dht.Benchmarks.Members;

/// <summary>A node as a user has it: <c>netabase node</c> in a process of its own.</summary>
internal sealed class CommandNode : IAsyncDisposable
{
    private const string Program = "Netabase.Cli.dll";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Channel<(string Line, double At)> _lines = Channel.CreateUnbounded<(string, double)>();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private CommandNode(ProcessStartInfo start)
    {
        _process = Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
        _errors = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>Milliseconds from the start of the process, the runtime's own included, to its word that it listens.</summary>
    public double ListensAfter { get; private set; }

    /// <summary>The program as <c>dotnet build</c> leaves it.</summary>
    public static string Built { get; } = Path.Combine(AppContext.BaseDirectory, Program);

    /// <summary>The program as <c>dotnet publish</c> leaves it, most of its code compiled beforehand.</summary>
    public static async Task<string> PublishAsync(string folder)
    {
        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(repository.FullName, "Netabase.sln")))
        {
            repository = repository.Parent ?? throw new InvalidOperationException("This program does not lie in its repository.");
        }

        var published = await ChildProcess.RunAsync(
            new ProcessStartInfo("dotnet", ["publish", "-c", "Release", Path.Combine(repository.FullName, "Netabase.Cli"), "-o", folder]),
            TimeSpan.FromMinutes(5));
        return published.ExitCode == 0 ? Path.Combine(folder, Program) : throw new InvalidOperationException($"It is not published:\n{published.Output}");
    }

    /// <summary>A node on a folder of its own that meets only those with the same mDNS service.</summary>
    public static async Task<CommandNode> StartAsync(string program, string folder, string service, params string[] options)
    {
        Directory.CreateDirectory(folder);
        var config = Path.Combine(folder, "node.conf");
        await File.WriteAllTextAsync(config, $"netabase.network.mdns.service-name = \"{service}\"\n");
        var node = new CommandNode(new ProcessStartInfo("dotnet", [program, "node", "--data", Path.Combine(folder, "data"), "--config", config, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        node.ListensAfter = await node.SaysAsync("Listening on ");
        return node;
    }

    /// <summary>Milliseconds from its start until the next line with that text.</summary>
    public async Task<double> SaysAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var (line, at) in _lines.Reader.ReadAllAsync(patience.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return at;
            }
        }

        throw new InvalidOperationException($"The node ended and had not said `{text}`: {await _errors}");
    }

    /// <summary>Resident, in MiB.</summary>
    public double Resident()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1024.0 / 1024.0;
    }

    public async ValueTask DisposeAsync()
    {
        using (Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await _reading.WaitAsync(Patience);
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            await _lines.Writer.WriteAsync((line, Stopwatch.GetElapsedTime(_began).TotalMilliseconds));
        }

        _lines.Writer.Complete();
    }
}
