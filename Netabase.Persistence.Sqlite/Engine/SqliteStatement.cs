using SQLitePCL;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>A prepared statement, kept for the life of its connection.</summary>
internal sealed class SqliteStatement(sqlite3_stmt statement, sqlite3 db, string path) : IDisposable
{
    public void Bind(int place, ReadOnlySpan<byte> bytes) => Check(raw.sqlite3_bind_blob(statement, place, bytes));

    public void Bind(int place, Payload? bytes)
    {
        if (bytes is { } present)
        {
            Bind(place, present.Span);
        }
        else
        {
            Check(raw.sqlite3_bind_null(statement, place));
        }
    }

    public void Bind(int place, long number) => Check(raw.sqlite3_bind_int64(statement, place, number));

    public void Bind(int place, long? number) =>
        Check(number is { } present ? raw.sqlite3_bind_int64(statement, place, present) : raw.sqlite3_bind_null(statement, place));

    public void Bind(int place, string text) => Check(raw.sqlite3_bind_text(statement, place, text));

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw SqliteFailure.Translate(code, db, path),
        };
    }

    /// <summary>Runs it to its end.</summary>
    public void Run()
    {
        try
        {
            while (Step())
            {
            }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Ends the walk, so that it holds no lock and can be bound anew. A step's failure was told by the step.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    /// <summary>A column's bytes, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public long Number(int column) => raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public void Dispose() => statement.Dispose();

    private void Check(int code) => SqliteFailure.Check(code, db, path);
}
