using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Netabase.Host.Specs.GettingStarted;

/// <summary>The getting-started page, done as it says.</summary>
public sealed partial class GettingStartedSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-started-").FullName;
    private readonly StringWriter _console = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_snippet_of_the_page_is_compiled_here()
    {
        var page = File.ReadAllText(InRepository("docs/getting-started.md"));
        var compiled = Directory.GetFiles(InRepository("specs/Netabase.Host.Specs/GettingStarted"), "*.cs").Select(file => Flat(File.ReadAllText(file))).ToList();
        var snippets = Snippet().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.True(snippets.Count >= 7, $"{snippets.Count} snippets");
        Assert.All(snippets, snippet => Assert.True(compiled.Exists(code => code.Contains(Flat(snippet), StringComparison.Ordinal)), $"compiled nowhere:\n{snippet}"));
    }

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

    private static string Flat(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string InRepository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Netabase.sln")))
            {
                return Path.Combine(folder.FullName, path);
            }
        }

        throw new InvalidOperationException("There is no repository above this assembly.");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
