using System.Collections.Immutable;

namespace Netabase.Persistence;

/// <summary>Writes that happen together or not at all, if their conditions hold.</summary>
/// <param name="Writes">In order; a later write of a key wins over an earlier one.</param>
/// <param name="Conditions">All checked on the state before the first write, within the same transaction.</param>
public sealed record StoreBatch(ImmutableArray<StoreWrite> Writes, ImmutableArray<StoreCondition> Conditions)
{
    /// <summary>
    /// Whether whoever brings it can bring it again after a power failure: it survives the end of the process as every other does, and is
    /// on disk with the next batch that cannot be repeated, or with the next checkpoint. What a power failure takes is always the last.
    /// </summary>
    public bool IsRepeatable { get; init; }
}

/// <summary>One write.</summary>
public abstract record StoreWrite
{
    private StoreWrite()
    {
    }

    /// <summary>The place of the model whose rows it touches; null for a mark.</summary>
    public int? Touches => this switch
    {
        Put put => put.Model,
        Bury bury => bury.Model,
        Remove remove => remove.Model,
        Clear clear => clear.Model,
        _ => null,
    };

    /// <summary>Writes a record, whatever was there; its index entries are brought up to date with it.</summary>
    /// <param name="Model">The model's place in <see cref="StoreLayout.Models"/>.</param>
    /// <param name="Key">The primary key's bytes.</param>
    /// <param name="Value">The encoded value.</param>
    /// <param name="Metadata">What is known of it.</param>
    /// <param name="IndexKeys">One entry a secondary key of the model, in its order; null where the value is null.</param>
    public sealed record Put(int Model, Payload Key, Payload Value, RecordMetadata Metadata, ImmutableArray<Payload?> IndexKeys) : StoreWrite;

    /// <summary>Removes a record or a tombstone and all index entries; nothing there is no error.</summary>
    public sealed record Remove(int Model, Payload Key) : StoreWrite;

    /// <summary>Puts a tombstone in a record's place; <see cref="RecordMetadata.ExpiresAt"/> says how long it stays.</summary>
    public sealed record Bury(int Model, Payload Key, RecordMetadata Metadata) : StoreWrite;

    /// <summary>Removes every row of a model.</summary>
    public sealed record Clear(int Model) : StoreWrite;

    /// <summary>Sets a named value that belongs to no model, such as the index up to which a log was applied; null unsets it.</summary>
    public sealed record SetMark(string Name, Payload? Value) : StoreWrite;
}

/// <summary>What must be true for a batch to be written.</summary>
public abstract record StoreCondition
{
    private StoreCondition(int model, Payload key)
    {
        Model = model;
        Key = key;
    }

    /// <summary>The model's place in <see cref="StoreLayout.Models"/>.</summary>
    public int Model { get; init; }

    /// <summary>The primary key's bytes.</summary>
    public Payload Key { get; init; }

    /// <summary>
    /// The record is the one read before: same clock and publisher, or none at all where <paramref name="Expected"/> is null.
    /// A tombstone and an expired record are none, as they are to the read.
    /// </summary>
    public sealed record Unchanged(int Model, Payload Key, RecordMetadata? Expected) : StoreCondition(Model, Key);

    /// <summary>
    /// The row, a tombstone included, is older than this by the record rules (<see cref="Protocol.Records.RecordRules"/>), or none. An
    /// expired row is none.
    /// </summary>
    public sealed record Newer(int Model, Payload Key, RecordMetadata Candidate) : StoreCondition(Model, Key);
}

/// <summary>What became of a batch.</summary>
public abstract record BatchOutcome
{
    private BatchOutcome()
    {
    }

    /// <summary>All of it is on disk.</summary>
    /// <param name="Writes">For each write how many live rows it replaced or removed (0 or 1; any number for a clear).</param>
    public sealed record Written(ImmutableArray<long> Writes) : BatchOutcome;

    /// <summary>A condition did not hold; nothing of the batch was written.</summary>
    /// <param name="Condition">Its place in <see cref="StoreBatch.Conditions"/>.</param>
    /// <param name="Existing">The row that stands in the way, or null when there is none.</param>
    public sealed record ConditionFailed(int Condition, RecordMetadata? Existing) : BatchOutcome;

    /// <summary>A write is over a limit; nothing of the batch was written.</summary>
    public sealed record TooLarge(RefusalReason Reason, string Detail) : BatchOutcome;
}
