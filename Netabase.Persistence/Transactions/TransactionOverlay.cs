using Netabase.Persistence.Rules;
using Netabase.Persistence.Transactions;
using Netabase.Protocol.Records;

namespace Netabase.Persistence;

/// <summary>
/// A transaction before its commit: a snapshot with own writes laid over it, so that every read and walk sees them in their
/// place. <see cref="ToBatch"/> turns it into one batch that is refused when a record read by key or written has changed
/// since the snapshot (first committer wins). Not thread-safe; disposing it gives the snapshot back.
/// </summary>
/// <param name="snapshot">What it reads; the overlay owns it.</param>
/// <param name="layout">The layout of the store.</param>
/// <param name="now">Unix milliseconds: the snapshot's own time.</param>
/// <param name="keysMax">The most records read by key and written together.</param>
public sealed class TransactionOverlay(IStoreSnapshot snapshot, StoreLayout layout, long now, int keysMax) : IDisposable
{
    private readonly Dictionary<(int Model, Payload Key), RecordMetadata?> _seen = [];
    private readonly OverlayWrites?[] _writes = new OverlayWrites?[layout.Models.Length];

    /// <summary>Whether a commit would write anything.</summary>
    public bool HasWrites => Array.Exists(_writes, writes => writes is { Count: > 0 });

    /// <summary>Reads one record, an own write first; the commit will be refused if another changed it since.</summary>
    /// <exception cref="InvalidOperationException">The transaction holds too many keys.</exception>
    public bool TryRead<TState>(int model, Payload key, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(layout, model);
        if (_writes[model] is not { } writes || !writes.TryFind(key.Span, out var write))
        {
            return Observe(model, key, state, read);
        }

        if (write is not StoreWrite.Put put || RecordRules.IsExpired(put.Metadata.ExpiresAt, now))
        {
            return false;
        }

        read(state, OverlayWrites.View(put, []));
        return true;
    }

    /// <summary>Walks records in key order as a snapshot does, own writes in their places.</summary>
    /// <returns>How many rows were visited, the one that ended the scan included.</returns>
    public int Scan<TState>(in StoreQuery query, TState state, RowVisitor<TState> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var place = QueryRules.PlaceOf(layout, query);
        if (query.WithTombstones)
        {
            throw new ArgumentException("a transaction sees no tombstones", nameof(query));
        }

        if (_writes[query.Model] is not { Count: > 0 } writes)
        {
            return snapshot.Scan(query, state, visit);
        }

        var walk = new OverlayWalk<TState>(query, writes, writes.Select(query, place, now), state, visit);
        if (!walk.IsOver)
        {
            snapshot.Scan(
                query with { Limit = null, Offset = 0 }, walk, static (OverlayWalk<TState> walk, in StoreRow row) => walk.OnRow(row));
            walk.Finish();
        }

        return walk.Visited;
    }

    /// <summary>How many records a scan would visit.</summary>
    public long Count(in StoreQuery query)
    {
        QueryRules.PlaceOf(layout, query);
        return _writes[query.Model] is { Count: > 0 }
            ? Scan(query, 0, static (int _, in StoreRow _) => true)
            : snapshot.Count(query);
    }

    /// <summary>Writes a record when the transaction commits.</summary>
    /// <exception cref="InvalidOperationException">The transaction holds too many keys.</exception>
    public void Put(StoreWrite.Put write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Write(write.Model, write.Key, write);
    }

    /// <summary>Removes a record when the transaction commits.</summary>
    /// <exception cref="InvalidOperationException">The transaction holds too many keys.</exception>
    public void Remove(StoreWrite.Remove write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Write(write.Model, write.Key, write);
    }

    /// <summary>Puts a tombstone in a record's place when the transaction commits; to its own reads the record is gone.</summary>
    /// <exception cref="InvalidOperationException">The transaction holds too many keys.</exception>
    public void Bury(StoreWrite.Bury write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Write(write.Model, write.Key, write);
    }

    /// <summary>Everything written, by model and key, on condition that nothing read or written was changed by another.</summary>
    public StoreBatch ToBatch() => new(
        [.. _writes.Where(writes => writes is not null).SelectMany(writes => writes!.All)],
        [.. _seen
            .OrderBy(seen => seen.Key.Model)
            .ThenBy(seen => seen.Key.Key)
            .Select(StoreCondition (seen) => new StoreCondition.Unchanged(seen.Key.Model, seen.Key.Key, seen.Value))]);

    /// <summary>Gives the snapshot back.</summary>
    public void Dispose() => snapshot.Dispose();

    private void Write(int model, Payload key, StoreWrite write)
    {
        BatchRules.CheckModel(layout, model);
        if (!_seen.ContainsKey((model, key)))
        {
            Observe(model, key, 0, static (int _, in StoreRow _) => true);
        }

        (_writes[model] ??= new OverlayWrites()).Set(key, write);
    }

    private bool Observe<TState>(int model, Payload key, TState state, RowVisitor<TState> read)
    {
        if (_seen.Count >= keysMax && !_seen.ContainsKey((model, key)))
        {
            throw new InvalidOperationException($"a transaction reads by key and writes at most {keysMax} records");
        }

        var observation = new Observation<TState>(state, read);
        var found = snapshot.TryRead(model, key.Span, observation, static (Observation<TState> seen, in StoreRow row) => seen.Visit(row));
        _seen[(model, key)] = observation.Metadata;
        return found;
    }

    /// <summary>Keeps what a read saw, for the condition that it is still so at the commit.</summary>
    private sealed class Observation<TState>(TState state, RowVisitor<TState> read)
    {
        public RecordMetadata? Metadata { get; private set; }

        public bool Visit(in StoreRow row)
        {
            Metadata = row.Metadata.ToRecordMetadata();
            return read(state, row);
        }
    }
}
