using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Netabase.Host.Specs.GettingStarted;

/// <summary>The getting-started page, done as it says.</summary>
public sealed class GettingStartedSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-started-").FullName;
    private readonly StringWriter _console = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_snippet_of_the_page_is_compiled_here() =>
        Snippets.AreCompiled("docs/getting-started.md", "specs/Netabase.Host.Specs/GettingStarted", least: 7);

    [Fact]
    public async Task The_steps_do_what_the_page_says()
    {
        var steps = new Steps(TextWriter.Synchronized(_console));
        using var first = steps.Host(Path.Combine(_folder, "first"), []);
        await first.StartAsync().WaitAsync(Patience);
        try
        {
            var node = Networked(first);
            var addresses = await node.GetListenAddressesAsync();
            using var second = steps.Host(Path.Combine(_folder, "second"), [addresses[0].ToString()]);
            using var enough = new CancellationTokenSource();
            var listening = steps.ListenAsync(node, enough.Token);
            await using var events = node.SubscribeToBroadcasts();
            await second.StartAsync().WaitAsync(Patience);
            await KnowsSomebodyAsync(node, events);

            var local = first.Services.GetRequiredService<INetabase>();
            var item = await steps.LocallyAsync(local);
            await steps.QueryAsync(local);
            await steps.TransactAsync(local, item.Id);
            await steps.PublishAsync(node, item);
            await steps.FindAsync(Networked(second), item.Id);
            await steps.FindAsync(Networked(second), Guid.NewGuid());
            await StoredAsync(events);
            await second.StopAsync().WaitAsync(Patience);
            await enough.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening).WaitAsync(Patience);
        }
        finally
        {
            await first.StopAsync().WaitAsync(Patience);
        }

        var said = _console.ToString();
        Assert.All(
            ["hinges", "B3: 12 hinges", "1 on shelf B3", "one less", "here and at 1 peers", "hinges, from Local", "nowhere; 1 peers were asked", "met 12D3KooW"],
            line => Assert.Contains(line, said, StringComparison.Ordinal));
    }

    private static INetabase Networked(IHost host) => host.Services.GetRequiredKeyedService<INetabase>("networked");

    private static async Task KnowsSomebodyAsync(INetabase node, IBroadcastSubscription events)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var _ in events.WithCancellation(patience.Token))
        {
            if ((await node.GetRoutesAsync(patience.Token)).Length > 0)
            {
                return;
            }
        }
    }

    /// <summary>The listener of the page hears everything in the order in which this one does.</summary>
    private static async Task StoredAsync(IBroadcastSubscription events)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var happened in events.WithCancellation(patience.Token))
        {
            if (happened is StoreEvent.RecordStored)
            {
                return;
            }
        }
    }
}
