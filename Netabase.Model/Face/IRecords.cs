using System.Collections.Immutable;

namespace Netabase;

/// <summary>
/// The local records of one model. Expired records are not there; rows that are no value of the model are passed over and
/// counted. A read throws <see cref="NetabaseException"/> when the store cannot answer.
/// </summary>
/// <typeparam name="TModel">The model.</typeparam>
public interface IRecords<TModel>
    where TModel : class, IModel<TModel>
{
    /// <summary>The record with that key, or null.</summary>
    ValueTask<TModel?> GetAsync(IRecordKey<TModel> key, CancellationToken cancellation = default);

    /// <summary>The records with those keys, in their order, null where there is none; from one snapshot.</summary>
    ValueTask<ImmutableArray<TModel?>> GetManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default);

    /// <summary>Writes all of them in one transaction, or none.</summary>
    /// <param name="models">The records; of two with one key the later stands.</param>
    /// <param name="timeToLive">How long they live, more than zero; null for ever.</param>
    /// <param name="cancellation">Ends the wait; they may be written nevertheless.</param>
    ValueTask<PutResult> PutManyAsync(IReadOnlyList<TModel> models, TimeSpan? timeToLive = null, CancellationToken cancellation = default);

    /// <summary>Removes all of them in one transaction, or none; those not there do not matter.</summary>
    ValueTask<RemoveResult> RemoveManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default);

    /// <summary>The records that answer a query, from one snapshot. Without a limit the whole answer is held in memory: see <see cref="IterateAsync"/>.</summary>
    ValueTask<ImmutableArray<TModel>> QueryAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>How many rows answer a query, without reading their values.</summary>
    ValueTask<long> CountAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>Walks the records that answer a query, page by page, in key order; each page is a snapshot of its own.</summary>
    IAsyncEnumerable<TModel> IterateAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>Removes every record of the model.</summary>
    ValueTask<RemoveResult> ClearAsync(CancellationToken cancellation = default);
}
