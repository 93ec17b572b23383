using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase;

/// <summary>
/// A node: typed records in local stores, published and found over the DHT, or committed by consensus, the caller choosing
/// per operation. Thread-safe. What may be expected is a result; exceptions are misuse, cancellation, or the node's end.
/// </summary>
/// <remarks>
/// One file per role: records and transactions here, <c>INetabase.Swarm.cs</c>, <c>INetabase.Providers.cs</c>,
/// <c>INetabase.Consensus.cs</c>, <c>INetabase.Events.cs</c>. A method whose role this node was built without throws
/// <see cref="NotSupportedException"/> with a sentence that names the role.
/// </remarks>
public partial interface INetabase : IAsyncDisposable
{
    /// <summary>The definitions this node was given, by name.</summary>
    ImmutableArray<DefinitionDescriptor> Definitions { get; }

    /// <summary>The local records of one model: queries, bulk operations, counting.</summary>
    /// <exception cref="ArgumentException">The model is of no definition of this node.</exception>
    IRecords<TModel> Records<TModel>()
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store and publishes it to the peers closest to its key.</summary>
    /// <param name="model">The record; one of the same key is replaced.</param>
    /// <param name="timeToLive">How long it lives, more than zero; null for the configured time.</param>
    /// <param name="cancellation">Ends the wait; the record may be written nevertheless.</param>
    ValueTask<PutResult> PutRecordAsync<TModel>(TModel model, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store alone; answered once it is on disk.</summary>
    /// <param name="model">The record; one of the same key is replaced.</param>
    /// <param name="timeToLive">How long it lives, more than zero; null for ever.</param>
    /// <param name="cancellation">Ends the wait; the record may be written nevertheless.</param>
    ValueTask<PutResult> PutRecordLocallyAsync<TModel>(TModel model, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
        where TModel : class, IModel<TModel>;

    /// <summary>Writes a record to this node's store and to these peers.</summary>
    /// <param name="model">The record; one of the same key is replaced.</param>
    /// <param name="peers">Who shall hold it, whatever their distance to its key; at least one.</param>
    /// <param name="timeToLive">How long it lives, more than zero; null for the configured time.</param>
    /// <param name="cancellation">Ends the wait; the record may be written nevertheless.</param>
    ValueTask<PutResult> PutRecordToAsync<TModel>(
        TModel model, IReadOnlyCollection<PeerId> peers, TimeSpan? timeToLive = null, CancellationToken cancellation = default)
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
    /// <exception cref="NetabaseException">The store cannot be read.</exception>
    ValueTask<LocalRecords> QueryLocalRecordsAsync(int limit, CancellationToken cancellation = default);

    /// <summary>
    /// Opens a transaction over any models of this node: it reads one snapshot, and writes all or nothing. Dispose it;
    /// what was not committed then is rolled back.
    /// </summary>
    /// <exception cref="NetabaseException">The store cannot be read, or too many snapshots are open.</exception>
    ValueTask<ITransaction> BeginTransactionAsync(CancellationToken cancellation = default);
}
