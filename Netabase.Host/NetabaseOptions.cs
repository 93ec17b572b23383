using System.Text.Json.Nodes;
using Akka.Configuration;
using Netabase.Actors.Paxos.State;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;

namespace Netabase.Host;

/// <summary>
/// What a program says about its node. A property that stays null is decided by the configuration file, and where that is
/// silent by <c>reference.conf</c>; what is set here beats both.
/// </summary>
public sealed partial class NetabaseOptions
{
    private readonly List<DefinitionDescriptor> _definitions = [];
    private readonly Dictionary<string, IRecordStoreBackend> _backends = [];
    private readonly Dictionary<string, IRecordStorePlug> _plugs = [];
    private readonly Dictionary<string, IAcceptorJournalBackend> _journals = [];
    private readonly List<ReplicatedStatePlug> _states = [];

    /// <summary>The node's name within the process (<c>netabase.name</c>).</summary>
    public string? Name { get; set; }

    /// <summary>The data folder (<c>netabase.data-path</c>).</summary>
    public string? DataPath { get; set; }

    /// <summary>Which store, by name (<c>netabase.stores.backend</c>): <c>sqlite</c>, <c>memory</c>, or one of <see cref="AddBackend(IRecordStorePlug)"/>.</summary>
    public string? Backend { get; set; }

    /// <summary>The most bytes of one encoded record (<c>netabase.stores.value-size-max</c>).</summary>
    public int? ValueSizeMax { get; set; }

    /// <summary>The most writes that wait for one model's writer (<c>netabase.stores.queue-max</c>).</summary>
    public int? QueueMax { get; set; }

    /// <summary>How long a write waits for its answer (<c>netabase.stores.operation-timeout</c>).</summary>
    public TimeSpan? OperationTimeout { get; set; }

    /// <summary>How often expired records are swept out (<c>netabase.stores.sweep-interval</c>).</summary>
    public TimeSpan? SweepInterval { get; set; }

    /// <summary>Events kept for a subscriber that names no number (<c>netabase.events.subscriber-capacity</c>).</summary>
    public int? SubscriberCapacity { get; set; }

    /// <summary>How long a stop waits for the work under way (<c>netabase.stop-timeout</c>).</summary>
    public TimeSpan? StopTimeout { get; set; }

    /// <summary>A HOCON file of the operator's; it has to exist. Its <c>akka</c> part configures an actor system that <c>AddNetabase</c> makes.</summary>
    public string? ConfigurationFile { get; set; }

    /// <summary>Configuration that the program brings, below what it sets here and above <see cref="ConfigurationFile"/>.</summary>
    public Config? Configuration { get; set; }

    /// <summary>The clock; the system's unless a spec brings another.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal IReadOnlyList<DefinitionDescriptor> Definitions => _definitions;

    internal IReadOnlyDictionary<string, IRecordStoreBackend> Backends => _backends;

    internal IReadOnlyDictionary<string, IRecordStorePlug> Plugs => _plugs;

    internal IReadOnlyDictionary<string, IAcceptorJournalBackend> Journals => _journals;

    internal IReadOnlyList<ReplicatedStatePlug> States => _states;

    /// <summary>Adds a definition whose models the node holds: the generated <c>Definition</c> of a definition class.</summary>
    public NetabaseOptions AddDefinition(DefinitionDescriptor definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _definitions.Add(definition);
        return this;
    }

    /// <summary>Plugs a store in, for the configuration to choose by its name and to tune in <c>netabase.stores.{name}</c>.</summary>
    public NetabaseOptions AddBackend(IRecordStorePlug plug)
    {
        ArgumentNullException.ThrowIfNull(plug);
        _plugs[plug.Name] = plug;
        return this;
    }

    /// <summary>Plugs a store in that was tuned by code, for the configuration to choose by its name.</summary>
    public NetabaseOptions AddBackend(IRecordStoreBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backends[backend.Name] = backend;
        return this;
    }

    /// <summary>Plugs a journal for acceptors' votes in, for the configuration to choose by its name (<c>netabase.paxos.journal.backend</c>).</summary>
    public NetabaseOptions AddJournal(IAcceptorJournalBackend journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        _journals[journal.Name] = journal;
        return this;
    }

    /// <summary>Puts a state of the program's own behind the log of a group, which names no definitions; see <see cref="INetabase.ReplicatedLog"/>.</summary>
    /// <param name="group">The group's name in <c>netabase.paxos.groups</c>.</param>
    /// <param name="make">Makes a state that has applied nothing; called again whenever it begins anew from what was kept.</param>
    public NetabaseOptions AddReplicatedState<TState, TCommand, TResult>(string group, Func<TState> make)
        where TState : IReplicatedState<TCommand, TResult>
    {
        _states.Add(ReplicatedStatePlug.For<TState, TCommand, TResult>(group, make));
        return this;
    }

    /// <summary>Plugs a store in and chooses it.</summary>
    public NetabaseOptions UseBackend(IRecordStoreBackend backend)
    {
        AddBackend(backend);
        Backend = backend.Name;
        return this;
    }

    /// <summary>What is set here, then the program's configuration, then the file's.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    internal Config ToConfig()
    {
        var config = OwnConfig();
        config = Configuration is null ? config : config.WithFallback(Configuration);
        return ConfigurationFile is { } file ? config.WithFallback(ConfigurationText.Read(file)) : config;
    }

    // HOCON contains JSON, whose writer knows how to quote.
    private Config OwnConfig()
    {
        var stores = Known(
            ("backend", Backend), ("value-size-max", ValueSizeMax), ("queue-max", QueueMax),
            ("operation-timeout", Duration(OperationTimeout)), ("sweep-interval", Duration(SweepInterval)));
        var events = Known(("subscriber-capacity", SubscriberCapacity));
        var node = Known(("name", Name), ("data-path", DataPath), ("stop-timeout", Duration(StopTimeout)));
        node["stores"] = stores;
        node["events"] = events;
        node["host"] = HostConfig();
        Add(node, "network", NetworkConfig());
        Add(node, "kademlia", KademliaConfig());
        Add(node, "paxos", PaxosConfig());
        return ConfigurationFactory.ParseString(new JsonObject { ["netabase"] = node }.ToJsonString());
    }

    private static string? Duration(TimeSpan? span) => span is { } time ? FormattableString.Invariant($"{time.TotalMilliseconds}ms") : null;

    private static JsonObject Known(params ReadOnlySpan<(string Key, JsonNode? Value)> values)
    {
        var known = new JsonObject();
        foreach (var (key, value) in values)
        {
            if (value is not null)
            {
                known[key] = value;
            }
        }

        return known;
    }
}
