namespace Netabase;

/// <content>Strong consistency, per operation.</content>
public partial interface INetabase
{
    /// <summary>A name for an operation that is to be tried again under it, also on another node or after a restart.</summary>
    OperationId NewOperationId();

    /// <summary>Commits a record through the consensus log; never falls back to the DHT.</summary>
    /// <param name="model">The record; one of the same key is replaced.</param>
    /// <param name="id">Names the operation, so that a retry has no second effect; null for a new one.</param>
    /// <param name="cancellation">Ends the wait; the operation goes on.</param>
    ValueTask<ConsensusResult> PutRecordConsensusAsync<TModel>(TModel model, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Commits a record only if the one there is still the version that was read.</summary>
    /// <param name="model">The record.</param>
    /// <param name="expected">The clock of the version read, or null for none.</param>
    /// <param name="id">Names the operation, so that a retry has no second effect; null for a new one.</param>
    /// <param name="cancellation">Ends the wait; the operation goes on.</param>
    ValueTask<ConsensusResult> CompareAndSetConsensusAsync<TModel>(
        TModel model, HybridTimestamp? expected, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Removes a record through the consensus log.</summary>
    /// <param name="key">The record's key.</param>
    /// <param name="id">Names the operation, so that a retry has no second effect; null for a new one.</param>
    /// <param name="cancellation">Ends the wait; the operation goes on.</param>
    ValueTask<ConsensusResult> RemoveRecordConsensusAsync<TModel>(
        IRecordKey<TModel> key, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Gets a record with a promise about how new it is; <see cref="GetResult{TModel}.Found.Source"/> says whether the log vouches for it.</summary>
    ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(
        IRecordKey<TModel> key, Consistency consistency, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;
}

/// <summary>The name of an operation that has one effect however often it is tried.</summary>
/// <param name="Value">A version 7 GUID, never used for another operation: its birth says for how long a retry is told apart.</param>
public readonly record struct OperationId(Guid Value)
{
    /// <summary>The GUID's text.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>What a read promises.</summary>
public abstract record Consistency
{
    private Consistency()
    {
    }

    /// <summary>This node's store, else whoever has it: what <c>GetRecordAsync</c> without a choice does.</summary>
    public static Consistency Eventually { get; } = new Eventual();

    /// <summary>Sees every write acknowledged before the read began.</summary>
    public static Consistency Linearizably { get; } = new Linearizable();

    /// <summary>This node's store, else the DHT; may be old.</summary>
    public sealed record Eventual : Consistency;

    /// <summary>Sees every write acknowledged before the read began, or says that it cannot.</summary>
    public sealed record Linearizable : Consistency;

    /// <summary>What the log had committed at most so long ago.</summary>
    /// <param name="Bound">So long ago.</param>
    /// <param name="OrEventual">
    /// For records: where nobody can vouch for that, read as <see cref="Eventual"/> does, of whatever age. The result says so by its
    /// <see cref="RecordSource"/>, which is <see cref="RecordSource.Consensus"/> only for what the log vouches for. Writes never fall back.
    /// </param>
    public sealed record Stale(TimeSpan Bound, bool OrEventual = false) : Consistency;
}

/// <summary>What became of a write through the consensus log.</summary>
public abstract record ConsensusResult
{
    private ConsensusResult()
    {
    }

    /// <summary>A majority has it on disk, and it was applied here in this place of the log.</summary>
    public sealed record Applied(ulong Slot, RecordMetadata? Metadata) : ConsensusResult;

    /// <summary>It was decided that it did not happen: a comparison failed, or a voter refused.</summary>
    public sealed record NotCommitted(RefusalReason Reason, string Detail) : ConsensusResult;

    /// <summary>It may or may not have happened; try again with the same id to learn which.</summary>
    public sealed record Unknown(OperationId Id) : ConsensusResult;

    /// <summary>Not tried.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : ConsensusResult;

    /// <summary>Too much is waiting already; try again later.</summary>
    public sealed record Busy : ConsensusResult;
}
