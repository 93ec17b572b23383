using System.Collections.Immutable;

namespace Netabase.Persistence.Rules;

/// <summary>What every store asks of a batch before it is written, so that all refuse the same.</summary>
public static class BatchRules
{
    /// <summary>The most characters of a mark's name.</summary>
    public const int MarkNameMax = 128;

    /// <summary>Why a batch is over a limit, or null when it is not.</summary>
    /// <exception cref="ArgumentException">A write names a model that is not in the layout, or has not one index key a secondary key, or no primary key.</exception>
    public static BatchOutcome.TooLarge? FindExcess(StoreBatch batch, StoreLayout layout, StoreLimits limits)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(limits);
        foreach (var condition in batch.Conditions)
        {
            CheckModel(layout, condition.Model);
        }

        foreach (var write in batch.Writes)
        {
            if (FindExcess(write, layout, limits) is { } excess)
            {
                return excess;
            }
        }

        return null;
    }

    private static BatchOutcome.TooLarge? FindExcess(StoreWrite write, StoreLayout layout, StoreLimits limits)
    {
        switch (write)
        {
            case StoreWrite.Put put:
                CheckModel(layout, put.Model);
                var indexes = layout.Models[put.Model].SecondaryKeys.Length;
                return put.IndexKeys.Length == indexes
                    ? FindKeyExcess(put.Key) ?? FindIndexKeyExcess(put.IndexKeys) ?? FindValueExcess(put.Value, limits) ?? FindMetadataExcess(put.Metadata)
                    : throw new ArgumentException($"{put.IndexKeys.Length} index keys for {indexes} secondary keys", nameof(write));
            case StoreWrite.Remove remove:
                CheckModel(layout, remove.Model);
                return FindKeyExcess(remove.Key);
            case StoreWrite.Bury bury:
                CheckModel(layout, bury.Model);
                return FindKeyExcess(bury.Key) ?? FindMetadataExcess(bury.Metadata);
            case StoreWrite.Clear clear:
                CheckModel(layout, clear.Model);
                return null;
            case StoreWrite.SetMark mark:
                CheckMarkName(mark.Name);
                return FindMarkExcess(mark.Value ?? Payload.Empty);
            default:
                throw new ArgumentException($"unknown write {write}", nameof(write));
        }
    }

    /// <summary>Refuses a mark's name that is empty or too long.</summary>
    public static void CheckMarkName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MarkNameMax, nameof(name));
    }

    /// <summary>Refuses a model that is not in the layout.</summary>
    public static void CheckModel(StoreLayout layout, int model)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNegative(model);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(model, layout.Models.Length);
    }

    private static BatchOutcome.TooLarge? FindKeyExcess(Payload key) =>
        key.IsEmpty ? throw new ArgumentException("a primary key has at least one byte", nameof(key))
        : key.Length > StoreLimits.KeyMax
            ? new BatchOutcome.TooLarge(RefusalReason.KeyTooLarge, $"the primary key has {key.Length} bytes; {StoreLimits.KeyMax} are allowed")
            : null;

    private static BatchOutcome.TooLarge? FindIndexKeyExcess(ImmutableArray<Payload?> keys)
    {
        foreach (var key in keys)
        {
            if (key is { Length: > StoreLimits.KeyMax } large)
            {
                return new(RefusalReason.KeyTooLarge, $"a secondary key has {large.Length} bytes; {StoreLimits.KeyMax} are allowed");
            }
        }

        return null;
    }

    private static BatchOutcome.TooLarge? FindValueExcess(Payload value, StoreLimits limits) => value.Length > limits.ValueMax
        ? new(RefusalReason.ValueTooLarge, $"the value has {value.Length} bytes; {limits.ValueMax} are allowed")
        : null;

    // Marks are no records: nobody but this node writes them, and no link carries them whole.
    private static BatchOutcome.TooLarge? FindMarkExcess(Payload value) => value.Length > StoreLimits.MarkMax
        ? new(RefusalReason.ValueTooLarge, $"the mark has {value.Length} bytes; {StoreLimits.MarkMax} are allowed")
        : null;

    private static BatchOutcome.TooLarge? FindMetadataExcess(RecordMetadata metadata)
    {
        var size = metadata.Signature.Length + (metadata.Publisher?.Multihash.Length ?? 0);
        return size > StoreLimits.MetadataMax
            ? new(RefusalReason.ValueTooLarge, $"publisher and signature have {size} bytes; {StoreLimits.MetadataMax} are allowed")
            : null;
    }
}
