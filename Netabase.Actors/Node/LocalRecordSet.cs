using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>The local records of one model.</summary>
internal sealed class LocalRecordSet<TModel>(NetabaseNode node, int place) : IRecords<TModel>
    where TModel : class, IModel<TModel>
{
    public ValueTask<TModel?> GetAsync(IRecordKey<TModel> key, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        cancellation.ThrowIfCancellationRequested();
        return new(LocalReads.ReadOne(node.RunningParts(), place, key, withMetadata: false).Record);
    }

    public ValueTask<ImmutableArray<TModel?>> GetManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var parts = node.RunningParts();
        return new(LocalReads.OnSnapshot(parts, place, snapshot =>
        {
            var found = ImmutableArray.CreateBuilder<TModel?>(keys.Count);
            foreach (var key in keys)
            {
                cancellation.ThrowIfCancellationRequested();
                LocalReads.RefuseNameless(parts, key);
                var reader = new RowReader<TModel>();
                snapshot.TryRead(place, ModelCodec.Encode(key, node.LocalPeer).Span, reader, RowReader<TModel>.Visit);
                found.Add(reader.Failure is null ? reader.Record : throw LocalReads.Undecodable(reader.Failure));
            }

            return found.MoveToImmutable();
        }));
    }

    public ValueTask<PutResult> PutManyAsync(IReadOnlyList<TModel> models, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfZero(models.Count, nameof(models));
        if (node.Nameless(TModel.Schema) is { } why)
        {
            return new(new PutResult.Refused(why.Reason, why.Detail));
        }

        var expiresAt = node.ExpiryOf(timeToLive);
        var batch = new StoreBatch(
            [.. models.Select(model => RecordCoding.Put(model ?? throw new ArgumentException("One of the records is null.", nameof(models)), place, expiresAt, node.LocalPeer))], []);
        return node.PutAsync(place, batch, PendingWrite.SizeOf(batch), cancellation);
    }

    public ValueTask<RemoveResult> RemoveManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Any(key => key.Publisher is null) && node.Nameless(TModel.Schema) is { } why)
        {
            return new(new RemoveResult.Refused(why.Reason, why.Detail));
        }

        return node.RemoveAsync(place, new StoreBatch([.. keys.Select(key => RecordCoding.Remove(key, place, node.LocalPeer))], []), cancellation);
    }

    public ValueTask<ImmutableArray<TModel>> QueryAsync(ModelQuery<TModel> query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit == 0)
        {
            return new(ImmutableArray<TModel>.Empty);
        }

        using var span = NodeSpans.Activities.StartActivity("query").On(TModel.Schema);
        var found = LocalReads.OnSnapshot(node.RunningParts(), place, snapshot =>
        {
            // The limit counts decoded records, so that it is the reader's and not the store's.
            var reader = new RowsReader<TModel>(query.Limit ?? int.MaxValue, cancellation);
            snapshot.Scan(ToStoreQuery(query), reader, RowsReader<TModel>.Visit);
            NodeMetrics.CountUndecodable(reader.Undecodable);
            return reader.Records.DrainToImmutable();
        });
        span.Found(found.Length);
        return new(found);
    }

    public ValueTask<long> CountAsync(ModelQuery<TModel> query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellation.ThrowIfCancellationRequested();
        return new(LocalReads.OnSnapshot(
            node.RunningParts(), place, snapshot => snapshot.Count(ToStoreQuery(query) with { Limit = query.Limit })));
    }

    public async IAsyncEnumerable<TModel> IterateAsync(
        ModelQuery<TModel> query, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var left = query.Limit ?? int.MaxValue;
        var next = ToStoreQuery(query);
        for (var isOver = left == 0; !isOver;)
        {
            var parts = node.RunningParts();
            var size = parts.Settings.Stores.PageSize;
            var page = LocalReads.OnSnapshot(parts, place, snapshot =>
            {
                var reader = new RowsReader<TModel>(left, cancellation) { KeepsPlace = true, RowsMax = size };
                snapshot.Scan(next with { Limit = size }, reader, RowsReader<TModel>.Visit);
                return reader;
            });
            NodeMetrics.CountUndecodable(page.Undecodable);
            foreach (var record in page.Records)
            {
                yield return record;
            }

            left -= page.Records.Count;
            isOver = left == 0 || page.Rows < size;
            next = next with { After = page.Last, Offset = 0 };

            // A long walk over what is in memory must not hold its caller's thread from page to page.
            await Task.Yield();
        }
    }

    public ValueTask<RemoveResult> ClearAsync(CancellationToken cancellation = default) =>
        node.RemoveAsync(place, new StoreBatch([new StoreWrite.Clear(place)], []), cancellation);

    private StoreQuery ToStoreQuery(ModelQuery<TModel> query) =>
        new(place, query.Index, query.Range, Offset: query.Offset, IsDescending: query.IsDescending);
}
