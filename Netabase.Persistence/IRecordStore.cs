using System.Collections.Immutable;

namespace Netabase.Persistence;

/// <summary>
/// The store port: one database that holds every model of a node, as bytes and index keys. Any number of threads read while
/// one commit at a time is under way; a commit is durable when its task completes, unless all of it is <see cref="StoreBatch.IsRepeatable"/>.
/// </summary>
public interface IRecordStore : IAsyncDisposable
{
    /// <summary>The limits it was opened with.</summary>
    StoreLimits Limits { get; }

    /// <summary>Reads on one consistent state of everything. Cheap; dispose it soon, since the store keeps what it can see.</summary>
    /// <param name="now">Unix milliseconds: records that expired until then are not there.</param>
    /// <exception cref="StoreException">Closed, damaged, or too many snapshots are open.</exception>
    IStoreSnapshot OpenSnapshot(long now);

    /// <summary>
    /// Reads one record on the newest state: what a snapshot opened for this one read would see, without its cost. A read
    /// that begins after a commit's task has completed sees that commit.
    /// </summary>
    /// <param name="model">The model's place in <see cref="StoreLayout.Models"/>.</param>
    /// <param name="key">The primary key's bytes.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="state">Handed to <paramref name="read"/>.</param>
    /// <param name="read">Sees the row while its memory is valid.</param>
    /// <returns>False when there is no such record; a tombstone and an expired record are none.</returns>
    /// <exception cref="StoreException">Closed, or damaged.</exception>
    bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read);

    /// <summary>
    /// Commits batches in order, in one durable write. Each batch is all or nothing, and each has its own outcome; a failure
    /// of the store itself fails them all and none is written. A cancellation counts only until the write has begun.
    /// </summary>
    /// <exception cref="StoreException">Busy, full, damaged, unavailable, or closed: nothing was written. Outcome unknown: it may have been.</exception>
    ValueTask<ImmutableArray<BatchOutcome>> CommitAsync(IReadOnlyList<StoreBatch> batches, long now, CancellationToken cancellation);

    /// <summary>Deletes up to <paramref name="limit"/> rows of a model whose time has passed, tombstones included, the longest gone first.</summary>
    /// <exception cref="StoreException">Busy, full, damaged, unavailable, or closed: nothing was deleted. Outcome unknown: it may have been.</exception>
    ValueTask<SweepOutcome> SweepAsync(int model, long now, int limit, CancellationToken cancellation);
}

/// <summary>What a sweep deleted.</summary>
/// <param name="Records">Expired records.</param>
/// <param name="Tombstones">Expired tombstones.</param>
/// <param name="HasMore">Whether the limit was reached, so that there may be more.</param>
public readonly record struct SweepOutcome(int Records, int Tombstones, bool HasMore);

/// <summary>A consistent view of one moment, its own time included. Not thread-safe; a visitor may read it again.</summary>
public interface IStoreSnapshot : IDisposable
{
    /// <summary>Reads one record; a tombstone and an expired record are none.</summary>
    bool TryRead<TState>(int model, ReadOnlySpan<byte> key, TState state, RowVisitor<TState> read);

    /// <summary>Walks records in key order: primary keys, or (secondary key, primary key).</summary>
    /// <returns>How many rows were visited, the one that ended the scan included.</returns>
    int Scan<TState>(in StoreQuery query, TState state, RowVisitor<TState> visit);

    /// <summary>How many rows a scan would visit, without reading their values.</summary>
    long Count(in StoreQuery query);

    /// <summary>A mark set by <see cref="StoreWrite.SetMark"/>, or null.</summary>
    Payload? ReadMark(string name);
}

/// <summary>Sees one row; its spans are valid only during the call.</summary>
/// <returns>False to end a scan.</returns>
public delegate bool RowVisitor<in TState>(TState state, in StoreRow row);

/// <summary>One row as it lies in the store's memory.</summary>
public readonly ref struct StoreRow
{
    /// <summary>A row over memory that its maker keeps valid during the visit.</summary>
    public StoreRow(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, scoped in RowMetadata metadata, RowState state, ReadOnlySpan<byte> indexKey = default)
    {
        Key = key;
        IndexKey = indexKey;
        Value = value;
        Metadata = metadata;
        State = state;
    }

    /// <summary>The primary key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The secondary key by which a scan found it; empty for a read or scan by primary key.</summary>
    public ReadOnlySpan<byte> IndexKey { get; }

    /// <summary>The encoded value; empty for a tombstone.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>What is known of it.</summary>
    public RowMetadata Metadata { get; }

    /// <summary>Whether it is a record or the sign that one was removed.</summary>
    public RowState State { get; }
}

/// <summary>The metadata of a row without a copy; <see cref="ToRecordMetadata"/> makes one that lasts.</summary>
public readonly ref struct RowMetadata
{
    /// <summary>Metadata over memory that its maker keeps valid during the visit.</summary>
    public RowMetadata(HybridTimestamp clock, ReadOnlySpan<byte> publisher, long? expiresAt, ReadOnlySpan<byte> signature)
    {
        Clock = clock;
        Publisher = publisher;
        ExpiresAt = expiresAt;
        Signature = signature;
    }

    /// <summary>When it was written.</summary>
    public HybridTimestamp Clock { get; }

    /// <summary>The publisher's peer id bytes, or empty.</summary>
    public ReadOnlySpan<byte> Publisher { get; }

    /// <summary>Unix milliseconds after which it is gone, or null.</summary>
    public long? ExpiresAt { get; }

    /// <summary>The publisher's signature, or empty.</summary>
    public ReadOnlySpan<byte> Signature { get; }

    /// <summary>A copy that lasts.</summary>
    public RecordMetadata ToRecordMetadata() => new(
        Clock,
        Publisher.IsEmpty ? null : new Multiformats.PeerId(Payload.Copy(Publisher)),
        ExpiresAt,
        Payload.Copy(Signature));
}

/// <summary>What a row is.</summary>
public enum RowState
{
    /// <summary>A record.</summary>
    Live = 0,

    /// <summary>The sign that a record was removed, kept until its expiry so that a replica does not bring it back. Ordinary reads do not see it.</summary>
    Tombstone = 1,
}

/// <summary>Which rows a scan visits.</summary>
/// <param name="Model">The model's place in <see cref="StoreLayout.Models"/>.</param>
/// <param name="Index">The secondary key's field number, or null for the primary key.</param>
/// <param name="Range">Which keys of that index.</param>
/// <param name="Limit">At most so many rows, or null.</param>
/// <param name="Offset">Rows passed over first, at a cost that grows with their number; a page that goes on from another is better told by <paramref name="After"/>.</param>
/// <param name="IsDescending">From the last key to the first; records of equal secondary key turn around too.</param>
/// <param name="WithTombstones">Whether tombstones are visited too (primary key only).</param>
/// <param name="After">Only rows that come later in the walk than this place, or null for all.</param>
public readonly record struct StoreQuery(
    int Model,
    int? Index,
    KeyRange Range,
    int? Limit = null,
    int Offset = 0,
    bool IsDescending = false,
    bool WithTombstones = false,
    StoreCursor? After = null);

/// <summary>A place in a walk: that of one row, whether it is still there or not.</summary>
/// <param name="IndexKey">The row's secondary key; empty in a walk by primary key.</param>
/// <param name="Key">The row's primary key.</param>
public readonly record struct StoreCursor(Payload IndexKey, Payload Key);
