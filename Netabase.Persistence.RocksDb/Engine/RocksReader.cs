using System.Buffers.Binary;
using Netabase.Protocol.Records;
using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>Reads one state: that of the options' snapshot, or the newest.</summary>
internal readonly struct RocksReader(RocksDatabase database, ReadOptions options, int[] ids)
{
    private const int SmallKey = 128;

    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        using var pin = database.Pin(database.Rows, RocksKeys.Row(ids[model], key, stackalloc byte[SmallKey]), options);
        if (!pin.IsFound)
        {
            return false;
        }

        RocksRow.Read(pin.Bytes, database.Path, out var metadata, out var rowState, out var value);
        if (rowState != RowState.Live || RecordRules.IsExpired(metadata.ExpiresAt, now))
        {
            return false;
        }

        read(state, new StoreRow(key, value, metadata, rowState));
        return true;
    }

    public int Scan<TState>(in StoreQuery query, long now, TState state, RowVisitor<TState> visit) =>
        query.Index is null ? ScanRows(query, now, state, visit) : ScanIndex(query, now, state, visit);

    /// <summary>By primary key every row of the range is looked at; by a secondary key the entries alone.</summary>
    public long Count(in StoreQuery query, long now) => query.Index is null
        ? ScanRows(query, now, 0, static (int _, in StoreRow _) => true)
        : ScanIndex(query, now, 0, null);

    private int ScanRows<TState>(in StoreQuery query, long now, TState state, RowVisitor<TState> visit)
    {
        var range = RocksRange.Of(query, ids[query.Model]);
        var (offset, visited) = (query.Offset, 0);
        using var iterator = database.Walk(database.Rows, options);
        for (range.SeekFirst(iterator, query.IsDescending); visited < (query.Limit ?? int.MaxValue); Advance(iterator, query.IsDescending))
        {
            if (!iterator.Valid() || !range.Contains(iterator.GetKeySpan()))
            {
                database.CheckEnd(iterator);
                break;
            }

            RocksRow.Read(iterator.GetValueSpan(), database.Path, out var metadata, out var rowState, out var value);
            if (RecordRules.IsExpired(metadata.ExpiresAt, now) || (rowState == RowState.Tombstone && !query.WithTombstones) || offset-- > 0)
            {
                continue;
            }

            visited++;
            if (!visit(state, new StoreRow(RocksKeys.KeyOfRow(iterator.GetKeySpan()), value, metadata, rowState)))
            {
                break;
            }
        }

        return visited;
    }

    private int ScanIndex<TState>(in StoreQuery query, long now, TState state, RowVisitor<TState>? visit)
    {
        var range = RocksRange.Of(query, ids[query.Model]);
        var (offset, visited) = (query.Offset, 0);
        Span<byte> room = stackalloc byte[StoreLimits.KeyMax];
        using var iterator = database.Walk(database.Index, options);
        for (range.SeekFirst(iterator, query.IsDescending); visited < (query.Limit ?? int.MaxValue); Advance(iterator, query.IsDescending))
        {
            if (!iterator.Valid() || !range.Contains(iterator.GetKeySpan()))
            {
                database.CheckEnd(iterator);
                break;
            }

            if (IsExpired(iterator.GetValueSpan(), now) || offset-- > 0)
            {
                continue;
            }

            visited++;
            if (visit is not null && !Visit(query.Model, iterator.GetKeySpan(), room, state, visit))
            {
                break;
            }
        }

        return visited;
    }

    private bool Visit<TState>(int model, ReadOnlySpan<byte> entry, Span<byte> room, TState state, RowVisitor<TState> visit)
    {
        if (!RocksKeys.TryReadEntry(entry, room, out var indexKey, out var key))
        {
            throw new StoreException(StoreError.Damaged, $"{database.Path}: an index entry is not what was written");
        }

        using var pin = database.Pin(database.Rows, RocksKeys.Row(ids[model], key, stackalloc byte[SmallKey]), options);
        if (!pin.IsFound)
        {
            throw new StoreException(StoreError.Damaged, $"{database.Path}: an index entry has no row");
        }

        RocksRow.Read(pin.Bytes, database.Path, out var metadata, out var rowState, out var value);
        return visit(state, new StoreRow(key, value, metadata, rowState, indexKey));
    }

    private static void Advance(Iterator iterator, bool isDescending) => _ = isDescending ? iterator.Prev() : iterator.Next();

    private static bool IsExpired(ReadOnlySpan<byte> expiry, long now) =>
        BinaryPrimitives.TryReadInt64BigEndian(expiry, out var expiresAt) && RecordRules.IsExpired(expiresAt, now);
}
