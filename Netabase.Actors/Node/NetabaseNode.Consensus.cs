namespace Netabase.Actors.Node;

/// <content>What needs the paxos role, which this version does not have yet: each says so by the role's name.</content>
public sealed partial class NetabaseNode
{
    /// <inheritdoc/>
    public ValueTask<ConsensusResult> PutRecordConsensusAsync<TModel>(
        TModel model, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<ConsensusResult> CompareAndSetConsensusAsync<TModel>(
        TModel model, HybridTimestamp? expected, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<ConsensusResult> RemoveRecordConsensusAsync<TModel>(
        IRecordKey<TModel> key, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel> => throw Needs("paxos");

    /// <inheritdoc/>
    public ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(
        IRecordKey<TModel> key, Consistency consistency, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(consistency);
        return consistency is Consistency.Eventual ? GetRecordAsync(key, cancellation) : throw Needs("paxos", "Consistency.Eventually reads without it");
    }

    private static NotSupportedException Needs(string role, string? instead = null) => new(
        $"This needs the {role} role, which this version of Netabase does not have yet{(instead is null ? string.Empty : $"; {instead}")}.");
}
