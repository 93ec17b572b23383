using Microsoft.Data.Sqlite;

namespace Netabase.Data.Benchmarks.Face;

/// <summary>What a careful programmer would write without us: WAL, synchronous=FULL, prepared statements, a row table with a unique index.</summary>
internal sealed class RawSqlite : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _select;

    public RawSqlite(string folder)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "raw.db"), Pooling = false }.ToString());
        _connection.Open();
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO rows(key, value) VALUES ($key, $value) ON CONFLICT(key) DO UPDATE SET value = excluded.value";
        _insert.Parameters.Add("$key", SqliteType.Blob);
        _insert.Parameters.Add("$value", SqliteType.Blob);
        _insert.Prepare();
        _select = _connection.CreateCommand();
        _select.CommandText = "SELECT value FROM rows WHERE key = $key";
        _select.Parameters.Add("$key", SqliteType.Blob);
        _select.Prepare();
    }

    /// <summary>Encodes and writes rows in one durable transaction.</summary>
    public void Put(ReadOnlySpan<Sample.Row> rows)
    {
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var row in rows)
        {
            _insert.Parameters[0].Value = ModelCodec.EncodePrimaryKey(row).Span.ToArray();
            _insert.Parameters[1].Value = ModelCodec.Encode(row).Span.ToArray();
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public Sample.Row Get(Guid id)
    {
        _select.Parameters[0].Value = ModelCodec.Encode(new Sample.Row.Key(id)).Span.ToArray();
        using var reader = _select.ExecuteReader();
        reader.Read();
        return Sample.Row.Decode((byte[])reader[0]);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _select.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
