using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Netabase.Persistence.Memory;

/// <summary>Everything at one moment. Immutable and shared: a snapshot is a reference to it.</summary>
internal sealed record MemoryState(ImmutableArray<MemoryTable> Tables, ImmutableDictionary<string, Payload> Marks, long Size)
{
    public static MemoryState Empty(StoreLayout layout) => new(
        [.. layout.Models.Select(model => MemoryTable.Empty(model.SecondaryKeys.Length))],
        ImmutableDictionary.Create<string, Payload>(StringComparer.Ordinal),
        0);
}

/// <summary>One model: its rows by primary key, by each secondary key, and by expiry.</summary>
internal sealed record MemoryTable(
    ImmutableSortedSet<MemoryEntry> Rows, ImmutableArray<ImmutableSortedSet<MemoryEntry>> Indexes, ImmutableSortedSet<MemoryEntry> Expiries)
{
    public static MemoryTable Empty(int indexes) => new([], [.. Enumerable.Repeat(ImmutableSortedSet<MemoryEntry>.Empty, indexes)], []);

    public MemoryRow? Find(Payload key) => Rows.TryGetValue(PrimaryEntry(key, null), out var found) ? found.Row : null;

    public static MemoryEntry PrimaryEntry(Payload key, MemoryRow? row) => new(key, default, row);

    public static MemoryEntry ExpiryEntry(long expiresAt, Payload key, MemoryRow? row)
    {
        var time = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, expiresAt ^ long.MinValue);
        return new(new Payload(time), key, row);
    }

    /// <summary>Where the entries that a query may visit begin and end in its order.</summary>
    public static (int Start, int End) Bounds(ImmutableSortedSet<MemoryEntry> order, in StoreQuery query)
    {
        var start = query.Range.Lower is { } lower
            ? PlaceOf(order, query.Range.LowerIncluded ? MemoryEntry.Before(lower) : MemoryEntry.Behind(lower))
            : 0;
        var end = query.Range.Upper is { } upper
            ? PlaceOf(order, query.Range.UpperIncluded ? MemoryEntry.Behind(upper) : MemoryEntry.Before(upper))
            : order.Count;
        if (query.After is { } after)
        {
            var entry = query.Index is null ? PrimaryEntry(after.Key, null) : new MemoryEntry(after.IndexKey, after.Key, null);
            var found = order.IndexOf(entry);
            var place = found < 0 ? ~found : found;
            (start, end) = query.IsDescending
                ? (start, Math.Min(end, place))
                : (Math.Max(start, found < 0 ? place : place + 1), end);
        }

        return (start, Math.Max(start, end));
    }

    private static int PlaceOf(ImmutableSortedSet<MemoryEntry> order, MemoryEntry probe)
    {
        var place = order.IndexOf(probe);
        return place < 0 ? ~place : place;
    }
}
