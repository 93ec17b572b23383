using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Persistence.Writing;
using Netabase.Protocol.Records;
using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>
/// Gathers a group into one write batch. What it holds already is kept beside it, so that a later batch of the group sees it.
/// Driven by the commit queue's thread alone.
/// </summary>
internal sealed class RocksWriter(RocksDatabase database, StoreLayout layout, int[] ids) : CommitTarget
{
    private static readonly WriteOptions Synced = new WriteOptions().SetSync(true);
    private static readonly WriteOptions Unsynced = new WriteOptions().SetSync(false);

    private readonly WriteBatch _batch = new();
    private readonly Dictionary<Payload, byte[]?> _written = [];
    private readonly HashSet<int> _cleared = [];
    private bool _isSynced = true;

    public static byte[] ExpiryValue(long? expiresAt)
    {
        if (expiresAt is not { } time)
        {
            return [];
        }

        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time);
        return bytes;
    }

    public override void Begin(bool isSynced)
    {
        Rollback();
        _isSynced = isSynced;
    }

    public override void Commit()
    {
        if (_batch.Count() > 0)
        {
            database.Write(_batch, _isSynced ? Synced : Unsynced);
        }
    }

    public override void Rollback()
    {
        _batch.Clear();
        _written.Clear();
        _cleared.Clear();
    }

    /// <summary>The database stays open for its readers.</summary>
    public override void Dispose() => _batch.Dispose();

    /// <summary>What this group itself writes with a time that has passed is left to the next sweep.</summary>
    protected override SweepOutcome SweepModel(int model, long now, int limit)
    {
        var id = ids[model];
        int records = 0, tombstones = 0;
        using var iterator = database.Walk(database.Expiry, database.Newest);
        var range = new RocksRange(RocksKeys.Model(id), RocksKeys.BehindModel(id));
        for (range.SeekFirst(iterator, isDescending: false); records + tombstones < limit && iterator.Valid() && range.Contains(iterator.GetKeySpan()); iterator.Next())
        {
            var (expiresAt, key) = RocksKeys.ReadExpiry(iterator.GetKeySpan());
            if (!RecordRules.IsExpired(expiresAt, now))
            {
                break;
            }

            var rowKey = new Payload(RocksKeys.Row(id, key));
            if (Find(id, rowKey) is not { } row)
            {
                continue;
            }

            RocksRow.Read(row, database.Path, out var metadata, out var state, out _);
            if (metadata.ExpiresAt == expiresAt)
            {
                Delete(id, rowKey, row);
                _ = state == RowState.Live ? records++ : tombstones++;
            }
        }

        database.CheckEnd(iterator);
        return new SweepOutcome(records, tombstones, records + tombstones == limit);
    }

    protected override bool TryVisit<TState>(int model, Payload key, TState state, RowVisitor<TState> visit)
    {
        if (Find(ids[model], new Payload(RocksKeys.Row(ids[model], key.Span))) is not { } row)
        {
            return false;
        }

        RocksRow.Read(row, database.Path, out var metadata, out var rowState, out var value);
        visit(state, new StoreRow(key.Span, value, metadata, rowState));
        return true;
    }

    protected override long Put(
        int model, Payload key, Payload value, RecordMetadata metadata, RowState state, ImmutableArray<Payload?> indexKeys, long now)
    {
        var numbers = layout.Models[model].SecondaryKeys;
        var keys = indexKeys
            .Select((indexKey, place) => (numbers[place].Number, Key: indexKey))
            .Where(entry => entry.Key is not null)
            .Select(entry => (entry.Number, entry.Key!.Value))
            .ToList();
        return Replace(ids[model], key, metadata, value, state, keys, now);
    }

    protected override long Remove(int model, Payload key, long now) => Take(ids[model], key, now);

    protected override void SetMark(string name, Payload? value)
    {
        if (value is { } bytes)
        {
            _batch.Put(RocksSchema.MarkKey(name), bytes.Span, database.Meta);
        }
        else
        {
            _batch.Delete(RocksSchema.MarkKey(name), database.Meta);
        }
    }

    private long Replace(
        int id, Payload key, RecordMetadata metadata, Payload value, RowState state, List<(int Number, Payload Key)> indexKeys, long now)
    {
        var removed = Take(id, key, now);
        var rowKey = RocksKeys.Row(id, key.Span);
        var row = RocksRow.Write(metadata, value.Span, state, indexKeys);
        _batch.Put(rowKey, row, database.Rows);
        _written[new Payload(rowKey)] = row;
        var expiry = ExpiryValue(metadata.ExpiresAt);
        foreach (var (number, indexKey) in indexKeys)
        {
            _batch.Put(RocksKeys.Entry(id, number, indexKey.Span, key.Span), expiry, database.Index);
        }

        if (metadata.ExpiresAt is { } expiresAt)
        {
            _batch.Put(RocksKeys.Expiry(id, expiresAt, key.Span), new[] { (byte)state }, database.Expiry);
        }

        return removed;
    }

    private long Take(int id, Payload key, long now)
    {
        var rowKey = new Payload(RocksKeys.Row(id, key.Span));
        if (Find(id, rowKey) is not { } row)
        {
            return 0;
        }

        Delete(id, rowKey, row);
        return IsLive(row, now) ? 1 : 0;
    }

    private void Delete(int id, Payload rowKey, byte[] row)
    {
        var key = RocksKeys.KeyOfRow(rowKey.Span);
        foreach (var (number, indexKey) in RocksRow.ReadIndexKeys(row, database.Path))
        {
            _batch.Delete(RocksKeys.Entry(id, number, indexKey.Span, key), database.Index);
        }

        RocksRow.Read(row, database.Path, out var metadata, out _, out _);
        if (metadata.ExpiresAt is { } expiresAt)
        {
            _batch.Delete(RocksKeys.Expiry(id, expiresAt, key), database.Expiry);
        }

        _batch.Delete(rowKey.Span, database.Rows);
        _written[rowKey] = null;
    }

    protected override long Clear(int model, long now)
    {
        var id = ids[model];
        var prefix = RocksKeys.Model(id);
        var live = _cleared.Contains(id)
            ? 0
            : new RocksReader(database, database.Newest, ids).Count(new StoreQuery(model, null, KeyRange.All), now);
        foreach (var (rowKey, row) in _written.Where(written => written.Key.Span.StartsWith(prefix)).ToList())
        {
            var before = _cleared.Contains(id) ? null : database.ReadCopy(database.Rows, rowKey.Span, database.Newest);
            live += (row is not null && IsLive(row, now) ? 1 : 0) - (before is not null && IsLive(before, now) ? 1 : 0);
            _written.Remove(rowKey);
        }

        foreach (var family in new[] { database.Rows, database.Index, database.Expiry })
        {
            RocksSchema.DeleteRange(_batch, family, prefix, RocksKeys.BehindModel(id));
        }

        _cleared.Add(id);
        return live;
    }

    private byte[]? Find(int id, Payload rowKey) => _written.TryGetValue(rowKey, out var row) ? row
        : _cleared.Contains(id) ? null
        : database.ReadCopy(database.Rows, rowKey.Span, database.Newest);

    private bool IsLive(byte[] row, long now)
    {
        RocksRow.Read(row, database.Path, out var metadata, out var state, out _);
        return state == RowState.Live && !RecordRules.IsExpired(metadata.ExpiresAt, now);
    }
}
