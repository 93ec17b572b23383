namespace Netabase;

/// <summary>
/// Something that happened on this node; what happened to a record is told after it is on disk. Later issues add cases for
/// consensus; a subscriber passes over what it does not know.
/// </summary>
public abstract record NetabaseEvent
{
    private protected NetabaseEvent()
    {
    }

    /// <summary>Unix milliseconds at which this node saw it.</summary>
    public long At { get; init; }
}

/// <summary>What happens in the local stores.</summary>
public abstract record StoreEvent : NetabaseEvent
{
    private protected StoreEvent()
    {
    }

    /// <summary>A record was written, by this node or by a peer.</summary>
    public sealed record RecordStored(RecordKey Key, RecordMetadata Metadata, bool Replaced) : StoreEvent;

    /// <summary>A record was removed.</summary>
    public sealed record RecordRemoved(RecordKey Key) : StoreEvent;

    /// <summary>Every record of a model was removed.</summary>
    public sealed record ModelCleared(string Definition, ushort Tag, long Records) : StoreEvent;

    /// <summary>Records whose time had passed were swept out.</summary>
    public sealed record RecordsExpired(string Definition, ushort Tag, long Records) : StoreEvent;

    /// <summary>A model's store is damaged: it is stopped, its records are neither served nor written.</summary>
    public sealed record StoreDamaged(string Definition, ushort Tag, string Detail) : StoreEvent;
}

/// <summary>A subscriber read too slowly.</summary>
/// <param name="Missed">How many events it did not get since the last one it did.</param>
public sealed record Lagged(long Missed) : NetabaseEvent;
