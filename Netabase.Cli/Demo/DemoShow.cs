using System.Diagnostics;
using System.Globalization;
using System.Text;
using Netabase.Host;
using Netabase.Multiformats;

namespace Netabase.Cli.Demo;

/// <summary>The scenes of <c>netabase demo</c>, each with a line that says what came out.</summary>
internal sealed class DemoShow(TextWriter output) : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-demo-").FullName;
    private readonly List<DemoNode> _nodes = [];
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private bool _isGood = true;

    /// <summary>Plays every scene.</summary>
    /// <returns>Whether all of them came out right.</returns>
    public async Task<bool> RunAsync(int nodes, CancellationToken cancellation)
    {
        await StartAsync(nodes, cancellation).ConfigureAwait(false);
        await PutAndGetAsync(cancellation).ConfigureAwait(false);
        await UpdateAsync(cancellation).ConfigureAwait(false);
        await LateAsync(cancellation).ConfigureAwait(false);
        await ProvideAsync(cancellation).ConfigureAwait(false);
        await RestartAsync(cancellation).ConfigureAwait(false);
        await output.WriteLineAsync(_isGood
            ? string.Create(CultureInfo.InvariantCulture, $"All as it should be, after {_time.Elapsed.TotalSeconds:0.0} s. The nodes and their folders are gone.")
            : "Something is not as it should be: see the lines above that begin with NOT.").ConfigureAwait(false);
        return _isGood;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(int nodes, CancellationToken cancellation)
    {
        var bootstrap = new List<Multiaddr>();
        for (var number = 1; number <= nodes; number++)
        {
            var node = new DemoNode($"node-{number}", _folder);
            _nodes.Add(node);
            await node.StartAsync(bootstrap, cancellation).ConfigureAwait(false);
            var addresses = await node.Netabase.GetListenAddressesAsync(cancellation).ConfigureAwait(false);
            await output.WriteLineAsync($"{node.Name} listens on {addresses[0]}").ConfigureAwait(false);
            if (bootstrap.Count == 0)
            {
                bootstrap.Add(addresses[0]);
            }
        }

        // The first was alone when it started; the others know it, and meet each other through it.
        foreach (var node in _nodes.Skip(1))
        {
            await JoinAsync(node, cancellation).ConfigureAwait(false);
        }

        foreach (var node in _nodes)
        {
            var routes = await KnowsAllAsync(node, cancellation).ConfigureAwait(false);
            Say(routes == nodes - 1, $"{node.Name} knows {routes} of the {nodes - 1} others");
        }
    }

    private static async Task JoinAsync(DemoNode node, CancellationToken cancellation)
    {
        await UntilAsync(node, async () => (await node.Netabase.GetRoutesAsync(cancellation).ConfigureAwait(false)).Length > 0, cancellation).ConfigureAwait(false);
        await node.Netabase.BootstrapAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<int> KnowsAllAsync(DemoNode node, CancellationToken cancellation)
    {
        var routes = 0;
        await UntilAsync(
            node,
            async () => (routes = (await node.Netabase.GetRoutesAsync(cancellation).ConfigureAwait(false)).Length) == _nodes.Count - 1,
            cancellation).ConfigureAwait(false);
        return routes;
    }

    private async Task PutAndGetAsync(CancellationToken cancellation)
    {
        await using var events = _nodes[1].Netabase.SubscribeToBroadcasts();
        var put = await _nodes[0].Netabase.PutRecordAsync(Entry("greeting", "hello, world"), cancellation: cancellation).ConfigureAwait(false);
        Say(put is PutResult.Replicated { Replicas: > 0 }, $"node-1 put greeting = \"hello, world\": {Describe(put)}");
        await SeenAsync(events, cancellation).ConfigureAwait(false);
        foreach (var node in _nodes.Skip(1))
        {
            await GetAsync(node, "greeting", "hello, world", cancellation).ConfigureAwait(false);
        }
    }

    private async Task SeenAsync(IBroadcastSubscription events, CancellationToken cancellation)
    {
        await foreach (var happened in events.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (happened is StoreEvent.RecordStored stored)
            {
                Say(true, $"node-2 had the event RecordStored, published by {stored.Metadata.Publisher}");
                return;
            }
        }
    }

    private async Task UpdateAsync(CancellationToken cancellation)
    {
        var last = _nodes[^1];
        var put = await last.Netabase.PutRecordAsync(Entry("greeting", "hello again"), cancellation: cancellation).ConfigureAwait(false);
        Say(put is PutResult.Replicated, $"{last.Name} put greeting = \"hello again\": {Describe(put)}");
        await GetAsync(_nodes[0], "greeting", "hello again", cancellation).ConfigureAwait(false);
    }

    /// <summary>The others have had a copy since the put; this one has to ask.</summary>
    private async Task LateAsync(CancellationToken cancellation)
    {
        var late = new DemoNode("latecomer", _folder);
        var others = await _nodes[0].Netabase.GetListenAddressesAsync(cancellation).ConfigureAwait(false);
        _nodes.Add(late);
        await late.StartAsync([others[0]], cancellation).ConfigureAwait(false);
        await JoinAsync(late, cancellation).ConfigureAwait(false);
        await GetAsync(late, "greeting", "hello again", cancellation).ConfigureAwait(false);
    }

    private async Task ProvideAsync(CancellationToken cancellation)
    {
        var key = new KeyValue.Entry.Key("greeting");
        foreach (var node in _nodes.Take(2))
        {
            Say(await node.Netabase.StartProvidingAsync(key, cancellation).ConfigureAwait(false) is ProvideResult.Announced, $"{node.Name} announced that it provides greeting");
        }

        var found = await _nodes[^1].Netabase.GetProvidersAsync(key, cancellation).ConfigureAwait(false);
        var both = _nodes.Take(2).All(node => found.Providers.Contains(node.Netabase.LocalPeer!.Value));
        Say(both, $"{_nodes[^1].Name} found {found.Providers.Length} providers of it");
    }

    private async Task RestartAsync(CancellationToken cancellation)
    {
        var first = _nodes[0];
        var peer = first.Netabase.LocalPeer;
        await first.DisposeAsync().ConfigureAwait(false);
        await GetAsync(_nodes[1], "greeting", "hello again", cancellation).ConfigureAwait(false);
        await output.WriteLineAsync("     (node-1 was stopped meanwhile)").ConfigureAwait(false);
        var others = await _nodes[1].Netabase.GetListenAddressesAsync(cancellation).ConfigureAwait(false);
        await first.StartAsync([others[0]], cancellation).ConfigureAwait(false);
        Say(first.Netabase.LocalPeer == peer, "node-1 started again on its folder and is the same peer");
        await GetAsync(first, "greeting", "hello again", cancellation).ConfigureAwait(false);
    }

    private async Task GetAsync(DemoNode node, string name, string expected, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var got = await node.Netabase.GetRecordAsync(new KeyValue.Entry.Key(name), cancellation).ConfigureAwait(false);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var text = got.Value is { } entry ? Encoding.UTF8.GetString(entry.Value.Span) : null;
        var source = got is GetResult<KeyValue.Entry>.Found found ? found.Source.ToString().ToLowerInvariant() : got.GetType().Name;
        Say(text == expected, string.Create(CultureInfo.InvariantCulture, $"{node.Name} got {name} = \"{text}\" ({source}, {took:0.0} ms)"));
    }

    /// <summary>Looks again whenever something happened at the node, until it is so or the time is over.</summary>
    private static async Task UntilAsync(DemoNode node, Func<Task<bool>> isSo, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        await using var events = node.Netabase.SubscribeToBroadcasts();
        try
        {
            if (await isSo().ConfigureAwait(false))
            {
                return;
            }

            await foreach (var _ in events.WithCancellation(patience.Token).ConfigureAwait(false))
            {
                if (await isSo().ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Whoever waited says what is missing.
        }
    }

    private static KeyValue.Entry Entry(string name, string value) => new() { Name = name, Value = new Payload(Encoding.UTF8.GetBytes(value)) };

    private static string Describe(PutResult put) => put switch
    {
        PutResult.Replicated replicated => $"stored there and on {replicated.Replicas} peers",
        PutResult.StoredLocally local => $"stored there and on {local.Replicas} of {local.Quorum} peers wanted",
        _ => put.ToString(),
    };

    private void Say(bool isGood, string line)
    {
        _isGood &= isGood;
        output.WriteLine($"{(isGood ? "  ok" : " NOT")} {line}");
    }
}
