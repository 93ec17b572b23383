using Netabase.Actors.Node;
using Netabase.Persistence;

namespace Netabase.Actors.Stores;

/// <summary>Something a writer gave to the store. It belongs to the lane, so that a new writer can hear the end of what an old one began.</summary>
internal abstract class StoreWork
{
    /// <summary>Ends when the store has answered; never thrown away.</summary>
    public abstract Task Done { get; }

    /// <summary>Once <see cref="Done"/> has ended: tells the callers, announces what happened.</summary>
    /// <exception cref="StoreDamagedException">The store is damaged; callers are answered.</exception>
    public abstract void Finish();

    /// <summary>After damage: writes that were taken back with it and have nothing to do with it, unanswered.</summary>
    public virtual List<PendingWrite> Unharmed => [];
}

/// <summary>A sweep of a model's expired records.</summary>
internal sealed class SweepWork : StoreWork
{
    private readonly NodeParts _parts;
    private readonly int _model;
    private readonly Task<SweepOutcome> _done;

    public SweepWork(NodeParts parts, int model)
    {
        _parts = parts;
        _model = model;
        _done = SweepAsync(parts, model);
    }

    public override Task Done => _done;

    /// <summary>Whether the sweep's limit was reached.</summary>
    public bool HasMore { get; private set; }

    public override void Finish()
    {
        if (!_done.IsCompletedSuccessfully)
        {
            // Busy, full or unavailable: the next sweep tries again, and nothing was promised to anybody.
            StoreFailures.ThrowIfDamaged(_done.Exception?.InnerException);
            return;
        }

        var outcome = _done.Result;
        HasMore = outcome.HasMore;
        if (outcome.Records > 0)
        {
            var schema = _parts.Catalog.Models[_model].Schema;
            _parts.Announcer.Announce(new StoreEvent.RecordsExpired(schema.Definition, schema.Tag, outcome.Records) { At = _parts.Now() });
        }
    }

    private static async Task<SweepOutcome> SweepAsync(NodeParts parts, int model) =>
        await parts.Store.SweepAsync(model, parts.Now(), parts.Settings.Stores.SweepRecordsMax, CancellationToken.None).ConfigureAwait(false);
}

/// <summary>The store's failures in the face's words.</summary>
internal static class StoreFailures
{
    public static void ThrowIfDamaged(Exception? failure)
    {
        if (failure is StoreException { Error: StoreError.Damaged } damage)
        {
            throw new StoreDamagedException(damage.Message, damage) { Model = damage.Model };
        }
    }

    /// <summary>The reason of a refusal, of which nothing was written; null where that is not known, as after a failure that is not the store's own.</summary>
    public static RefusalReason? ReasonOf(Exception failure) => failure is StoreException { Error: var error }
        ? error switch
        {
            StoreError.Busy => (RefusalReason?)RefusalReason.StoreBusy,
            StoreError.Full => RefusalReason.StoreFull,
            StoreError.Damaged => RefusalReason.StoreDamaged,
            StoreError.Closed => RefusalReason.NotRunning,
            StoreError.OutcomeUnknown => null,
            _ => RefusalReason.StoreUnavailable,
        }
        : null;

    /// <summary>A failed read as the exception of the face.</summary>
    public static NetabaseException ToNetabaseException(StoreException failure) => new(ReasonOf(failure)!.Value, failure.Message, failure);
}
