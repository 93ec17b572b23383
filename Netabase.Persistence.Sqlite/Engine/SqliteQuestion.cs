namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>What a statement answers.</summary>
internal enum SqliteAnswer
{
    Row,
    Rows,
    RowsWithTombstones,
    Count,
    Mark,
    Pin,
}

/// <summary>How one end of a range is asked.</summary>
internal enum SqliteBound
{
    None,
    Included,
    Excluded,
    After,
    Equal,
    EqualAfter,
}

/// <summary>
/// A query in the form of its statement: the shape chooses the text, and the keys are bound. A cursor takes the place of the
/// end of the range that it lies in, so that a walk goes on by a seek.
/// </summary>
internal readonly record struct SqliteQuestion(
    SqliteAnswer Answer, int Model, int Place, SqliteBound Lower, SqliteBound Upper, bool IsDescending,
    Payload LowerKey = default, Payload UpperKey = default, StoreCursor After = default)
{
    /// <summary>A number for the statement's text: equal for questions that differ only in what is bound.</summary>
    public long Shape =>
        (long)Answer | ((long)Lower << 4) | ((long)Upper << 8) | (IsDescending ? 1L << 12 : 0) | ((long)(Place + 1) << 16) | ((long)Model << 40);

    /// <summary>The question of a query.</summary>
    /// <param name="answer">Rows or their count.</param>
    /// <param name="query">The query, validated.</param>
    /// <param name="place">The place of its index among the secondary keys, or -1.</param>
    public static SqliteQuestion Of(SqliteAnswer answer, in StoreQuery query, int place)
    {
        var range = query.Range;
        var plain = new SqliteQuestion(
            answer, query.Model, place, BoundOf(range.Lower, range.LowerIncluded), BoundOf(range.Upper, range.UpperIncluded), query.IsDescending,
            range.Lower ?? default, range.Upper ?? default);
        if (plain is { Lower: SqliteBound.Included, Upper: SqliteBound.Included } && plain.LowerKey == plain.UpperKey)
        {
            plain = plain with { Lower = SqliteBound.Equal, Upper = SqliteBound.None };
        }

        if (query.After is not { } after)
        {
            return plain;
        }

        return place < 0 ? plain.BehindKey(after) : plain.BehindEntry(after);
    }

    public void Bind(SqliteStatement statement)
    {
        if (Lower is SqliteBound.Included or SqliteBound.Excluded or SqliteBound.Equal or SqliteBound.EqualAfter)
        {
            statement.Bind(SqliteTexts.LowerPlace, LowerKey.Span);
        }

        if (Upper is SqliteBound.Included or SqliteBound.Excluded)
        {
            statement.Bind(SqliteTexts.UpperPlace, UpperKey.Span);
        }

        if (Lower is SqliteBound.After || Upper is SqliteBound.After)
        {
            statement.Bind(SqliteTexts.AfterIndexKeyPlace, After.IndexKey.Span);
        }

        if (Lower is SqliteBound.After or SqliteBound.EqualAfter || Upper is SqliteBound.After)
        {
            statement.Bind(SqliteTexts.AfterKeyPlace, After.Key.Span);
        }
    }

    private static SqliteBound BoundOf(Payload? end, bool isIncluded) =>
        end is null ? SqliteBound.None : isIncluded ? SqliteBound.Included : SqliteBound.Excluded;

    private SqliteQuestion BehindKey(StoreCursor after)
    {
        var (lower, upper) = Lower == SqliteBound.Equal ? (SqliteBound.Included, SqliteBound.Included) : (Lower, Upper);
        var range = this with { Lower = lower, Upper = upper, UpperKey = Lower == SqliteBound.Equal ? LowerKey : UpperKey };
        return IsDescending
            ? upper == SqliteBound.None || after.Key <= range.UpperKey ? range with { Upper = SqliteBound.Excluded, UpperKey = after.Key } : range
            : lower == SqliteBound.None || after.Key >= range.LowerKey ? range with { Lower = SqliteBound.Excluded, LowerKey = after.Key } : range;
    }

    private SqliteQuestion BehindEntry(StoreCursor after)
    {
        if (Lower == SqliteBound.Equal)
        {
            var order = after.IndexKey.CompareTo(LowerKey) * (IsDescending ? -1 : 1);
            return order == 0 ? this with { Lower = SqliteBound.EqualAfter, After = after }
                : order < 0 ? this
                : this with { Lower = SqliteBound.Excluded, Upper = SqliteBound.Excluded, UpperKey = LowerKey };
        }

        if (IsDescending)
        {
            var isWithin = Upper == SqliteBound.None || after.IndexKey < UpperKey || (Upper == SqliteBound.Included && after.IndexKey == UpperKey);
            return isWithin ? this with { Upper = SqliteBound.After, After = after } : this;
        }

        return Lower == SqliteBound.None || after.IndexKey > LowerKey || (Lower == SqliteBound.Included && after.IndexKey == LowerKey)
            ? this with { Lower = SqliteBound.After, After = after }
            : this;
    }
}
