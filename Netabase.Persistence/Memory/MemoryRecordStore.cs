using System.Collections.Immutable;

namespace Netabase.Persistence.Memory;

/// <summary>
/// A store in memory: one immutable state that commits replace under a lock, so that a snapshot is a reference and a reader
/// never waits. It has no threads and no native parts; what it holds is gone when it is closed. A step costs O(log n).
/// </summary>
public sealed class MemoryRecordStore : IRecordStore
{
    private readonly Lock _gate = new();
    private readonly StoreLayout _layout;
    private readonly long _bytesMax;
    private volatile MemoryState? _state;
    private int _snapshots;

    /// <summary>An empty store.</summary>
    /// <param name="layout">The models.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="bytesMax">The most bytes of keys, values and index keys together; more is <see cref="StoreError.Full"/>.</param>
    public MemoryRecordStore(StoreLayout layout, StoreLimits limits, long bytesMax)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesMax);
        _layout = layout;
        _bytesMax = bytesMax;
        _state = MemoryState.Empty(layout);
        Limits = limits;
    }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <inheritdoc/>
    public IStoreSnapshot OpenSnapshot(long now)
    {
        var state = Current();
        if (Interlocked.Increment(ref _snapshots) > Limits.SnapshotsMax)
        {
            Interlocked.Decrement(ref _snapshots);
            throw new StoreException(StoreError.Busy, $"{Limits.SnapshotsMax} snapshots are open already");
        }

        return new MemorySnapshot(this, state, _layout, now);
    }

    /// <inheritdoc/>
    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        Rules.BatchRules.CheckModel(_layout, model);
        return MemorySnapshot.TryRead(Current().Tables[model], key, now, state, read);
    }

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<BatchOutcome>> CommitAsync(IReadOnlyList<StoreBatch> batches, long now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batches);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Write(now, writer => ImmutableArray.CreateRange(batches.Select(writer.Apply))));
    }

    /// <inheritdoc/>
    public ValueTask<SweepOutcome> SweepAsync(int model, long now, int limit, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Rules.BatchRules.CheckModel(_layout, model);
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Write(now, writer => writer.Sweep(model, limit)));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _state = null;
        }

        return ValueTask.CompletedTask;
    }

    internal void Release() => Interlocked.Decrement(ref _snapshots);

    private T Write<T>(long now, Func<MemoryWriter, T> work)
    {
        lock (_gate)
        {
            var before = Current();
            var writer = new MemoryWriter(before, _layout, Limits, now);
            var outcome = work(writer);
            if (writer.Size > _bytesMax && writer.Size > before.Size)
            {
                throw new StoreException(StoreError.Full, $"the memory store holds at most {_bytesMax} bytes");
            }

            _state = writer.Finish();
            return outcome;
        }
    }

    private MemoryState Current() => _state ?? throw new StoreException(StoreError.Closed, "the memory store is closed");
}
