using System.Collections.Immutable;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>A transaction of the face: an overlay on a snapshot, whose batch goes to the writer of its one model, or to that of transactions.</summary>
internal sealed class LocalTransaction : ITransaction
{
    private readonly Lock _gate = new();
    private readonly NetabaseNode _node;
    private readonly NodeParts _parts;
    private readonly ModelCatalog _catalog;
    private TransactionOverlay? _overlay;
    private (RefusalReason Reason, string Detail)? _closed;

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

        parts.Transactions.Add(this);
    }

    /// <summary>Lets go of what it holds and refuses from now on; does nothing while it is being read.</summary>
    public void TryClose(RefusalReason reason, string detail)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            _closed ??= _overlay is null ? null : (reason, detail);
            End();
        }
        finally
        {
            _gate.Exit();
        }
    }

    public ValueTask<TModel?> GetAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellation.ThrowIfCancellationRequested();
        var place = _catalog.PlaceOf<TModel>();
        LocalReads.RefuseNameless(_parts, key);
        var reader = new RowReader<TModel>();
        Read(place, overlay => overlay.TryRead(place, ModelCodec.Encode(key, _node.LocalPeer), reader, RowReader<TModel>.Visit));
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
        if (_node.Nameless(TModel.Schema) is { } why)
        {
            throw new NetabaseException(why.Reason, why.Detail);
        }

        var place = _catalog.PlaceOf<TModel>();
        Read(place, overlay =>
        {
            overlay.Put(RecordCoding.Put(model, place, expiresAt: null, _node.LocalPeer));
            return true;
        });
    }

    public void Remove<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>
    {
        ArgumentNullException.ThrowIfNull(key);
        LocalReads.RefuseNameless(_parts, key);
        var place = _catalog.PlaceOf<TModel>();
        Read(place, overlay =>
        {
            overlay.Remove(RecordCoding.Remove(key, place, _node.LocalPeer));
            return true;
        });
    }

    public async ValueTask<CommitResult> CommitAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        StoreBatch batch;
        lock (_gate)
        {
            if (_closed is { } why)
            {
                return new CommitResult.Refused(why.Reason, why.Detail);
            }

            var hasWrites = Open().HasWrites;
            batch = Open().ToBatch();
            End();
            if (!hasWrites)
            {
                // It read one consistent state, which is all that it promised.
                return new CommitResult.Committed();
            }
        }

        var models = batch.Writes.Select(write => write.Touches).Distinct().ToArray();
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
        lock (_gate)
        {
            End();
        }

        return ValueTask.CompletedTask;
    }

    private void Read<TResult>(int place, Func<TransactionOverlay, TResult> read)
    {
        lock (_gate)
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
    }

    private void End()
    {
        _overlay?.Dispose();
        _overlay = null;
        _parts.Transactions.Remove(this);
    }

    private TransactionOverlay Open() => _overlay ?? throw (_closed is { } why
        ? new NetabaseException(why.Reason, why.Detail)
        : new InvalidOperationException("The transaction has ended; begin another."));
}
