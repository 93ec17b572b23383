using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <summary>
/// A node: typed records in local stores, published and found over the DHT, or committed by consensus, the caller choosing
/// per operation. Thread-safe. What may be expected is a result; exceptions are misuse, cancellation, or the node's end.
/// </summary>
public interface INetabase : IAsyncDisposable
{
    /// <summary>The definitions this node was given, by name.</summary>
    ImmutableArray<DefinitionDescriptor> Definitions { get; }

    /// <summary>The local records of one model: queries, bulk operations, counting.</summary>
    /// <exception cref="ArgumentException">The model is of no definition of this node.</exception>
    IRecords<TModel> Records<TModel>()
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store and publishes it to the peers closest to its key.</summary>
    ValueTask<PutResult> PutRecordAsync<TModel>(TModel model, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store alone; answered once it is on disk.</summary>
    ValueTask<PutResult> PutRecordLocallyAsync<TModel>(TModel model, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store and to these peers.</summary>
    ValueTask<PutResult> PutRecordToAsync<TModel>(TModel model, IReadOnlyCollection<PeerId> peers, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Gets a record: from this node's store, else from the network.</summary>
    ValueTask<GetResult<TModel>> GetRecordAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Removes a record, with all its index entries, from this node's store; replicas elsewhere live until they expire.</summary>
    ValueTask<RemoveResult> RemoveRecordAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>The first records of all models of all definitions: definitions by name, models by tag, records by primary key.</summary>
    /// <param name="limit">At most so many decoded records, 1 or more.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<LocalRecords> QueryLocalRecordsAsync(int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Opens a transaction over any models of this node: it reads one snapshot, and writes all or nothing. Dispose it;
    /// what was not committed then is rolled back.
    /// </summary>
    ValueTask<ITransaction> BeginTransactionAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Hears every event from now on. A subscriber that reads too slowly misses events and is told how many
    /// (<see cref="Lagged"/>); it never slows the node. May be called before the swarm starts, and outlives its restarts.
    /// </summary>
    /// <param name="capacity">Events kept for this subscriber, 1 to 1,048,576; null for the configured number.</param>
    IBroadcastSubscription SubscribeToBroadcasts(int? capacity = null);
}

/// <summary>A place in the audience. One reader at a time; disposing it ends the enumeration.</summary>
public interface IBroadcastSubscription : IAsyncEnumerable<NetabaseEvent>, IAsyncDisposable;

/// <summary>The local records of one model. Expired records are not there.</summary>
/// <typeparam name="TModel">The model.</typeparam>
public interface IRecords<TModel>
    where TModel : class, IModel<TModel>
{
    /// <summary>The record with that key, or null.</summary>
    ValueTask<TModel?> GetAsync(IRecordKey<TModel> key, CancellationToken cancellation = default);

    /// <summary>The records with those keys, in their order, null where there is none; from one snapshot.</summary>
    ValueTask<ImmutableArray<TModel?>> GetManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default);

    /// <summary>Writes all of them in one transaction, or none.</summary>
    ValueTask<PutResult> PutManyAsync(IReadOnlyList<TModel> models, CancellationToken cancellation = default);

    /// <summary>Removes all of them in one transaction, or none; those not there do not matter.</summary>
    ValueTask<RemoveResult> RemoveManyAsync(IReadOnlyList<IRecordKey<TModel>> keys, CancellationToken cancellation = default);

    /// <summary>The records that answer a query, from one snapshot. Without a limit the whole answer is held in memory: see <see cref="IterateAsync"/>.</summary>
    ValueTask<ImmutableArray<TModel>> QueryAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>How many records answer a query, without reading them.</summary>
    ValueTask<long> CountAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>Walks the records that answer a query, page by page, in key order; each page is a snapshot of its own.</summary>
    IAsyncEnumerable<TModel> IterateAsync(ModelQuery<TModel> query, CancellationToken cancellation = default);

    /// <summary>Removes every record of the model.</summary>
    ValueTask<RemoveResult> ClearAsync(CancellationToken cancellation = default);
}

/// <summary>
/// Several reads and writes as one: it reads the snapshot of its beginning with its own writes laid over it, and commits all
/// of them or none. A commit is refused with <see cref="RefusalReason.Conflict"/> when a record that it read by key or
/// writes was changed by another since the beginning (first committer wins). Not thread-safe.
/// </summary>
public interface ITransaction : IAsyncDisposable
{
    /// <summary>The record with that key, or null.</summary>
    ValueTask<TModel?> GetAsync<TModel>(IRecordKey<TModel> key, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>The records that answer a query.</summary>
    ValueTask<ImmutableArray<TModel>> QueryAsync<TModel>(ModelQuery<TModel> query, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record when the transaction commits.</summary>
    void Put<TModel>(TModel model)
        where TModel : class, IModel<TModel>;

    /// <summary>Removes a record when the transaction commits.</summary>
    void Remove<TModel>(IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>;

    /// <summary>Makes it all durable at once, and ends the transaction.</summary>
    ValueTask<CommitResult> CommitAsync(CancellationToken cancellation = default);
}

/// <summary>What became of a transaction.</summary>
public abstract record CommitResult
{
    private CommitResult()
    {
    }

    /// <summary>All of it is on disk.</summary>
    public sealed record Committed : CommitResult;

    /// <summary>None of it is.</summary>
    public sealed record Refused(RefusalReason Reason, string Detail) : CommitResult;

    /// <summary>None of it is: too much is waiting already; try again later.</summary>
    public sealed record Busy : CommitResult;

    /// <summary>No answer within the deadline: all of it or none of it is.</summary>
    public sealed record TimedOut : CommitResult;
}
