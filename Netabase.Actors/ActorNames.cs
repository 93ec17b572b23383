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

    /// <summary>A model's writer; the number at its end keeps it apart from <see cref="Transactions"/>.</summary>
    public static string Model(ModelSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return $"{schema.Definition}.{schema.Tag}";
    }
}
