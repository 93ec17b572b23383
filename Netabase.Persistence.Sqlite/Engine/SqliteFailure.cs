using SQLitePCL;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>The one place where SQLite's result codes become ours (https://sqlite.org/rescode.html).</summary>
internal static class SqliteFailure
{
    private const int PrimaryCode = 0xff;

    /// <summary>Throws when a call did not succeed.</summary>
    public static void Check(int code, sqlite3 db, string path)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw Translate(code, db, path);
        }
    }

    public static StoreException Translate(int code, sqlite3? db, string path)
    {
        var extended = db is { IsInvalid: false } ? raw.sqlite3_extended_errcode(db) : code;
        var text = db is { IsInvalid: false } ? raw.sqlite3_errmsg(db).utf8_to_string() : raw.sqlite3_errstr(code).utf8_to_string();
        return new StoreException(Classify(code, extended), $"{path}: {text} (SQLite {extended})");
    }

    private static StoreError Classify(int code, int extended) => (code & PrimaryCode) switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL => StoreError.Busy,
        raw.SQLITE_FULL => StoreError.Full,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT => StoreError.Damaged,
        raw.SQLITE_IOERR when extended is raw.SQLITE_IOERR_SHORT_READ => StoreError.Damaged,
        raw.SQLITE_SCHEMA or raw.SQLITE_ERROR => StoreError.Damaged,
        _ => StoreError.Unavailable,
    };
}
