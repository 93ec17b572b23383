namespace Netabase.Persistence.Rules;

/// <summary>What every store asks of a query, so that all refuse the same.</summary>
public static class QueryRules
{
    /// <summary>The place of a query's index among the model's secondary keys, or -1 for the primary key.</summary>
    /// <exception cref="ArgumentException">No such model or index, a negative limit or offset, or tombstones asked of a secondary key, which has none.</exception>
    public static int PlaceOf(StoreLayout layout, in StoreQuery query)
    {
        BatchRules.CheckModel(layout, query.Model);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit ?? 0);
        if (query.Index is not { } number)
        {
            return -1;
        }

        if (query.WithTombstones)
        {
            throw new ArgumentException("tombstones are in no secondary index", nameof(query));
        }

        var keys = layout.Models[query.Model].SecondaryKeys;
        for (var place = 0; place < keys.Length; place++)
        {
            if (keys[place].Number == number)
            {
                return place;
            }
        }

        throw new ArgumentException($"model {layout.Models[query.Model].Name} has no secondary key {number}", nameof(query));
    }

    /// <summary>Whether a key lies in a range.</summary>
    public static bool Contains(in KeyRange range, ReadOnlySpan<byte> key)
    {
        if (range.Lower is { } lower && lower.Span.SequenceCompareTo(key) is var below && (below > 0 || (below == 0 && !range.LowerIncluded)))
        {
            return false;
        }

        return range.Upper is not { } upper || upper.Span.SequenceCompareTo(key) is > 0 || (range.UpperIncluded && upper.Span.SequenceEqual(key));
    }
}
