using System.Text.Json.Nodes;

namespace Netabase.Host;

/// <content>Replicated logs.</content>
public sealed partial class NetabaseOptions
{
    private readonly Dictionary<string, JsonObject> _groups = [];

    /// <summary>Adds a replicated log, or the part of one that the file says more about (<c>netabase.paxos.groups.NAME</c>).</summary>
    /// <param name="name">Its name: letters, digits, '-' and '_'.</param>
    /// <param name="members">The founders, each as a peer id or a multiaddr that ends in <c>/p2p/</c> and one; the same on every node, never changed afterwards, and empty for this node alone.</param>
    /// <param name="definitions">Whose records are written through the log alone; none for one with a state of the program's own.</param>
    public NetabaseOptions AddGroup(string name, IReadOnlyList<string> members, params IReadOnlyList<DefinitionDescriptor> definitions)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(definitions);
        _groups[name] = new JsonObject { ["members"] = Texts(members), ["definitions"] = Texts([.. definitions.Select(definition => definition.Name)]) };
        return this;
    }

    private JsonObject PaxosConfig()
    {
        var paxos = new JsonObject();
        Add(paxos, "groups", new JsonObject(_groups.Select(group => KeyValuePair.Create(group.Key, (JsonNode?)group.Value.DeepClone()))));
        return paxos;
    }
}
