using Akka.Actor;

namespace Netabase.Actors.Node;

/// <summary>The names of the nodes of one actor system: each node's actors live under its own.</summary>
internal sealed class NodeNames : IExtension
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = [];

    public static NodeNames Of(ActorSystem system) => system.WithExtension<NodeNames, Provider>();

    /// <exception cref="InvalidOperationException">Another node has it.</exception>
    public void Claim(string name)
    {
        lock (_gate)
        {
            if (!_names.Add(name))
            {
                throw new InvalidOperationException(
                    $"Another node runs under the name {name} in this actor system; give each its own netabase.name.");
            }
        }
    }

    public void Release(string name)
    {
        lock (_gate)
        {
            _names.Remove(name);
        }
    }

    private sealed class Provider : ExtensionIdProvider<NodeNames>
    {
        public override NodeNames CreateExtension(ExtendedActorSystem system) => new();
    }
}
