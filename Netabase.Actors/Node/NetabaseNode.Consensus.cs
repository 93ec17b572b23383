using System.Diagnostics.CodeAnalysis;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.Records;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Node;

/// <content>Records through a replicated log.</content>
public sealed partial class NetabaseNode
{
    // A read whose lease ended while it was made is made anew; a machine that pauses so long so often is no better with more.
    private const int LeaseReadsMax = 8;

    /// <inheritdoc/>
    public OperationId NewOperationId() => new(Guid.CreateVersion7(_setup.Time.GetUtcNow()));

    /// <inheritdoc/>
    public async ValueTask<ConsensusResult> PutRecordConsensusAsync<TModel>(
        TModel model, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        using var span = NodeSpans.Activities.StartActivity("consensus.put").On(TModel.Schema);
        return span.Ended(await CommitAsync<TModel>(
            place => CommandOf(model, place, Expectation.Anything, default), id, cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<ConsensusResult> CompareAndSetConsensusAsync<TModel>(
        TModel model, HybridTimestamp? expected, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        using var span = NodeSpans.Activities.StartActivity("consensus.compare-and-set").On(TModel.Schema);
        return span.Ended(await CommitAsync<TModel>(
            place => expected is { } version
                ? CommandOf(model, place, Expectation.Version, version)
                : CommandOf(model, place, Expectation.Absence, default),
            id,
            cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<ConsensusResult> RemoveRecordConsensusAsync<TModel>(
        IRecordKey<TModel> key, OperationId? id = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        using var span = NodeSpans.Activities.StartActivity("consensus.remove").On(TModel.Schema);
        return span.Ended(await CommitAsync<TModel>(
            place => new RecordCommand(KeyOf(place, RecordCoding.Remove(key, place, null).Key), null), id, cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(
        IRecordKey<TModel> key, Consistency consistency, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(consistency);
        if (consistency is Consistency.Eventual)
        {
            return await GetRecordAsync(key, cancellation).ConfigureAwait(false);
        }

        using var span = NodeSpans.Activities.StartActivity("consensus.get").On(TModel.Schema);
        var vouched = await GetVouchedAsync(key, consistency, cancellation).ConfigureAwait(false);
        return span.Ended(vouched is GetResult<TModel>.TimedOut or GetResult<TModel>.Refused && consistency is Consistency.Stale { OrEventual: true }
            ? await GetRecordAsync(key, cancellation).ConfigureAwait(false)
            : vouched);
    }

    private async ValueTask<GetResult<TModel>> GetVouchedAsync<TModel>(IRecordKey<TModel> key, Consistency consistency, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        if (!TryGroup(_catalog.PlaceOf<TModel>(), out var group, out var refusal))
        {
            return new GetResult<TModel>.Refused(refusal.Reason, refusal.Detail);
        }

        ReadKind kind = consistency is Consistency.Stale stale ? new ReadKind.Stale((long)stale.Bound.TotalMilliseconds) : new ReadKind.Linearizable();
        for (var attempt = 0; attempt < LeaseReadsMax; attempt++)
        {
            var answer = await group.ReadAsync(kind).WaitAsync(cancellation).ConfigureAwait(false);
            if (answer is not ReadAnswer.Ready ready)
            {
                break;
            }

            var found = GetLocally(key, cancellation);
            if (group.Parts.Clock.Now() < ready.LeaseUntil)
            {
                return found is GetResult<TModel>.Found record ? record with { Source = RecordSource.Consensus } : found;
            }
        }

        return new GetResult<TModel>.TimedOut(null, 0);
    }

    private RecordCommand CommandOf<TModel>(TModel model, int place, Expectation expects, HybridTimestamp version)
        where TModel : class, IModel<TModel>
    {
        var put = RecordCoding.Put(model, place, null, null);
        return new RecordCommand(KeyOf(place, put.Key), put.Value, expects, version);
    }

    private RecordKey KeyOf(int place, Payload primary)
    {
        var schema = _catalog.Models[place].Schema;
        return RecordKey.Derive(schema.Definition, schema.Tag, primary.Span);
    }

    private async ValueTask<ConsensusResult> CommitAsync<TModel>(Func<int, RecordCommand> make, OperationId? id, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        cancellation.ThrowIfCancellationRequested();
        var place = _catalog.PlaceOf<TModel>();
        if (!TryGroup(place, out var group, out var refusal))
        {
            return new ConsensusResult.Refused(refusal.Reason, refusal.Detail);
        }

        var command = make(place);
        if (command.Value is { } value && value.Length > _setup.Settings.Stores.Limits.ValueMax)
        {
            return new ConsensusResult.Refused(RefusalReason.ValueTooLarge, $"The record has {value.Length} bytes; {_setup.Settings.Stores.Limits.ValueMax} are the most.");
        }

        return await group.CommitAsync(command, id, cancellation).ConfigureAwait(false);
    }

    /// <summary>The running group that governs a model.</summary>
    private bool TryGroup(int place, [NotNullWhen(true)] out PaxosGroup? group, out (RefusalReason Reason, string Detail) refusal)
    {
        refusal = default;
        group = null;
        if (_run is not { Parts: var parts } || parts.IsStopping)
        {
            refusal = (RefusalReason.NotRunning, NotRunning);
        }
        else if (parts.GroupOf(place) is not { } governing)
        {
            var definition = _catalog.Models[place].Schema.Definition;
            refusal = (RefusalReason.NotAllowed, $"No group of this node governs {definition}: one that does names it in netabase.paxos.groups.NAME.definitions.");
        }
        else if (governing.Halted is { } why)
        {
            refusal = (RefusalReason.NotRunning, $"The group {governing.Settings.Name} has stopped on this node: {why}.");
        }
        else
        {
            group = governing;
        }

        return group is not null;
    }
}
