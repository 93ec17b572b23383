using Akka.Actor;
using Netabase.Actors.Node;

namespace Netabase.Host;

/// <summary>The nodes that run in one actor system.</summary>
internal sealed class RunningNodes : IExtension
{
    private readonly Lock _gate = new();
    private readonly List<NetabaseNode> _nodes = [];

    public static RunningNodes Of(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<RunningNodes, Provider>();
    }

    public void Add(NetabaseNode node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    public NetabaseNode Find(string? name)
    {
        lock (_gate)
        {
            return name is null
                ? _nodes is [var only] ? only : throw new InvalidOperationException($"{_nodes.Count} nodes run in this system; say which by its name.")
                : _nodes.Find(node => node.Name == name) ?? throw new InvalidOperationException($"No node named {name} runs in this system.");
        }
    }

    private sealed class Provider : ExtensionIdProvider<RunningNodes>
    {
        public override RunningNodes CreateExtension(ExtendedActorSystem system) => new();
    }
}
