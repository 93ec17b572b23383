using System.Collections.Immutable;
using Netabase.Persistence.Rules;

namespace Netabase.Persistence.Memory;

/// <summary>Builds the next state out of the last one; until <see cref="Finish"/> nobody sees it.</summary>
internal sealed class MemoryWriter
{
    private readonly StoreLayout _layout;
    private readonly StoreLimits _limits;
    private readonly long _now;
    private readonly Table?[] _tables;
    private readonly MemoryState _before;
    private ImmutableDictionary<string, Payload> _marks;
    private long _size;

    public MemoryWriter(MemoryState before, StoreLayout layout, StoreLimits limits, long now)
    {
        _before = before;
        _layout = layout;
        _limits = limits;
        _now = now;
        _marks = before.Marks;
        _size = before.Size;
        _tables = new Table?[before.Tables.Length];
    }

    public long Size => _size;

    public BatchOutcome Apply(StoreBatch batch)
    {
        if (BatchRules.FindExcess(batch, _layout, _limits) is { } excess)
        {
            return excess;
        }

        for (var i = 0; i < batch.Conditions.Length; i++)
        {
            var condition = batch.Conditions[i];
            var row = Of(condition.Model).Find(condition.Key);
            if (!ConditionRules.Holds(condition, row is not null, row is null ? default : row.View(), row?.State ?? RowState.Live, _now))
            {
                return new BatchOutcome.ConditionFailed(i, row is null || row.IsExpired(_now) ? null : row.Metadata);
            }
        }

        return new BatchOutcome.Written(ImmutableArray.CreateRange(batch.Writes, Write));
    }

    public SweepOutcome Sweep(int model, int limit)
    {
        var table = Of(model);
        int records = 0, tombstones = 0;
        while (records + tombstones < limit && table.Expiries.Count > 0 && table.Expiries[0].Row is { } row && row.IsExpired(_now))
        {
            Remove(table, row.Key);
            _ = row.State == RowState.Live ? records++ : tombstones++;
        }

        return new SweepOutcome(records, tombstones, records + tombstones == limit);
    }

    public MemoryState Finish() => new(
        [.. _before.Tables.Select((table, model) => _tables[model]?.Finish() ?? table)],
        _marks,
        _size);

    private long Write(StoreWrite write)
    {
        switch (write)
        {
            case StoreWrite.Put put:
                return Replace(Of(put.Model), new MemoryRow(put.Key, put.Value, put.Metadata, RowState.Live, put.IndexKeys));
            case StoreWrite.Remove remove:
                return Remove(Of(remove.Model), remove.Key);
            case StoreWrite.Bury bury:
                return Replace(Of(bury.Model), new MemoryRow(bury.Key, Payload.Empty, bury.Metadata, RowState.Tombstone, []));
            case StoreWrite.Clear clear:
                return Clear(clear.Model);
            case StoreWrite.SetMark mark:
                _size += (mark.Value?.Length ?? 0) - (_marks.TryGetValue(mark.Name, out var old) ? old.Length : 0);
                _marks = mark.Value is { } value ? _marks.SetItem(mark.Name, value) : _marks.Remove(mark.Name);
                return 0;
            default:
                throw new ArgumentException($"unknown write {write}", nameof(write));
        }
    }

    private long Replace(Table table, MemoryRow row)
    {
        var replaced = Remove(table, row.Key);
        table.Rows.Add(MemoryTable.PrimaryEntry(row.Key, row));
        for (var i = 0; i < row.IndexKeys.Length; i++)
        {
            if (row.IndexKeys[i] is { } indexKey)
            {
                table.Indexes[i].Add(new MemoryEntry(indexKey, row.Key, row));
            }
        }

        if (row.Metadata.ExpiresAt is { } expiresAt)
        {
            table.Expiries.Add(MemoryTable.ExpiryEntry(expiresAt, row.Key, row));
        }

        _size += row.Size;
        return replaced;
    }

    private long Remove(Table table, Payload key)
    {
        if (table.Find(key) is not { } row)
        {
            return 0;
        }

        table.Rows.Remove(MemoryTable.PrimaryEntry(key, null));
        for (var i = 0; i < row.IndexKeys.Length; i++)
        {
            if (row.IndexKeys[i] is { } indexKey)
            {
                table.Indexes[i].Remove(new MemoryEntry(indexKey, key, null));
            }
        }

        if (row.Metadata.ExpiresAt is { } expiresAt)
        {
            table.Expiries.Remove(MemoryTable.ExpiryEntry(expiresAt, key, null));
        }

        _size -= row.Size;
        return row.IsLive(_now) ? 1 : 0;
    }

    private long Clear(int model)
    {
        var table = Of(model);
        var live = table.Rows.LongCount(entry => entry.Row!.IsLive(_now));
        _size -= table.Rows.Sum(entry => entry.Row!.Size);
        _tables[model] = new Table(MemoryTable.Empty(table.Indexes.Length));
        return live;
    }

    private Table Of(int model) => _tables[model] ??= new Table(_before.Tables[model]);

    private sealed class Table(MemoryTable before)
    {
        public ImmutableSortedSet<MemoryEntry>.Builder Rows { get; } = before.Rows.ToBuilder();

        public ImmutableArray<ImmutableSortedSet<MemoryEntry>.Builder> Indexes { get; } = [.. before.Indexes.Select(index => index.ToBuilder())];

        public ImmutableSortedSet<MemoryEntry>.Builder Expiries { get; } = before.Expiries.ToBuilder();

        public MemoryRow? Find(Payload key) => Rows.TryGetValue(MemoryTable.PrimaryEntry(key, null), out var found) ? found.Row : null;

        public MemoryTable Finish() => new(Rows.ToImmutable(), [.. Indexes.Select(index => index.ToImmutable())], Expiries.ToImmutable());
    }
}
