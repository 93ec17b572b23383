namespace Netabase.Persistence.Writing;

/// <summary>A store's writing side, as its <see cref="CommitQueue"/> drives it: one call at a time, all on the writer's thread.</summary>
public interface ICommitTarget : IDisposable
{
    /// <summary>Begins a transaction.</summary>
    /// <param name="isSynced">False when it has to survive the end of the process and not of the machine: nothing waits for a disk.</param>
    void Begin(bool isSynced);

    /// <summary>Checks a batch's conditions on the transaction's state and, if they hold, adds its writes. Its sizes were checked.</summary>
    BatchOutcome Apply(StoreBatch batch, long now);

    /// <summary>Adds the deletion of up to <paramref name="limit"/> expired rows.</summary>
    SweepOutcome Sweep(int model, long now, int limit);

    /// <summary>
    /// Ends the transaction; on disk when it returns, with all before it, where it has to be. Busy, full and damaged say that nothing of it is or will be
    /// there; whatever else it throws leaves that open, since what a failed sync left behind may be found at the next opening.
    /// </summary>
    void Commit();

    /// <summary>After the callers have their answers: what can wait until then, such as a checkpoint. Throws nothing.</summary>
    void Settle();

    /// <summary>Takes back everything since <see cref="Begin"/>. Throws nothing.</summary>
    void Rollback();
}
