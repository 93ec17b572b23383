using System.Text.Json.Nodes;

namespace Netabase.Host;

/// <content>The network, the DHT, and what the host does around a node.</content>
public sealed partial class NetabaseOptions
{
    /// <summary>Whether the swarm is started with the host (<c>netabase.host.start-swarm</c>); otherwise <see cref="INetabase.StartSwarmAsync"/> does it.</summary>
    public bool? StartSwarm { get; set; }

    /// <summary>Whether the <c>netabase</c> command may ask this node, over a socket in its data folder that only its owner can open (<c>netabase.host.control.enabled</c>).</summary>
    public bool? ControlEndpoint { get; set; }

    /// <summary>Whether the node may join a network at all (<c>netabase.network.enabled</c>).</summary>
    public bool? NetworkEnabled { get; set; }

    /// <summary>The private key's file (<c>netabase.network.identity-file</c>); empty for the one in the data folder.</summary>
    public string? IdentityFile { get; set; }

    /// <summary>Multiaddrs to listen on, such as <c>/ip4/0.0.0.0/tcp/4001</c> (<c>netabase.network.listen</c>).</summary>
    public IReadOnlyList<string>? Listen { get; set; }

    /// <summary>Multiaddrs that peers are told instead of those that are bound (<c>netabase.network.announce</c>).</summary>
    public IReadOnlyList<string>? Announce { get; set; }

    /// <summary>Peers to begin with, as multiaddrs that end in <c>/p2p/</c> and the peer's id (<c>netabase.network.bootstrap</c>).</summary>
    public IReadOnlyList<string>? Bootstrap { get; set; }

    /// <summary>How the node takes part (<c>netabase.network.mode</c>).</summary>
    public NetworkMode? Mode { get; set; }

    /// <summary>How long a connection may stay without a stream (<c>netabase.network.idle-timeout</c>).</summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>Whether peers are looked for on the local network (<c>netabase.network.mdns.enabled</c>).</summary>
    public bool? Mdns { get; set; }

    /// <summary>What is asked for and answered there, such as <c>_myapp._udp.local</c> (<c>netabase.network.mdns.service-name</c>).</summary>
    public string? MdnsServiceName { get; set; }

    /// <summary>The most open connections (<c>netabase.network.limits.connections</c>).</summary>
    public int? ConnectionsMax { get; set; }

    /// <summary>The name of the DHT's protocol (<c>netabase.kademlia.protocol</c>).</summary>
    public string? DhtProtocol { get; set; }

    /// <summary>At how many peers a record is placed (<c>netabase.kademlia.replication</c>).</summary>
    public int? Replication { get; set; }

    /// <summary>How many requests of one lookup are under way at once (<c>netabase.kademlia.parallelism</c>).</summary>
    public int? Parallelism { get; set; }

    /// <summary>How many peers must hold a record for a put to be replicated (<c>netabase.kademlia.put-quorum</c>).</summary>
    public int? PutQuorum { get; set; }

    /// <summary>How many peers must have answered with a record for a get to end early (<c>netabase.kademlia.get-quorum</c>).</summary>
    public int? GetQuorum { get; set; }

    /// <summary>How long a query may take (<c>netabase.kademlia.query-timeout</c>).</summary>
    public TimeSpan? QueryTimeout { get; set; }

    /// <summary>How long a record lives that is put without a time of its own (<c>netabase.kademlia.record-ttl</c>).</summary>
    public TimeSpan? RecordTtl { get; set; }

    /// <summary>How often what is held is given again to the peers nearest to it (<c>netabase.kademlia.replication-interval</c>).</summary>
    public TimeSpan? ReplicationInterval { get; set; }

    /// <summary>How often this node's own records are published anew (<c>netabase.kademlia.publication-interval</c>).</summary>
    public TimeSpan? PublicationInterval { get; set; }

    private JsonObject HostConfig()
    {
        var host = Known(("start-swarm", StartSwarm));
        Add(host, "control", Known(("enabled", ControlEndpoint)));
        return host;
    }

    private JsonObject NetworkConfig()
    {
        var network = Known(
            ("enabled", NetworkEnabled), ("identity-file", IdentityFile), ("listen", Texts(Listen)), ("announce", Texts(Announce)),
            ("bootstrap", Texts(Bootstrap)), ("mode", Mode?.ToString().ToLowerInvariant()), ("idle-timeout", Duration(IdleTimeout)));
        Add(network, "mdns", Known(("enabled", Mdns), ("service-name", MdnsServiceName)));
        Add(network, "limits", Known(("connections", ConnectionsMax)));
        return network;
    }

    private JsonObject KademliaConfig() => Known(
        ("protocol", DhtProtocol), ("replication", Replication), ("parallelism", Parallelism), ("put-quorum", PutQuorum), ("get-quorum", GetQuorum),
        ("query-timeout", Duration(QueryTimeout)), ("record-ttl", Duration(RecordTtl)),
        ("replication-interval", Duration(ReplicationInterval)), ("publication-interval", Duration(PublicationInterval)));

    private static JsonArray? Texts(IReadOnlyList<string>? texts) => texts is null ? null : [.. texts.Select(text => JsonValue.Create(text))];

    private static void Add(JsonObject parent, string name, JsonObject child)
    {
        if (child.Count > 0)
        {
            parent[name] = child;
        }
    }
}
