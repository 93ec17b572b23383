namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>
/// The statements. Every walk names the index that is in its order and gives its rows by it alone, so that no plan can sort
/// or scan a table; a spec reads the plans.
/// </summary>
internal static class SqliteTexts
{
    public const int NowPlace = 1;
    public const int LimitPlace = 2;
    public const int OffsetPlace = 3;
    public const int LowerPlace = 4;
    public const int UpperPlace = 5;
    public const int AfterIndexKeyPlace = 6;
    public const int AfterKeyPlace = 7;

    public const string Mark = "SELECT value FROM netabase_marks WHERE name = ?1";
    public const string SetMark = "INSERT INTO netabase_marks (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    public const string UnsetMark = "DELETE FROM netabase_marks WHERE name = ?1";

    /// <summary>Begins a read: its state is seen by every statement of the connection until this one is reset.</summary>
    public const string Pin = "SELECT 1 FROM sqlite_schema LIMIT 1";

    private const string Unexpired = "(i.expires IS NULL OR i.expires > ?1)";

    public static string Row(SqliteNames names) => $"SELECT row FROM {names.Table} WHERE key = ?1";

    public static string Upsert(SqliteNames names)
    {
        var columns = names.Columns;
        var listed = string.Concat(columns.Select(column => $", {column}"));
        var values = string.Concat(columns.Select((_, i) => $", ?{i + 6}"));
        var updates = string.Concat(columns.Select(column => $", {column} = excluded.{column}"));
        return $"INSERT INTO {names.Table} (id, key, state, expires, row{listed}) VALUES (?1, ?2, ?3, ?4, ?5{values}) "
            + $"ON CONFLICT (key) DO UPDATE SET state = excluded.state, expires = excluded.expires, row = excluded.row{updates}";
    }

    public static string Remove(SqliteNames names) => $"DELETE FROM {names.Table} WHERE key = ?1 RETURNING state, expires";

    public static string Clear(SqliteNames names) => $"DELETE FROM {names.Table}";

    public static string Sweep(SqliteNames names) =>
        $"DELETE FROM {names.Table} WHERE id IN (SELECT id FROM {names.Table} INDEXED BY {names.ExpiryIndex} "
        + "WHERE expires <= ?1 ORDER BY expires LIMIT ?2) RETURNING state";

    public static string For(in SqliteQuestion question, SqliteNames names) => question.Answer switch
    {
        SqliteAnswer.Row => Row(names),
        SqliteAnswer.Count when question.Place < 0 => CountByKey(question, names),
        SqliteAnswer.Count =>
            $"SELECT count(*) FROM {names.Table} AS i INDEXED BY {names.Indexes[question.Place]} WHERE {Unexpired}{Range(question, names)}",
        SqliteAnswer.Rows or SqliteAnswer.RowsWithTombstones when question.Place < 0 =>
            $"SELECT i.key, i.row FROM {names.Table} AS i INDEXED BY {names.KeyIndex} WHERE {Unexpired}{Live(question)}{Range(question, names)} "
            + $"ORDER BY i.key{Direction(question)} LIMIT ?2 OFFSET ?3",
        SqliteAnswer.Rows => RowsByIndex(question, names, names.Columns[question.Place]),
        _ => throw new ArgumentOutOfRangeException(nameof(question), question.Answer, "no question to a model's table"),
    };

    /// <summary>
    /// The entry and the row are read apart, and the row's own copy of the index key beside the entry's: a damaged entry
    /// shows when the two differ, and one whose row is gone gives no row instead of nothing.
    /// </summary>
    private static string RowsByIndex(in SqliteQuestion question, SqliteNames names, string column) =>
        $"SELECT i.key, r.row, i.{column}, r.{column} FROM {names.Table} AS i INDEXED BY {names.Indexes[question.Place]} "
        + $"LEFT JOIN {names.Table} AS r ON r.id = i.id WHERE {Unexpired}{Range(question, names)} "
        + $"ORDER BY i.{column}{Direction(question)}, i.key{Direction(question)} LIMIT ?2 OFFSET ?3";

    /// <summary>
    /// Counted in the key index, which does not know what is expired or buried; those few are counted by their own indexes
    /// and taken off. With tombstones in the table's own order this would read every row.
    /// </summary>
    private static string CountByKey(in SqliteQuestion question, SqliteNames names)
    {
        var range = Range(question, names);
        return $"SELECT (SELECT count(*) FROM {names.Table} AS i WHERE 1{range}) "
            + $"- (SELECT count(*) FROM {names.Table} AS i INDEXED BY {names.ExpiryIndex} WHERE i.expires <= ?1{range}) "
            + $"- (SELECT count(*) FROM {names.Table} AS i INDEXED BY {names.TombstoneIndex} WHERE i.state = 1 AND {Unexpired}{range})";
    }

    private static string Live(in SqliteQuestion question) => question.Answer == SqliteAnswer.RowsWithTombstones ? string.Empty : " AND i.state = 0";

    private static string Direction(in SqliteQuestion question) => question.IsDescending ? " DESC" : string.Empty;

    private static string Range(in SqliteQuestion question, SqliteNames names)
    {
        var column = question.Place < 0 ? "i.key" : $"i.{names.Columns[question.Place]}";
        var lower = question.Lower switch
        {
            SqliteBound.Included => $" AND {column} >= ?4",
            SqliteBound.Excluded => $" AND {column} > ?4",
            SqliteBound.Equal => $" AND {column} = ?4",
            SqliteBound.EqualAfter => $" AND {column} = ?4 AND i.key {(question.IsDescending ? '<' : '>')} ?7",
            SqliteBound.After => $" AND ({column}, i.key) > (?6, ?7)",
            _ => string.Empty,
        };
        var upper = question.Upper switch
        {
            SqliteBound.Included => $" AND {column} <= ?5",
            SqliteBound.Excluded => $" AND {column} < ?5",
            SqliteBound.After => $" AND ({column}, i.key) < (?6, ?7)",
            _ => string.Empty,
        };
        return question.Place < 0 ? lower + upper : $" AND {column} IS NOT NULL{lower}{upper}";
    }
}
