using System.Text;
using System.Text.Json.Nodes;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Processes.Specs;

/// <summary>A node in a process of its own, and the command that asks it.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private Run _run;
    private readonly string[] _before;
    private readonly string _ip;
    private readonly string[] _options;

    private NodeProcess(string[] before, string ip, string folder, string[] options)
    {
        (_before, _ip, Folder, _options) = (before, ip, folder, options);
        _run = Launch();
    }

    public string Folder { get; }

    /// <summary>Where it listens on loopback, or in its namespace, with its peer id.</summary>
    public string Address { get; private set; } = string.Empty;

    public string Peer => Address[(Address.LastIndexOf('/') + 1)..];

    public Run Process => _run;

    private ControlClient Client => new(Folder);

    /// <summary>Starts it and returns when it says that it listens.</summary>
    public static Task<NodeProcess> StartAsync(string folder, params string[] options) => StartInAsync([], "127.0.0.1", folder, options);

    /// <summary>The same below another command, judged by the line with this address.</summary>
    public static async Task<NodeProcess> StartInAsync(string[] before, string ip, string folder, string[] options)
    {
        var node = new NodeProcess(before, ip, folder, options);
        try
        {
            await node.ListeningAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nodes that know each other through the first; they start side by side.</summary>
    public static async Task<NodeProcess[]> NetAsync(string folder, int count, params string[] options)
    {
        var first = await StartAsync(Path.Combine(folder, "0"), [.. Loopback, .. options]);
        var others = Enumerable.Range(1, count - 1).Select(number =>
            StartAsync(Path.Combine(folder, $"{number}"), [.. Loopback, "--bootstrap", first.Address, .. options])).ToArray();
        try
        {
            return [first, .. await Task.WhenAll(others)];
        }
        catch
        {
            // Whoever did start would stay behind and take the time of all that comes after.
            await first.DisposeAsync();
            await Task.WhenAll(others.Where(other => other.IsCompletedSuccessfully).Select(async other => await (await other).DisposeAsync()));
            throw;
        }
    }

    /// <summary>Meets nobody whom it was not told of.</summary>
    public static string[] Loopback { get; } = ["--listen", "/ip4/127.0.0.1/tcp/0", "--no-mdns"];

    /// <summary>Starts again on its folder after it has ended.</summary>
    public async Task StartAgainAsync()
    {
        await _run.DisposeAsync();
        _run = Launch();
        await ListeningAsync();
    }

    public Task<Outcome> AskAsync(params string[] words) => Run.NetabaseAsync([.. words, "--data", Folder]);

    /// <summary>Asks and has done what was asked.</summary>
    public async Task<JsonObject> DoneAsync(params string[] words)
    {
        var outcome = await AskAsync([.. words, "--json"]);
        Assert.True(outcome.ExitCode == 0, $"{string.Join(' ', words)}: {outcome}");
        return outcome.Json;
    }

    public async Task<JsonObject[]> ListAsync(params string[] words)
    {
        var outcome = await AskAsync([.. words, "--json"]);
        Assert.True(outcome.ExitCode == 0, $"{string.Join(' ', words)}: {outcome}");
        return [.. outcome.Objects];
    }

    /// <summary>As <c>netabase put</c>, without a process for it.</summary>
    public Task<PutDone> PutAsync(string key, string value) =>
        Client.AskAsync("put", new PutArgs(key, Encoding.UTF8.GetBytes(value)), PutJson.Default.PutArgs, PutJson.Default.PutDone, CancellationToken.None).WaitAsync(Run.Patience);

    /// <summary>The value of a record, or null when it is not found; as <c>netabase get</c>, without a process for it.</summary>
    public async Task<string?> GetAsync(string key)
    {
        var got = await Client.AskAsync("get", new KeyArgs(key), SharedJson.Default.KeyArgs, GetJson.Default.GetDone, CancellationToken.None).WaitAsync(Run.Patience);
        return got.Found ? got.Text : null;
    }

    /// <summary>Peers in its routing table.</summary>
    public async Task<HashSet<string>> RoutesAsync()
    {
        var routes = new HashSet<string>();
        await foreach (var answer in Client.StreamAsync("routes", Nothing.Instance, SharedJson.Default.Nothing, CancellationToken.None))
        {
            if (answer.Item is { } item)
            {
                routes.Add(ControlClient.Read(item, RoutesJson.Default.RouteItem).Peer);
            }
        }

        return routes;
    }

    /// <summary>Until its routing table holds so many: looks now, and whenever it says that the table has changed.</summary>
    public async Task KnowsAsync(int peers)
    {
        using var patience = new CancellationTokenSource(Run.Patience);
        var known = 0;
        try
        {
            await foreach (var answer in Client.StreamAsync("watch", new WatchArgs(), WatchJson.Default.WatchArgs, patience.Token))
            {
                if (answer.Item is { } item && ControlClient.Read(item, WatchJson.Default.EventItem).Event is "watching" or "routing-updated" or "lagged"
                    && (known = (await RoutesAsync()).Count) >= peers)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        Assert.Fail($"{Folder} knows {known} of {peers} peers");
    }

    /// <summary>Watches from now on: returns once the node says that it is watched.</summary>
    public async Task<Run> WatchAsync(params string[] more)
    {
        var watch = Run.Start("Netabase.Cli.dll", ["watch", "--json", "--data", Folder, .. more]);
        await watch.LineAsync(line => line.Contains("\"watching\"", StringComparison.Ordinal), "watching");
        return watch;
    }

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    private Run Launch() => Run.StartBelow(_before, "Netabase.Cli.dll", ["node", "--data", Folder, .. _options]);

    private async Task ListeningAsync()
    {
        const string Listening = "Listening on ";
        var line = await _run.LineAsync(line => line.StartsWith($"{Listening}/ip4/{_ip}/tcp/", StringComparison.Ordinal), $"an address at {_ip}");
        Address = line[Listening.Length..];
    }
}

/// <summary>A folder for one spec, and the ends of all its nodes.</summary>
public abstract class ProcessSpec : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _running = [];

    private protected string Folder { get; } = Directory.CreateTempSubdirectory("netabase-processes-").FullName;

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var running in _running)
        {
            await running.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private protected T Own<T>(T running)
        where T : IAsyncDisposable
    {
        _running.Add(running);
        return running;
    }

    private protected async Task<NodeProcess> NodeAsync(string name, params string[] options) =>
        Own(await NodeProcess.StartAsync(Path.Combine(Folder, name), options));

    private protected async Task<NodeProcess[]> NetAsync(int count, params string[] options)
    {
        var nodes = await NodeProcess.NetAsync(Folder, count, options);
        _running.AddRange(nodes);
        return nodes;
    }

    /// <summary>A configuration file with these settings.</summary>
    private protected string Config(string settings)
    {
        var file = Path.Combine(Folder, $"{Guid.NewGuid():N}.conf");
        File.WriteAllText(file, settings);
        return file;
    }
}
