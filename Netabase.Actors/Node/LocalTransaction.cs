using System.Collections.Immutable;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>A transaction of the face: an overlay on a snapshot, whose batch goes to the writer of its one model, or to that of transactions.</summary>
internal sealed class LocalTransaction : ITransaction
{
    private readonly NetabaseNode _node;
    private readonly NodeParts _parts;
    private readonly ModelCatalog _catalog;
    private TransactionOverlay? _overlay;

    public LocalTransaction(NetabaseNode node, NodeParts parts)
    {
        _node = node;
        _parts = parts;
        _catalog = parts.Catalog;
        var now = parts.Now();
        try
        {
            _overlay = new TransactionOverlay(parts.Store.OpenSnapshot(now), _catalog.Layout, now, parts.Settings.Stores.TransactionKeysMax);
        }
        catch (StoreException failure)
        {
            throw StoreFailures.ToNetabaseException(failure);
        }
    }

    public ValueTask<TModel?> GetAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellation.ThrowIfCancellationRequested();
        var place = _catalog.PlaceOf<TModel>();
        var reader = new RowReader<TModel>();
        Read(place, overlay => overlay.TryRead(place, ModelCodec.Encode(key), reader, RowReader<TModel>.Visit));
        return reader.Failure is null ? new(reader.Record) : throw LocalReads.Undecodable(reader.Failure);
    }

    public ValueTask<ImmutableArray<TModel>> QueryAsync<TModel>(ModelQuery<TModel> query, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(query);
        var place = _catalog.PlaceOf<TModel>();
        if (query.Limit == 0)
        {
            return new(ImmutableArray<TModel>.Empty);
        }

        var reader = new RowsReader<TModel>(query.Limit ?? int.MaxValue, cancellation);
        Read(place, overlay => overlay.Scan(
            new StoreQuery(place, query.Index, query.Range, Offset: query.Offset, IsDescending: query.IsDescending),
            reader,
            RowsReader<TModel>.Visit));
        NodeMetrics.CountUndecodable(reader.Undecodable);
        return new(reader.Records.DrainToImmutable());
    }

    public void Put<TModel>(TModel model)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(model);
        var place = _catalog.PlaceOf<TModel>();
        Read(place, overlay =>
        {
            overlay.Put(RecordCoding.Put(model, place, expiresAt: null));
            return true;
        });
    }

    public void Remove<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        var place = _catalog.PlaceOf<TModel>();
        Read(place, overlay =>
        {
            overlay.Remove(RecordCoding.Remove(key, place));
            return true;
        });
    }

    public async ValueTask<CommitResult> CommitAsync(CancellationToken cancellation = default)
    {
        var overlay = Open();
        cancellation.ThrowIfCancellationRequested();
        _overlay = null;
        StoreBatch batch;
        using (overlay)
        {
            if (!overlay.HasWrites)
            {
                // It read one consistent state, which is all that it promised.
                return new CommitResult.Committed();
            }

            batch = overlay.ToBatch();
        }

        var models = batch.Writes.Select(ModelCatalog.ModelOf).Distinct().ToArray();
        var answer = await _node.WriteAsync(models.Length == 1 ? models[0] : null, batch, PendingWrite.SizeOf(batch), cancellation).ConfigureAwait(false);
        return answer switch
        {
            StoreProtocol.Answer.Written => new CommitResult.Committed(),
            StoreProtocol.Answer.Refused refused => new CommitResult.Refused(refused.Reason, refused.Detail),
            StoreProtocol.Answer.Busy => new CommitResult.Busy(),
            _ => new CommitResult.TimedOut(),
        };
    }

    public ValueTask DisposeAsync()
    {
        _overlay?.Dispose();
        _overlay = null;
        return ValueTask.CompletedTask;
    }

    private void Read<TResult>(int place, Func<TransactionOverlay, TResult> read)
    {
        var overlay = Open();
        LocalReads.RefuseDamaged(_parts, place);
        try
        {
            read(overlay);
        }
        catch (StoreException failure)
        {
            throw LocalReads.Failed(_parts, place, failure);
        }
    }

    private TransactionOverlay Open() => _overlay ?? throw new InvalidOperationException("The transaction has ended; begin another.");
}
