using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Netabase.Actors.Specs.Network;

/// <summary>What an operator finds in the log: structured, each sentence under a number of its own, from the roles that it concerns.</summary>
public sealed class LogSpecs : NetSpec
{
    [Fact]
    public async Task Joining_a_query_a_killed_role_a_lost_bootstrap_peer_and_leaving_are_logged_with_their_facts()
    {
        using var log = new LogBook();
        var one = await JoinAsync();
        var other = await CreateAsync("", [one], loggers: log);
        await other.Node.StartSwarmAsync();
        await KnowAsync(1, other);
        await other.Node.PutRecordAsync(Note(1));
        await KillAsync(other, "kademlia");
        await one.Node.StopSwarmAsync();
        await AwaitAssertAsync(() => Assert.Contains(log.Entries, entry => entry.Name == "BootstrapFailed"), Patience, TimeSpan.FromMilliseconds(20));
        await other.Node.StopSwarmAsync();

        Assert.Equal(("Netabase.Swarm", LogLevel.Information, other.Id), Of<Multiformats.PeerId>(log, "Joined", "Peer"));
        Assert.Equal(("Netabase.Swarm", LogLevel.Information, NetworkMode.Server), Of<NetworkMode>(log, "ModeChanged", "Mode"));
        Assert.Contains(log.Entries, entry => entry is { Name: "QueryEnded", Category: "Netabase.Kademlia", Level: LogLevel.Debug } && entry.Facts["Kind"] is DhtQueryKind.Put);
        Assert.Equal(("Netabase.Node", LogLevel.Warning, "kademlia"), Of<string>(log, "RoleEnded", "Role"));
        Assert.Equal(("Netabase.Swarm", LogLevel.Warning, one.Id), Of<Multiformats.PeerId>(log, "BootstrapFailed", "Peer"));
        Assert.Equal(("Netabase.Swarm", LogLevel.Information, other.Id), Of<Multiformats.PeerId>(log, "Left", "Peer"));
    }

    [Fact]
    public async Task What_is_refused_is_logged_with_the_peer_and_the_reason()
    {
        using var log = new LogBook();
        var one = await CreateAsync(definitions: [Shop.Definition], loggers: log);
        await one.Node.StartSwarmAsync();
        var other = await JoinAsync("", one);
        await KnowAsync(1, other);
        Assert.IsType<PutResult.StoredLocally>(await other.Node.PutRecordAsync(Note(1)));
        Assert.Equal(("Netabase.Kademlia", LogLevel.Debug, other.Id), Of<Multiformats.PeerId>(log, "Refused", "Peer"));
        Assert.Contains("'notes'", log.Entries.First(entry => entry.Name == "Refused").Text, StringComparison.Ordinal);
    }

    private static (string Category, LogLevel Level, TFact Fact) Of<TFact>(LogBook log, string name, string fact)
    {
        var entry = log.Entries.First(entry => entry.Name == name);
        return (entry.Category, entry.Level, (TFact)entry.Facts[fact]!);
    }

    private sealed record Entry(string Category, LogLevel Level, string? Name, string Text, IReadOnlyDictionary<string, object?> Facts);

    private sealed class LogBook : ILoggerFactory
    {
        public ConcurrentQueue<Entry> Entries { get; } = new();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

        public void Dispose() => Entries.Clear();

        private sealed class Category(LogBook log, string name) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                log.Entries.Enqueue(new Entry(
                    name,
                    logLevel,
                    eventId.Name,
                    formatter(state, exception),
                    (state as IReadOnlyList<KeyValuePair<string, object?>>)?.DistinctBy(fact => fact.Key).ToDictionary(fact => fact.Key, fact => fact.Value) ?? []));
        }
    }
}
