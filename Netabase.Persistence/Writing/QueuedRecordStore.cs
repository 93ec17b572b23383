using System.Collections.Immutable;

namespace Netabase.Persistence.Writing;

/// <summary>What the persistent stores have in common: a queue before the one writer, and a bound on the snapshots that are open.</summary>
public abstract class QueuedRecordStore : IRecordStore
{
    private readonly CommitQueue _writer;
    private int _snapshots;

    /// <summary>Starts the writer.</summary>
    /// <param name="layout">The models.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="target">The writing side, which the store owns from now on.</param>
    /// <param name="path">What errors are named after.</param>
    protected QueuedRecordStore(StoreLayout layout, StoreLimits limits, ICommitTarget target, string path)
    {
        Layout = layout;
        Limits = limits;
        _writer = new CommitQueue(target, layout, limits, path);
    }

    /// <inheritdoc/>
    public StoreLimits Limits { get; }

    /// <summary>The models.</summary>
    protected StoreLayout Layout { get; }

    /// <inheritdoc/>
    public abstract IStoreSnapshot OpenSnapshot(long now);

    /// <inheritdoc/>
    public abstract bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read);

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<BatchOutcome>> CommitAsync(IReadOnlyList<StoreBatch> batches, long now, CancellationToken cancellation) =>
        _writer.CommitAsync(batches, now, cancellation);

    /// <inheritdoc/>
    public ValueTask<SweepOutcome> SweepAsync(int model, long now, int limit, CancellationToken cancellation) =>
        _writer.SweepAsync(model, now, limit, cancellation);

    /// <summary>Finishes what waits to be written, then lets go of the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Nothing is written any more; may be called again.</summary>
    protected abstract void Close();

    /// <summary>Counts a snapshot that is about to be opened.</summary>
    /// <exception cref="StoreException">Busy: as many as may be are open.</exception>
    protected void CountSnapshot()
    {
        if (Interlocked.Increment(ref _snapshots) > Limits.SnapshotsMax)
        {
            UncountSnapshot();
            throw new StoreException(StoreError.Busy, $"{Limits.SnapshotsMax} snapshots are open already");
        }
    }

    /// <summary>One has ended, or was not opened after all.</summary>
    protected void UncountSnapshot() => Interlocked.Decrement(ref _snapshots);
}
