using System.Runtime.CompilerServices;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <content>Records in the local stores.</content>
public sealed partial class NetabaseNode
{
    /// <inheritdoc/>
    public IRecords<TModel> Records<TModel>()
        where TModel : class, IModel<TModel> => new LocalRecordSet<TModel>(this, _catalog.PlaceOf<TModel>());

    /// <inheritdoc/>
    public ValueTask<PutResult> PutRecordLocallyAsync<TModel>(
        TModel model, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        var place = _catalog.PlaceOf<TModel>();
        if (Nameless(TModel.Schema) is { } why)
        {
            return new(new PutResult.Refused(why.Reason, why.Detail));
        }

        var write = RecordCoding.Put(model, place, ExpiryOf(timeToLive), _localPeer);
        return PutAsync(place, new StoreBatch([write], []), write.Key.Length + write.Value.Length, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<LocalRecords> QueryLocalRecordsAsync(int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return new(LocalReads.ReadAll(Running(), limit, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask<ITransaction> BeginTransactionAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(new LocalTransaction(this, Running()));
    }

    /// <summary>The record in this node's store.</summary>
    private GetResult<TModel> GetLocally<TModel>(IRecordKey<TModel> key, CancellationToken cancellation)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellation.ThrowIfCancellationRequested();
        var place = _catalog.PlaceOf<TModel>();
        if (_run is not { Parts: var parts })
        {
            return new GetResult<TModel>.Refused(RefusalReason.NotRunning, NotRunning);
        }

        try
        {
            var read = LocalReads.ReadOne<TModel>(parts, place, key, withMetadata: true);
            return read.Record is { } record
                ? new GetResult<TModel>.Found(record, read.Metadata!, RecordSource.Local)
                : new GetResult<TModel>.NotFound(0);
        }
        catch (NetabaseException refusal)
        {
            return refusal.Reason == RefusalReason.StoreBusy
                ? new GetResult<TModel>.Busy()
                : new GetResult<TModel>.Refused(refusal.Reason, refusal.Message);
        }
    }

    internal NodeParts RunningParts() => Running();

    /// <summary>Why no record of our own can be named, or null: those owned by their publishers carry their peer id.</summary>
    internal (RefusalReason Reason, string Detail)? Nameless(ModelSchema schema) =>
        schema.Ownership != RecordOwnership.Publisher || _localPeer is not null ? null
        : _run is null ? (RefusalReason.NotRunning, NotRunning)
        : (RefusalReason.NoNetwork, IsNobody(schema));

    internal static string IsNobody(ModelSchema schema) =>
        $"Records of {schema.Name} are owned by their publishers, and a node without a network is nobody: netabase.network.enabled is off.";

    /// <summary>Unix milliseconds at which a record put now is gone.</summary>
    internal long? ExpiryOf(TimeSpan? timeToLive)
    {
        if (timeToLive is not { } time)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeToLive));
        return _setup.Time.GetUtcNow().ToUnixTimeMilliseconds() + (long)Math.Ceiling(Math.Min(time.TotalMilliseconds, HybridTimestamp.MillisecondsMax));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<PutResult> PutAsync(int place, StoreBatch batch, int bytes, CancellationToken cancellation) =>
        await WriteAsync(place, batch, bytes, cancellation).ConfigureAwait(false) switch
        {
            StoreProtocol.Answer.Written written => new PutResult.Stored(written.Last!),
            StoreProtocol.Answer.Refused refused => new PutResult.Refused(refused.Reason, refused.Detail),
            StoreProtocol.Answer.Busy => new PutResult.Busy(),
            _ => new PutResult.TimedOut(),
        };

    internal async ValueTask<RemoveResult> RemoveAsync(int place, StoreBatch batch, CancellationToken cancellation) =>
        await WriteAsync(place, batch, PendingWrite.SizeOf(batch), cancellation).ConfigureAwait(false) switch
        {
            StoreProtocol.Answer.Written written => new RemoveResult.Removed(written.Rows.Any(rows => rows > 0)),
            StoreProtocol.Answer.Refused refused => new RemoveResult.Refused(refused.Reason, refused.Detail),
            StoreProtocol.Answer.Busy => new RemoveResult.Busy(),
            _ => new RemoveResult.TimedOut(),
        };

    /// <summary>Lets a batch wait in the lane of a model, or in that of transactions where the place is null.</summary>
    internal Task<StoreProtocol.Answer> WriteAsync(int? place, StoreBatch batch, int bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var op = OpId.Next();
        if (_run is not { Parts: var parts })
        {
            return Task.FromResult<StoreProtocol.Answer>(new StoreProtocol.Answer.Refused(op, RefusalReason.NotRunning, NotRunning));
        }

        var write = new PendingWrite(op, batch, bytes, parts.DeadlineAfter(parts.Settings.Stores.OperationTimeout));
        (place is { } model ? parts.Lanes[model] : parts.TransactionLane).Post(write);
        return cancellation.CanBeCanceled ? WaitAsync(write, cancellation) : write.Task;
    }

    private static async Task<StoreProtocol.Answer> WaitAsync(PendingWrite write, CancellationToken cancellation)
    {
        // A write that still waits when its caller gives up is passed over by the writer.
        using var registration = cancellation.UnsafeRegister(
            static (state, token) => ((PendingWrite)state!).TrySetCanceled(token), write);
        return await write.Task.ConfigureAwait(false);
    }
}
