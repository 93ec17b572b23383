using System.Collections.Immutable;
using Netabase.Protocol.Records;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>The naive store: a list that is sorted and filtered anew for every question. What it says is right by reading it.</summary>
internal sealed class Oracle
{
    public sealed record Row(int Model, Payload Key, Payload Value, RecordMetadata Metadata, RowState State, ImmutableArray<Payload?> IndexKeys)
    {
        public bool IsThere(long now) => !(Metadata.ExpiresAt <= now);

        public bool IsLive(long now) => State == RowState.Live && IsThere(now);
    }

    private List<Row> _rows = [];

    public Oracle Copy() => new() { _rows = [.. _rows] };

    public BatchOutcome Apply(StoreBatch batch, long now)
    {
        for (var i = 0; i < batch.Conditions.Length; i++)
        {
            var (holds, existing) = Check(batch.Conditions[i], now);
            if (!holds)
            {
                return new BatchOutcome.ConditionFailed(i, existing);
            }
        }

        return new BatchOutcome.Written([.. batch.Writes.Select(write => Write(write, now)).ToList()]);
    }

    public SweepOutcome Sweep(int model, long now)
    {
        var gone = _rows.Where(row => row.Model == model && !row.IsThere(now)).ToList();
        _rows.RemoveAll(gone.Contains);
        return new SweepOutcome(gone.Count(row => row.State == RowState.Live), gone.Count(row => row.State == RowState.Tombstone), false);
    }

    public List<Seen> Scan(StoreQuery query, long now)
    {
        var place = query.Index is { } index ? index - Sample.ByAuthor : -1;
        var found = _rows
            .Where(row => row.Model == query.Model && row.IsThere(now) && (row.State == RowState.Live || query.WithTombstones))
            .Select(row => (IndexKey: place < 0 ? Payload.Empty : row.State == RowState.Live ? row.IndexKeys[place] : null, Row: row))
            .Where(found => found.IndexKey is not null)
            .Select(found => new Seen(found.Row.Key, found.IndexKey!.Value, found.Row.Value, found.Row.Metadata, found.Row.State))
            .Where(seen => IsIn(query.Range, place < 0 ? seen.Key : seen.IndexKey))
            .OrderBy(seen => seen.IndexKey).ThenBy(seen => seen.Key)
            .ToList();
        if (query.IsDescending)
        {
            found.Reverse();
        }

        if (query.After is { } after)
        {
            var direction = query.IsDescending ? -1 : 1;
            found = [.. found.Where(seen => direction * Compare(seen, after, place) > 0)];
        }

        return [.. found.Skip(query.Offset).Take(query.Limit ?? int.MaxValue)];
    }

    public Seen? Get(int model, Payload key, long now) => Scan(new StoreQuery(model, null, KeyRange.Exactly(key)), now).SingleOrDefault();

    private static int Compare(Seen seen, StoreCursor after, int place)
    {
        var order = place < 0 ? 0 : seen.IndexKey.CompareTo(after.IndexKey);
        return order != 0 ? order : seen.Key.CompareTo(after.Key);
    }

    private static bool IsIn(KeyRange range, Payload key) =>
        (range.Lower is not { } lower || key > lower || (range.LowerIncluded && key == lower))
        && (range.Upper is not { } upper || key < upper || (range.UpperIncluded && key == upper));

    private (bool Holds, RecordMetadata? Existing) Check(StoreCondition condition, long now)
    {
        var (model, key) = condition is StoreCondition.Unchanged u ? (u.Model, u.Key) : ((StoreCondition.Newer)condition is var n ? (n.Model, n.Key) : default);
        var row = _rows.SingleOrDefault(row => row.Model == model && row.Key == key && row.IsThere(now));
        var holds = condition switch
        {
            StoreCondition.Unchanged { Expected: null } => row is null or { State: RowState.Tombstone },
            StoreCondition.Unchanged { Expected: { } expected } => row is { State: RowState.Live } && RecordRules.IsSameVersion(row.Metadata, expected),
            StoreCondition.Newer newer => row is null || RecordRules.IsNewer(newer.Candidate, row.Metadata),
            _ => throw new InvalidOperationException(),
        };
        return (holds, holds ? null : row?.Metadata);
    }

    private long Write(StoreWrite write, long now)
    {
        switch (write)
        {
            case StoreWrite.Put put:
                return Replace(new Row(put.Model, put.Key, put.Value, put.Metadata, RowState.Live, put.IndexKeys), now);
            case StoreWrite.Bury bury:
                return Replace(new Row(bury.Model, bury.Key, Payload.Empty, bury.Metadata, RowState.Tombstone, []), now);
            case StoreWrite.Remove remove:
                return Remove(row => row.Model == remove.Model && row.Key == remove.Key, now);
            case StoreWrite.Clear clear:
                return Remove(row => row.Model == clear.Model, now);
            default:
                throw new InvalidOperationException();
        }
    }

    private long Replace(Row row, long now)
    {
        var removed = Remove(old => old.Model == row.Model && old.Key == row.Key, now);
        _rows.Add(row);
        return removed;
    }

    private long Remove(Predicate<Row> which, long now)
    {
        var live = _rows.LongCount(row => which(row) && row.IsLive(now));
        _rows.RemoveAll(which);
        return live;
    }
}
