using System.Collections.Immutable;
using Netabase.Persistence.Rules;
using Netabase.Protocol.Records;

namespace Netabase.Persistence.Writing;

/// <summary>
/// What the writing sides of the persistent stores have in common: a batch's conditions come before its writes, and damage
/// met on the way is told with the model in whose data it lies.
/// </summary>
public abstract class CommitTarget : ICommitTarget
{
    /// <inheritdoc/>
    public abstract void Begin(bool isSynced);

    /// <inheritdoc/>
    public BatchOutcome Apply(StoreBatch batch, long now)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int? model = null;
        try
        {
            for (var i = 0; i < batch.Conditions.Length; i++)
            {
                var condition = batch.Conditions[i];
                model = condition.Model;
                var check = new Check(condition, now);
                if (!TryVisit(condition.Model, condition.Key, check, static (Check check, in StoreRow row) => check.Visit(row)))
                {
                    check.VisitNothing();
                }

                if (!check.Holds)
                {
                    return new BatchOutcome.ConditionFailed(i, check.Existing);
                }
            }

            var counts = ImmutableArray.CreateBuilder<long>(batch.Writes.Length);
            foreach (var write in batch.Writes)
            {
                model = write.Touches;
                counts.Add(Write(write, now));
            }

            return new BatchOutcome.Written(counts.MoveToImmutable());
        }
        catch (StoreException failure) when (failure.In(model) != failure)
        {
            throw failure.In(model);
        }
    }

    /// <inheritdoc/>
    public SweepOutcome Sweep(int model, long now, int limit)
    {
        try
        {
            return SweepModel(model, now, limit);
        }
        catch (StoreException failure) when (failure.In(model) != failure)
        {
            throw failure.In(model);
        }
    }

    /// <inheritdoc/>
    public abstract void Commit();

    /// <inheritdoc/>
    public abstract void Rollback();

    /// <inheritdoc/>
    public virtual void Settle()
    {
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Sees the row under a key as the transaction has it, tombstones and the expired included.</summary>
    /// <returns>Whether there is one.</returns>
    protected abstract bool TryVisit<TState>(int model, Payload key, TState state, RowVisitor<TState> visit);

    /// <summary>Writes a row with its index entries in the place of whatever is there.</summary>
    /// <param name="model">The model's place.</param>
    /// <param name="key">The primary key.</param>
    /// <param name="value">The value; empty for a tombstone.</param>
    /// <param name="metadata">What is known of it.</param>
    /// <param name="state">A record or a tombstone.</param>
    /// <param name="indexKeys">One a secondary key; empty for a tombstone.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>How many live records it took the place of.</returns>
    protected abstract long Put(
        int model, Payload key, Payload value, RecordMetadata metadata, RowState state, ImmutableArray<Payload?> indexKeys, long now);

    /// <summary>Removes a row and its index entries.</summary>
    /// <returns>How many live records went.</returns>
    protected abstract long Remove(int model, Payload key, long now);

    /// <summary>Removes every row of a model.</summary>
    /// <returns>How many live records went.</returns>
    protected abstract long Clear(int model, long now);

    /// <summary>Sets or unsets a mark.</summary>
    protected abstract void SetMark(string name, Payload? value);

    /// <inheritdoc cref="Sweep"/>
    protected abstract SweepOutcome SweepModel(int model, long now, int limit);

    private long Write(StoreWrite write, long now)
    {
        switch (write)
        {
            case StoreWrite.Put put:
                return Put(put.Model, put.Key, put.Value, put.Metadata, RowState.Live, put.IndexKeys, now);
            case StoreWrite.Bury bury:
                return Put(bury.Model, bury.Key, Payload.Empty, bury.Metadata, RowState.Tombstone, [], now);
            case StoreWrite.Remove remove:
                return Remove(remove.Model, remove.Key, now);
            case StoreWrite.Clear clear:
                return Clear(clear.Model, now);
            case StoreWrite.SetMark mark:
                SetMark(mark.Name, mark.Value);
                return 0;
            default:
                throw new ArgumentException($"unknown write {write}", nameof(write));
        }
    }

    /// <summary>One condition against the row that is there.</summary>
    private sealed class Check(StoreCondition condition, long now)
    {
        public bool Holds { get; private set; }

        /// <summary>The row that stands in the way.</summary>
        public RecordMetadata? Existing { get; private set; }

        public bool Visit(in StoreRow row)
        {
            Holds = ConditionRules.Holds(condition, exists: true, row.Metadata, row.State, now);
            Existing = Holds || RecordRules.IsExpired(row.Metadata.ExpiresAt, now) ? null : row.Metadata.ToRecordMetadata();
            return true;
        }

        public void VisitNothing() => Holds = ConditionRules.Holds(condition, exists: false, default, default, now);
    }
}
