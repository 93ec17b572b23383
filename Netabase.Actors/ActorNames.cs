namespace Netabase.Actors;

/// <summary>The address book: where each role lives below <c>/user/{node name}</c>.</summary>
public static class ActorNames
{
    /// <summary>The broadcast.</summary>
    public const string Events = "events";

    /// <summary>The parent of all writers.</summary>
    public const string Stores = "stores";

    /// <summary>The writer of transactions over several models, beside the models' own writers.</summary>
    public const string Transactions = "transactions";

    /// <summary>The owner of the peer network.</summary>
    public const string Swarm = "swarm";

    /// <summary>The translator between the network and the actors, below <see cref="Swarm"/>.</summary>
    public const string Bridge = "bridge";

    /// <summary>The DHT.</summary>
    public const string Kademlia = "kademlia";

    /// <summary>The parent of the groups of consensus, each under its name.</summary>
    public const string Paxos = "paxos";

    /// <summary>Votes, below a group; so do the five that follow.</summary>
    public const string Acceptor = "acceptor";

    /// <summary>Leads.</summary>
    public const string Proposer = "proposer";

    /// <summary>Applies.</summary>
    public const string Learner = "learner";

    /// <summary>Knows who is there.</summary>
    public const string Elector = "elector";

    /// <summary>Brings those up to date that lag.</summary>
    public const string CatchUp = "catch-up";

    /// <summary>Holds clients' calls.</summary>
    public const string Gateway = "gateway";

    /// <summary>A model's writer; the number at its end keeps it apart from <see cref="Transactions"/>.</summary>
    public static string Model(ModelSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return $"{schema.Definition}.{schema.Tag}";
    }
}
