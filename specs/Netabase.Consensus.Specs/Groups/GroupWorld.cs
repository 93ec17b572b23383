using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.State;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Consensus.Specs.Records;
using Netabase.Multiformats;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Sqlite;
using Netabase.Persistence.Sqlite.Journal;
using Netabase.Transport.Keys;
using Netabase.Transport.Loopback;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>Nodes of one group, each with a folder and an actor system of its own, in one world of connections.</summary>
internal sealed class GroupWorld : IAsyncDisposable
{
    private const string Quiet = "akka { loglevel = OFF, stdout-loglevel = OFF, coordinated-shutdown.exit-clr = off }";

    private readonly string _path = Directory.CreateTempSubdirectory("netabase-group-").FullName;
    private readonly string[] _peers;
    private readonly NetabaseNode?[] _nodes;
    private readonly ActorSystem?[] _systems;
    private readonly string _hocon;

    public GroupWorld(int members, string hocon = "")
    {
        _hocon = hocon;
        _nodes = new NetabaseNode?[members];
        _systems = new ActorSystem?[members];
        _peers = [.. Enumerable.Range(0, members).Select(node =>
        {
            Directory.CreateDirectory(PathOf(node));
            using var key = IdentityFile.LoadOrCreate(Path.Combine(_path, $"{node.ToString(CultureInfo.InvariantCulture)}.key"));
            return key.PublicKey.PeerId.ToString();
        })];
    }

    /// <summary>How many of the nodes found the groups; all of them where nothing is said.</summary>
    public int? Founders { get; init; }

    /// <summary>States of the spec's own.</summary>
    public ReplicatedStatePlug[] States { get; init; } = [];

    /// <summary>Groups beside that of the records.</summary>
    public string[] Others { get; init; } = [];

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    public LoopbackWorld Connections { get; } = new() { ConnectionTimeout = TimeSpan.FromSeconds(2) };

    public PeerId PeerOf(int node) => PeerId.Parse(_peers[node]);

    /// <summary>A node's key, for who plays it otherwise.</summary>
    public PrivateKey KeyOf(int node) => IdentityFile.LoadOrCreate(Path.Combine(_path, $"{node}.key"));

    public string PathOf(int node) => Path.Combine(_path, node.ToString(CultureInfo.InvariantCulture));

    public NetabaseNode this[int node] => _nodes[node] ?? throw new InvalidOperationException($"Node {node} does not run.");

    public ActorSystem SystemOf(int node) => _systems[node]!;

    /// <summary>Starts a node, its swarm with it.</summary>
    public async Task<NetabaseNode> StartAsync(int node, GroupCores? cores = null, IAcceptorJournalBackend? journal = null, string hocon = "")
    {
        var members = string.Join(", ", _peers.Take(Founders ?? _peers.Length).Select(peer => $"\"{LoopbackWorld.AddressOf(PeerId.Parse(peer))}/p2p/{peer}\""));
        var config = ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.ParseString(_hocon))
            .WithFallback(ConfigurationFactory.ParseString($$"""
            netabase {
              data-path = "{{PathOf(node)}}"
              network { mdns.enabled = off, identity-file = "{{Path.Combine(_path, $"{node}.key")}}" }
              supervision { restart-delay-min = 10ms, restart-delay-max = 50ms }
              paxos.defaults { members = [{{members}}], links { retry-min = 10ms, retry-max = 100ms } }
              paxos.groups.ledger.definitions = ["ledger"]
              {{string.Concat(Others.Select(name => $"paxos.groups.{name}.definitions = []\n"))}}
            }
            """));
        var setup = new NodeSetup(NetabaseSettings.Create(config), [Ledger.Definition], new SqliteBackend(new SqliteStoreOptions(1024, 1000, 1 << 22, 2, 1 << 20, false, null)))
        {
            Network = plan => new BuiltNetwork(Connections.Join(plan.Identity, options => StandardNetwork.Apply(plan, options) with
            {
                ListenAddresses = options.ListenAddresses,
                Dial = options.Dial with { BackoffBase = TimeSpan.FromMilliseconds(50), BackoffStep = TimeSpan.Zero },
            })),
            Journal = journal ?? new SqliteJournalBackend(TimeSpan.FromSeconds(5)),
            States = [.. States],
            Cores = cores ?? GroupCores.Standard,
        };
        var made = new NetabaseNode(setup);
        _systems[node] ??= ActorSystem.Create($"node{node}", Quiet);
        await made.StartAsync(_systems[node]!);
        _nodes[node] = made;
        await made.StartSwarmAsync();
        return made;
    }

    public bool Runs(int node) => _nodes[node] is not null;

    /// <summary>Who leads a group, as a node sees it; asked again and again with a read that takes its time.</summary>
    public async Task<int> LeaderAsync(int asked, string group)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var leader = (await this[asked].GetGroupsAsync(deadline.Token)).Single(status => status.Name == group).Leader;
            for (var node = 0; node < _peers.Length; node++)
            {
                if (PeerOf(node) == leader)
                {
                    return node;
                }
            }

            await this[asked].GetRecordAsync(new Ledger.Account.Key("ada"), Consistency.Linearizably, deadline.Token);
        }
    }

    public async Task StopAsync(int node)
    {
        if (_nodes[node] is { } running)
        {
            _nodes[node] = null;
            await running.DisposeAsync();
        }
    }

    /// <summary>Reads events until one is as it should be.</summary>
    public static async Task<TEvent> UntilAsync<TEvent>(IBroadcastSubscription events, Func<TEvent, bool> isIt)
        where TEvent : NetabaseEvent
    {
        using var deadline = new CancellationTokenSource(Patience);
        await foreach (var happened in events.WithCancellation(deadline.Token))
        {
            if (happened is TEvent it && isIt(it))
            {
                return it;
            }
        }

        throw new InvalidOperationException("The events have ended.");
    }

    public async ValueTask DisposeAsync()
    {
        for (var node = 0; node < _nodes.Length; node++)
        {
            await StopAsync(node);
            if (_systems[node] is { } system)
            {
                await system.Terminate();
            }
        }

        Connections.Dispose();
        Directory.Delete(_path, recursive: true);
    }
}
