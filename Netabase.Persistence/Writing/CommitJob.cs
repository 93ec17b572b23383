using System.Collections.Immutable;

namespace Netabase.Persistence.Writing;

/// <summary>One caller's work in the queue.</summary>
internal abstract class CommitJob
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _phase;

    /// <summary>How much of a group it fills.</summary>
    public abstract int Weight { get; }

    /// <summary>Whether its answer says that it is on disk.</summary>
    public abstract bool IsSynced { get; }

    /// <summary>Does its part of the transaction; its outcome is kept until <see cref="Complete"/>.</summary>
    public abstract void Run(ICommitTarget target);

    public abstract void Complete();

    public abstract void Fail(Exception failure);

    /// <summary>From here on the work is done, whatever its caller wants.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _phase, Taken, Waiting) == Waiting;

    protected bool TryCancel() => Interlocked.CompareExchange(ref _phase, Cancelled, Waiting) == Waiting;
}

/// <inheritdoc/>
internal abstract class CommitJob<T> : CommitJob
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    public Task<T> Task => _completion.Task;

    protected T Outcome { get; set; } = default!;

    public void CancelOn(CancellationToken cancellation) => _registration = cancellation.UnsafeRegister(
        static (job, token) =>
        {
            var self = (CommitJob<T>)job!;
            if (self.TryCancel())
            {
                self._completion.TrySetCanceled(token);
            }
        },
        this);

    public override void Complete()
    {
        _registration.Dispose();
        _completion.TrySetResult(Outcome);
    }

    public override void Fail(Exception failure)
    {
        _registration.Dispose();
        _completion.TrySetException(failure);
    }
}

/// <summary>A caller's batches; those over a limit have their outcome already.</summary>
internal sealed class BatchesJob(IReadOnlyList<StoreBatch> batches, BatchOutcome.TooLarge?[] excess, long now) : CommitJob<ImmutableArray<BatchOutcome>>
{
    public override int Weight { get; } = batches.Sum(batch => batch.Writes.Length);

    public override bool IsSynced { get; } = !batches.All(batch => batch.IsRepeatable);

    public override void Run(ICommitTarget target)
    {
        var outcomes = ImmutableArray.CreateBuilder<BatchOutcome>(batches.Count);
        for (var i = 0; i < batches.Count; i++)
        {
            outcomes.Add(excess[i] ?? target.Apply(batches[i], now));
        }

        Outcome = outcomes.MoveToImmutable();
    }
}

/// <summary>A sweep.</summary>
internal sealed class SweepJob(int model, long now, int limit) : CommitJob<SweepOutcome>
{
    public override int Weight => limit;

    public override bool IsSynced => true;

    public override void Run(ICommitTarget target) => Outcome = target.Sweep(model, now, limit);
}
