using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Actors.Swarm;
using Netabase.Multiformats;
using Netabase.Persistence;
using Netabase.Protocol.Records;
using Netabase.Transport.Loopback;

namespace Netabase.Actors.Specs.Network;

/// <summary>Nodes in actor systems of their own, in one world that the spec delays and cuts.</summary>
public abstract class NetSpec : TestKit
{
    private const string Quiet = "akka { loglevel = WARNING, stdout-loglevel = WARNING, actor.serialize-messages = on, coordinated-shutdown.exit-clr = off }";

    /// <summary>For worlds in which peers are cut off or killed: who is gone is soon noticed. A peer of a busy machine may then count as gone too.</summary>
    protected const string Hasty = "netabase.kademlia { request-timeout = 2s, peer-timeout = 500ms, query-timeout = 10s }";

    /// <summary>Who answers is waited for however busy the machine is, and nothing is put off.</summary>
    private const string Patient = """
        netabase {
          network { mdns.enabled = off, bootstrap-retry-min = 50ms, bootstrap-retry-max = 200ms, dial-timeout = 60s }
          stores { operation-timeout = 60s }
          kademlia { rejoin-interval = 200ms, request-timeout = 60s, peer-timeout = 30s, query-timeout = 100s }
          supervision { restart-delay-min = 10ms, restart-delay-max = 50ms }
        }
        """;

    private readonly List<NetNode> _nodes = [];

    protected NetSpec()
        : base(Quiet)
    {
    }

    /// <summary>The longest that anything here is waited for.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    private protected LoopbackWorld World { get; } = new() { ConnectionTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>A node that is started, and whose swarm is not.</summary>
    private protected async Task<NetNode> CreateAsync(
        string hocon = "", IReadOnlyCollection<NetNode>? bootstrap = null, IRecordStoreBackend? backend = null, DefinitionDescriptor[]? definitions = null, TimeProvider? time = null, bool isReal = false, ILoggerFactory? loggers = null, IRecordValidator[]? validators = null)
    {
        var peers = string.Join(", ", (bootstrap ?? []).Select(node => $"\"{node.Address}\""));
        var config = ConfigurationFactory.ParseString($"netabase.network.bootstrap = [{peers}]")
            .WithFallback(ConfigurationFactory.ParseString(hocon)).WithFallback(ConfigurationFactory.ParseString(Patient));
        var store = backend ?? new GatedBackend();
        var node = new NetabaseNode(new NodeSetup(NetabaseSettings.Create(config), [.. definitions ?? [Notes.Definition, Shop.Definition]], store)
        {
            Time = time ?? TimeProvider.System,
            Loggers = loggers ?? NullLoggerFactory.Instance,
            Validators = [.. validators ?? []],
            Network = isReal ? StandardNetwork.Create : plan => new BuiltNetwork(World.Join(plan.Identity, options => StandardNetwork.Apply(plan, options) with
            {
                ListenAddresses = options.ListenAddresses,
                Dial = options.Dial with { BackoffBase = TimeSpan.FromMilliseconds(50), BackoffStep = TimeSpan.Zero },
            })),
        });
        var made = new NetNode(node, ActorSystem.Create($"node{_nodes.Count}", Quiet), store);
        _nodes.Add(made);
        await node.StartAsync(made.System);
        return made;
    }

    /// <summary>A node in the network.</summary>
    private protected async Task<NetNode> JoinAsync(string hocon = "", params NetNode[] bootstrap)
    {
        var node = await CreateAsync(hocon, bootstrap);
        await node.Node.StartSwarmAsync();
        return node;
    }

    /// <summary>Two nodes that know each other.</summary>
    private protected async Task<(NetNode One, NetNode Other)> PairAsync(string hocon = "")
    {
        var one = await JoinAsync(hocon);
        var other = await JoinAsync(hocon, one);
        await KnowAsync(1, one, other);
        return (one, other);
    }

    /// <summary>Several nodes that all began with the first.</summary>
    private protected async Task<NetNode[]> NetworkAsync(int count, string hocon = "")
    {
        var first = await JoinAsync(hocon);
        var rest = await Task.WhenAll(Enumerable.Range(1, count - 1).Select(_ => JoinAsync(hocon, first)));
        NetNode[] all = [first, .. rest];
        await KnowAsync(Math.Min(count - 1, 8), all);
        return all;
    }

    /// <summary>Waits until each has so many peers in its routing table.</summary>
    private protected async Task KnowAsync(int peers, params NetNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await AwaitAssertAsync(
                async () => Assert.True((await node.Node.GetRoutesAsync()).Length >= peers), Patience, TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Reads events until one is as it should be.</summary>
    internal static async Task<TEvent> UntilAsync<TEvent>(IBroadcastSubscription events, Func<TEvent, bool> isIt)
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

    /// <summary>Kills a role, and waits until another stands in its place.</summary>
    private protected async Task KillAsync(NetNode node, string role)
    {
        var path = $"/user/netabase/{role}";
        var victim = await node.System.ActorSelection(path).ResolveOne(Patience);
        victim.Tell(Kill.Instance);
        await AwaitAssertAsync(
            async () => Assert.NotEqual(victim, await node.System.ActorSelection(path).ResolveOne(Patience)), Patience, TimeSpan.FromMilliseconds(10));
    }

    protected override void AfterAll()
    {
        Task.WhenAll(_nodes.Select(async node =>
        {
            await node.Node.DisposeAsync();
            await node.System.Terminate();
        })).Wait(Patience);
        World.Dispose();
        base.AfterAll();
    }

    internal static Notes.Note Note(int id, string author = "ada", string text = "") => new() { Id = id, Author = author, Text = text };

    internal static Notes.Note.Key Key(int id) => new(id);
}

/// <summary>One node, its actor system and its store.</summary>
internal sealed record NetNode(NetabaseNode Node, ActorSystem System, IRecordStoreBackend Backend)
{
    public PeerId Id => Node.LocalPeer!.Value;

    public Multiaddr Address => LoopbackWorld.AddressOf(Id).WithPeer(Id);
}
