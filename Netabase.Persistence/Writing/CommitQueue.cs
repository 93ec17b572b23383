using System.Collections.Immutable;
using System.Diagnostics;
using Netabase.Persistence.Rules;

namespace Netabase.Persistence.Writing;

/// <summary>
/// The one writer of a persistent store: callers queue, a thread of the store's own takes what waits and commits it in one
/// transaction, so that the price of a sync is shared by everybody who waited through the last one (group commit across
/// models). A thread, because the engines below block while they sync, and the pool's threads are for others.
/// </summary>
public sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>The most writes of one group, unless a single caller brings more: bounds how long the first waits for the last.</summary>
    public const int GroupMax = 8192;

    /// <summary>
    /// How long a writer that just answered several callers waits for as many again before it commits, in ticks of the
    /// stopwatch: a tenth of a millisecond, less than a sync costs. Without it the first to come back would have a sync of
    /// his own while the others queue behind it. A lone caller is never kept waiting.
    /// </summary>
    private static readonly long LingerMax = Stopwatch.Frequency / 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<CommitJob> _waiting = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ICommitTarget _target;
    private readonly StoreLayout _layout;
    private readonly StoreLimits _limits;
    private readonly string _store;
    private volatile int _waitingCount;
    private int _lastGroup;
    private bool _isClosed;

    /// <summary>Starts the writer.</summary>
    /// <param name="target">The store's writing side; the queue owns it from now on.</param>
    /// <param name="layout">The models.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="store">What errors and the thread are named after.</param>
    public CommitQueue(ICommitTarget target, StoreLayout layout, StoreLimits limits, string store)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(limits);
        _target = target;
        _layout = layout;
        _limits = limits;
        _store = store;
        new Thread(Run) { IsBackground = true, Name = $"netabase writer {store}" }.Start();
    }

    /// <inheritdoc cref="IRecordStore.CommitAsync"/>
    public ValueTask<ImmutableArray<BatchOutcome>> CommitAsync(IReadOnlyList<StoreBatch> batches, long now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var excess = new BatchOutcome.TooLarge?[batches.Count];
        for (var i = 0; i < excess.Length; i++)
        {
            excess[i] = BatchRules.FindExcess(batches[i], _layout, _limits);
        }

        return Enqueue(new BatchesJob(batches, excess, now), cancellation);
    }

    /// <inheritdoc cref="IRecordStore.SweepAsync"/>
    public ValueTask<SweepOutcome> SweepAsync(int model, long now, int limit, CancellationToken cancellation)
    {
        BatchRules.CheckModel(_layout, model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return Enqueue(new SweepJob(model, now, limit), cancellation);
    }

    /// <summary>Takes no more work, finishes what waits, and closes the target.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _work.Release();
            }
        }

        await _ended.Task.ConfigureAwait(false);
    }

    private ValueTask<T> Enqueue<T>(CommitJob<T> job, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new StoreException(StoreError.Closed, $"{_store} is closed");
            }

            if (_waiting.Count >= _limits.WaitingMax)
            {
                throw new StoreException(StoreError.Busy, $"{_limits.WaitingMax} commits wait for {_store} already");
            }

            _waiting.Enqueue(job);
            _waitingCount = _waiting.Count;
            if (_waiting.Count == 1)
            {
                _work.Release();
            }
        }

        if (cancellation.CanBeCanceled)
        {
            job.CancelOn(cancellation);
        }

        return new ValueTask<T>(job.Task);
    }

    private void Run()
    {
        var group = new List<CommitJob>();
        try
        {
            while (TakeGroup(group))
            {
                CommitGroup(group);
                group.Clear();
                _target.Settle();
            }
        }
        finally
        {
            _target.Dispose();
            _work.Dispose();
            _ended.TrySetResult();
        }
    }

    /// <summary>Waits for work; false when the queue is closed and empty.</summary>
    private bool TakeGroup(List<CommitJob> group)
    {
        while (true)
        {
            Linger();
            lock (_gate)
            {
                var weight = 0;
                while (_waiting.TryPeek(out var next) && (group.Count == 0 || weight + next.Weight <= GroupMax))
                {
                    _waiting.Dequeue();
                    if (next.TryTake())
                    {
                        group.Add(next);
                        weight += next.Weight;
                    }
                }

                _waitingCount = _waiting.Count;
                if (group.Count > 0)
                {
                    _lastGroup = group.Count;
                    return true;
                }

                if (_isClosed)
                {
                    return false;
                }
            }

            _work.Wait();
        }
    }

    private void Linger()
    {
        if (_lastGroup <= 1)
        {
            return;
        }

        var start = Stopwatch.GetTimestamp();
        while (_waitingCount < _lastGroup && Stopwatch.GetTimestamp() - start < LingerMax)
        {
            Thread.Yield();
        }

        _lastGroup = 0;
    }

    private void CommitGroup(List<CommitJob> group)
    {
        if (TryCommit(group) is not { } failure)
        {
            return;
        }

        if (group.Count == 1 || !IsOneCallers(failure))
        {
            group.ForEach(job => job.Fail(failure));
            return;
        }

        // One caller's trouble (a batch too large for the space left, a damaged model) must not be everybody's: each on its own.
        foreach (var job in group)
        {
            if (TryCommit([job]) is { } own)
            {
                job.Fail(own);
            }
        }
    }

    /// <summary>Whether it may be the trouble of one caller among several; what a commit left open may not be tried again.</summary>
    private static bool IsOneCallers(Exception failure) => failure is not StoreException known || known.Error switch
    {
        StoreError.Busy or StoreError.Closed or StoreError.OutcomeUnknown => false,
        StoreError.Damaged => known.Model is not null,
        _ => true,
    };

    /// <summary>Commits and answers, or takes everything back and says why.</summary>
    private Exception? TryCommit(List<CommitJob> group)
    {
        try
        {
            _target.Begin(group.Exists(static job => job.IsSynced));
            foreach (var job in group)
            {
                job.Run(_target);
            }

            Commit();
        }
#pragma warning disable CA1031 // Whatever went wrong is the callers' answer; the writer must live on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _target.Rollback();
            return failure;
        }

        foreach (var job in group)
        {
            job.Complete();
        }

        return null;
    }

    private void Commit()
    {
        try
        {
            _target.Commit();
        }
        catch (Exception failure) when (failure is not StoreException { Error: StoreError.Busy or StoreError.Full or StoreError.Damaged })
        {
            throw new StoreException(StoreError.OutcomeUnknown, $"{_store}: it is not known whether a commit was written: {failure.Message}", failure);
        }
    }
}
