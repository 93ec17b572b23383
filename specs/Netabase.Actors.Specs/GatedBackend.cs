using System.Collections.Concurrent;
using System.Collections.Immutable;
using Netabase.Persistence;
using Netabase.Persistence.Memory;

namespace Netabase.Actors.Specs;

/// <summary>A memory store whose commits a spec can count, hold back and fail. What it holds stays over restarts of the node.</summary>
internal sealed class GatedBackend : IRecordStoreBackend
{
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ConcurrentQueue<ImmutableArray<int>> _commits = new();
    private TaskCompletionSource? _gate;
    private IRecordStore? _store;

    public string Name => "gated";

    public bool IsPersistent => false;

    /// <summary>The batches of each commit so far, as the number of their writes; the clock's own mark is left out.</summary>
    public IReadOnlyList<ImmutableArray<int>> Commits => [.. _commits.Where(commit => !commit.IsEmpty)];

    public int Opened { get; private set; }

    /// <summary>Whether every sweep says that there is more.</summary>
    public bool HasEndlessExpired { get; set; }

    /// <summary>Completes when a commit or a sweep stands before the closed gate.</summary>
    public SemaphoreSlim Arrived { get; } = new(0);

    /// <summary>What reads throw instead of answering, or null.</summary>
    public StoreException? ReadFailure { get; set; }

    /// <summary>What a commit of these batches is to fail with, or null.</summary>
    public Func<IReadOnlyList<StoreBatch>, Exception?> Judge { get; set; } = _ => null;

    public void CloseGate() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void OpenGate()
    {
        var gate = _gate;
        _gate = null;
        gate?.SetResult();
    }

    public void FailNextCommit(Exception failure) => _failures.Enqueue(failure);

    public ValueTask<IRecordStore> OpenAsync(DataFolder? folder, StoreLayout layout, StoreLimits limits, CancellationToken cancellation)
    {
        Opened++;
        _store ??= new MemoryRecordStore(layout, limits, 1 << 28);
        return ValueTask.FromResult<IRecordStore>(new Store(this, _store));
    }

    /// <summary>The store under the node, to put there what no node would.</summary>
    public IRecordStore Inner => _store!;

    private sealed class Store(GatedBackend backend, IRecordStore inner) : IRecordStore
    {
        public StoreLimits Limits => inner.Limits;

        public IStoreSnapshot OpenSnapshot(long now) => backend.ReadFailure is { } failure ? throw failure : inner.OpenSnapshot(now);

        public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read) =>
            backend.ReadFailure is { } failure ? throw failure : inner.TryRead(model, key, now, state, read);

        public async ValueTask<ImmutableArray<BatchOutcome>> CommitAsync(
            IReadOnlyList<StoreBatch> batches, long now, CancellationToken cancellation)
        {
            backend._commits.Enqueue([.. batches.Where(batch => batch.Writes[0] is not StoreWrite.SetMark).Select(batch => batch.Writes.Length)]);
            if (backend._gate is { } gate)
            {
                backend.Arrived.Release();
                await gate.Task;
            }

            return backend._failures.TryDequeue(out var failure) ? throw failure
                : backend.Judge(batches) is { } judged ? throw judged
                : await inner.CommitAsync(batches, now, cancellation);
        }

        public async ValueTask<SweepOutcome> SweepAsync(int model, long now, int limit, CancellationToken cancellation)
        {
            if (backend._gate is { } gate)
            {
                backend.Arrived.Release();
                await gate.Task;
            }

            var outcome = await inner.SweepAsync(model, now, limit, cancellation);
            return outcome with { HasMore = outcome.HasMore || backend.HasEndlessExpired };
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
