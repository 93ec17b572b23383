using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;

namespace Netabase.Actors.Specs;

/// <summary>Nodes in an actor system of the test kit, over a store that the spec holds in its hand.</summary>
public abstract class NodeSpec : TestKit
{
    private readonly List<NetabaseNode> _nodes = [];

    protected NodeSpec()
        : base("akka { loglevel = WARNING, stdout-loglevel = WARNING, actor.serialize-messages = on, coordinated-shutdown.exit-clr = off }")
    {
    }

    /// <summary>The longest that anything here is waited for.</summary>
    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    internal static CancellationToken Soon() => new CancellationTokenSource(Patience).Token;

    private protected NetabaseNode Create(GatedBackend backend, string hocon = "", TimeProvider? time = null)
    {
        // A machine that does much else may keep a write waiting for longer than a user would like.
        var settings = NetabaseSettings.Create(ConfigurationFactory.ParseString(hocon)
            .WithFallback(ConfigurationFactory.ParseString("netabase.stores.operation-timeout = 60s")));
        var node = new NetabaseNode(new NodeSetup(settings, [Notes.Definition, Shop.Definition], backend) { Time = time ?? TimeProvider.System });
        _nodes.Add(node);
        return node;
    }

    private protected async Task<NetabaseNode> StartAsync(GatedBackend backend, string hocon = "", TimeProvider? time = null)
    {
        var node = Create(backend, hocon, time);
        await node.StartAsync(Sys);
        return node;
    }

    /// <summary>The actor of a role, such as <c>stores/notes.1</c>.</summary>
    protected async Task<IActorRef> RoleAsync(string path)
    {
        IActorRef? role = null;
        await AwaitAssertAsync(async () => role = await Sys.ActorSelection($"/user/netabase/{path}").ResolveOne(Patience), Patience);
        return role!;
    }

    protected override void AfterAll()
    {
        foreach (var node in _nodes)
        {
            node.DisposeAsync().AsTask().Wait(Patience);
        }

        base.AfterAll();
    }

    internal static Notes.Note Note(int id, string author = "ada", string text = "") => new() { Id = id, Author = author, Text = text };

    internal static async Task<List<NetabaseEvent>> ReadAsync(IBroadcastSubscription subscription, int count)
    {
        var events = new List<NetabaseEvent>();
        await foreach (var happened in subscription.WithCancellation(Soon()))
        {
            events.Add(happened);
            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }
}
