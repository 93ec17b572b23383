using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>A query as a stretch of RocksDB's order: from <paramref name="Start"/> up to, and without, <paramref name="End"/>.</summary>
internal readonly record struct RocksRange(byte[] Start, byte[] End)
{
    /// <summary>The stretch of a query.</summary>
    /// <param name="query">The query, validated.</param>
    /// <param name="model">The model's number in this store.</param>
    public static RocksRange Of(in StoreQuery query, int model)
    {
        var range = query.Index is { } number ? OfIndex(query.Range, model, number) : OfRows(query.Range, model);
        if (query.After is not { } after)
        {
            return range;
        }

        var place = query.Index is { } index
            ? RocksKeys.Entry(model, index, after.IndexKey.Span, after.Key.Span)
            : RocksKeys.Row(model, after.Key.Span);
        return query.IsDescending
            ? range with { End = Compare(place, range.End) < 0 ? place : range.End }
            : range with { Start = Compare(Behind(place), range.Start) > 0 ? Behind(place) : range.Start };
    }

    public void SeekFirst(Iterator iterator, bool isDescending)
    {
        if (!isDescending)
        {
            iterator.Seek(Start.AsSpan());
            return;
        }

        iterator.SeekForPrev(End.AsSpan());
        if (iterator.Valid() && Compare(iterator.GetKeySpan(), End) == 0)
        {
            iterator.Prev();
        }
    }

    public bool Contains(ReadOnlySpan<byte> key) => Compare(key, Start) >= 0 && Compare(key, End) < 0;

    private static RocksRange OfRows(in KeyRange range, int model) => new(
        range.Lower is { } lower ? Edge(RocksKeys.Row(model, lower.Span), isBehind: !range.LowerIncluded) : RocksKeys.Model(model),
        range.Upper is { } upper ? Edge(RocksKeys.Row(model, upper.Span), isBehind: range.UpperIncluded) : RocksKeys.BehindModel(model));

    private static RocksRange OfIndex(in KeyRange range, int model, int number) => new(
        range.Lower is { } lower ? RocksKeys.EntryEdge(model, number, lower.Span, isBehind: !range.LowerIncluded) : RocksKeys.Index(model, number),
        range.Upper is { } upper ? RocksKeys.EntryEdge(model, number, upper.Span, isBehind: range.UpperIncluded) : RocksKeys.BehindIndex(model, number));

    private static byte[] Edge(byte[] key, bool isBehind) => isBehind ? Behind(key) : key;

    /// <summary>The first key after this one.</summary>
    private static byte[] Behind(byte[] key) => [.. key, 0];

    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceCompareTo(right);
}
