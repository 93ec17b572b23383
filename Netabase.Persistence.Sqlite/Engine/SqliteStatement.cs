using SQLitePCL;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>A prepared statement, kept for the life of its connection. Whoever rents it holds it, so its handle stays valid while it is used.</summary>
internal sealed class SqliteStatement(sqlite3_stmt statement, sqlite3 db, string path) : IDisposable
{
    private readonly nint _handle = statement.DangerousGetHandle();

    public void Bind(int place, ReadOnlySpan<byte> bytes) => Check(NativeSqlite.Bind(_handle, place, bytes));

    public void Bind(int place, Payload? bytes)
    {
        if (bytes is { } present)
        {
            Bind(place, present.Span);
        }
        else
        {
            Check(NativeSqlite.BindNull(_handle, place));
        }
    }

    public void Bind(int place, long number) => Check(NativeSqlite.Bind(_handle, place, number));

    public void Bind(int place, long? number) =>
        Check(number is { } present ? NativeSqlite.Bind(_handle, place, present) : NativeSqlite.BindNull(_handle, place));

    public void Bind(int place, string text) => Check(raw.sqlite3_bind_text(statement, place, text));

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
        var code = NativeSqlite.Step(_handle);
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
    public void Reset() => _ = NativeSqlite.Reset(_handle);

    /// <summary>A column's bytes, valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => NativeSqlite.Blob(_handle, column);

    public long Number(int column) => NativeSqlite.Number(_handle, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public bool IsNull(int column) => NativeSqlite.Type(_handle, column) == raw.SQLITE_NULL;

    public void Dispose() => statement.Dispose();

    private void Check(int code) => SqliteFailure.Check(code, db, path);
}
