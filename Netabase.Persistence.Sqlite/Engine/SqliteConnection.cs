using System.Globalization;
using SQLitePCL;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>One connection to the store's database, used by one thread at a time, with the statements it has prepared.</summary>
internal sealed class SqliteConnection : IDisposable
{
    /// <summary>
    /// On POSIX: one lock on the file for the whole process, and the log's index on the heap instead of in a shared-memory
    /// file, so that beginning and ending a read costs no system call (https://sqlite.org/vfs.html, unix-excl). Nobody else
    /// may open the file, which is the data folder's rule anyhow.
    /// </summary>
    private const string ExclusiveVfs = "unix-excl";

    private readonly sqlite3 _db;
    private readonly string _path;
    private readonly int _busyTimeout;
    private readonly Dictionary<long, SqliteStatement> _idle = [];

    static SqliteConnection() => Batteries_V2.Init();

    private SqliteConnection(sqlite3 db, string path, TimeSpan busyTimeout)
    {
        _db = db;
        _path = path;
        _busyTimeout = (int)Math.Min(busyTimeout.TotalMilliseconds, int.MaxValue);
    }

    /// <summary>Opens the database, and creates it where there is none.</summary>
    public static SqliteConnection Open(string path, SqliteStoreOptions options, TimeSpan busyTimeout)
    {
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_PRIVATECACHE;
        var code = raw.sqlite3_open_v2(path, out var db, Flags, OperatingSystem.IsWindows() ? null : ExclusiveVfs);
        if (code != raw.SQLITE_OK)
        {
            var failure = SqliteFailure.Translate(code, db, path);
            db?.Dispose();
            throw failure;
        }

        var connection = new SqliteConnection(db, path, busyTimeout);
        try
        {
            raw.sqlite3_extended_result_codes(db, 0);

            // A plan must not look at what is bound: a bound LIMIT would have each use of a statement compiled anew, 8 us of it.
            SqliteFailure.Check(raw.sqlite3_db_config(db, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _), db, path);
            raw.sqlite3_busy_timeout(db, connection._busyTimeout);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{options.CacheKiB}"));
            connection.Execute("PRAGMA temp_store = MEMORY");
            connection.Execute("PRAGMA cell_size_check = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Ends what another thread runs on this connection, which then fails.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_db);

    public unsafe void HookLog(delegate* unmanaged[Cdecl]<nint, nint, byte*, int, int> hook, nint argument) =>
        NativeSqlite.HookLog(_db.DangerousGetHandle(), hook, argument);

    /// <summary>Copies the write-ahead log into the database as far as readers let it.</summary>
    /// <param name="mustBeginAnew">Waits for the readers that are in its way, so that the log begins anew with the next commit.</param>
    /// <param name="patience">How long it waits for them.</param>
    /// <returns>False when the disk failed; to find readers in the way is no failure.</returns>
    public bool TryCheckpoint(bool mustBeginAnew, TimeSpan patience)
    {
        raw.sqlite3_busy_timeout(_db, (int)patience.TotalMilliseconds);
        var code = raw.sqlite3_wal_checkpoint_v2(_db, "main", mustBeginAnew ? raw.SQLITE_CHECKPOINT_RESTART : raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        raw.sqlite3_busy_timeout(_db, _busyTimeout);
        return (code & 0xff) is raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL;
    }

    public long LastInsertId => raw.sqlite3_last_insert_rowid(_db);

    public int Changes => raw.sqlite3_changes(_db);

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    /// <summary>Runs statements that answer nothing.</summary>
    public void Execute(string sql) => SqliteFailure.Check(raw.sqlite3_exec(_db, sql), _db, _path);

    /// <summary>Runs a statement that answers one number.</summary>
    public long QueryNumber(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Number(0) : 0;
    }

    /// <summary>Runs a statement that answers one text.</summary>
    public string QueryText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : string.Empty;
    }

    public SqliteStatement Prepare(string sql)
    {
        SqliteFailure.Check(raw.sqlite3_prepare_v3(_db, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement), _db, _path);
        return new SqliteStatement(statement, _db, _path);
    }

    /// <summary>
    /// A statement for a shape of question, prepared at its first use and kept. The number of shapes is bounded by the
    /// models and their keys. It is the caller's until <see cref="Return"/>, so that a visitor can ask the same again.
    /// </summary>
    public SqliteStatement Rent<TState>(long shape, TState state, Func<TState, string> sql) =>
        _idle.Remove(shape, out var statement) ? statement : Prepare(sql(state));

    /// <summary>Resets a rented statement and keeps it for the next.</summary>
    public void Return(long shape, SqliteStatement statement)
    {
        statement.Reset();
        if (!_idle.TryAdd(shape, statement))
        {
            statement.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var statement in _idle.Values)
        {
            statement.Dispose();
        }

        _idle.Clear();
        raw.sqlite3_close_v2(_db);
        _db.Dispose();
    }
}
