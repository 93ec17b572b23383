using System.Globalization;
using Netabase.Persistence.Rules;
using Netabase.Persistence.Sqlite.Engine;
using Netabase.Persistence.Writing;

namespace Netabase.Persistence.Sqlite;

/// <summary>
/// The default store: one SQLite database for all models of a node. One connection writes, on a thread of its own; readers
/// have connections of their own and neither wait for it nor make it wait (write-ahead log).
/// </summary>
public sealed class SqliteRecordStore : QueuedRecordStore
{
    /// <summary>The database's name in the data folder.</summary>
    public const string FileName = "store.db";

    private const int ApplicationId = 0x4e425301;
    private const int DatabaseVersion = 1;
    private const int SynchronousFull = 2;

    private readonly SqliteReaders _readers;
    private readonly SqliteInspection _inspection;

    private SqliteRecordStore(
        string path, StoreLayout layout, StoreLimits limits, SqliteStoreOptions options, SqliteNames[] names, SqliteInspection inspection, SqliteConnection writing)
        : base(layout, limits, new SqliteWriter(writing, names, options, inspection, path), path)
    {
        _inspection = inspection;
        _readers = new SqliteReaders(
            () => new SqliteReader(OpenReading(path, options, limits), names, inspection, path), options.IdleReadersMax, path);
    }

    /// <summary>Completes when a database that is checked while it is used has been checked.</summary>
    internal Task Inspected => _inspection.Ended;

    /// <summary>Opens the database in a data folder; blocks while it does.</summary>
    internal static SqliteRecordStore Open(
        DataFolder folder, StoreLayout layout, StoreLimits limits, SqliteStoreOptions options, CancellationToken cancellation)
    {
        var path = folder.PathOf(FileName);
        if (folder.HasStore && !File.Exists(path))
        {
            throw new StoreException(StoreError.Damaged, $"{path} is gone");
        }

        var connection = SqliteConnection.Open(path, options, limits.BusyTimeout);
        try
        {
            CheckIdentity(connection, path, folder.HasStore);
            MakeDurable(connection, path, options);
            var isChecked = CheckIntegrity(connection, path, options);
            Limit(connection, options);
            new SqliteSchema(connection, layout, path).BringUp(cancellation);
            folder.ConfirmStore();
            var names = layout.Models.Select(model => new SqliteNames(model)).ToArray();
            var inspection = new SqliteInspection(names, path);
            var store = new SqliteRecordStore(path, layout, limits, options, names, inspection, connection);
            if (!isChecked && options.ChecksLarger)
            {
                inspection.Start(() => OpenReading(path, options, limits));
            }

            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IStoreSnapshot OpenSnapshot(long now)
    {
        CountSnapshot();
        SqliteReader? reader = null;
        try
        {
            reader = _readers.Rent();
            reader.Pin();
            return new SqliteSnapshot(this, reader, Layout, now);
        }
        catch
        {
            UncountSnapshot();
            reader?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(Layout, model);
        var reader = _readers.Rent();
        try
        {
            return reader.TryRead(model, key, now, state, read);
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    internal void Release(SqliteReader reader)
    {
        UncountSnapshot();
        _readers.Return(reader);
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _inspection.Dispose();
        _readers.Dispose();
    }

    private static SqliteConnection OpenReading(string path, SqliteStoreOptions options, StoreLimits limits)
    {
        var connection = SqliteConnection.Open(path, options, limits.BusyTimeout);
        try
        {
            connection.Execute("PRAGMA query_only = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void CheckIdentity(SqliteConnection connection, string path, bool hasStore)
    {
        if (connection.QueryNumber("PRAGMA page_count") == 0)
        {
            if (hasStore)
            {
                throw new StoreException(StoreError.Damaged, $"{path} is empty");
            }

            connection.Execute(string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {DatabaseVersion}"));
            return;
        }

        if (connection.QueryNumber("PRAGMA application_id") != ApplicationId)
        {
            throw new StoreException(StoreError.Damaged, $"{path} is a database, but none of ours");
        }

        var version = connection.QueryNumber("PRAGMA user_version");
        if (version > DatabaseVersion)
        {
            throw new StoreException(StoreError.Incompatible, $"{path} has version {version}; this version of Netabase reads up to {DatabaseVersion}");
        }
    }

    /// <summary>Asks for what durability rests on, and then looks whether it was granted: SQLite refuses in silence.</summary>
    private static void MakeDurable(SqliteConnection connection, string path, SqliteStoreOptions options)
    {
        var mode = connection.QueryText("PRAGMA journal_mode = WAL");
        connection.Execute("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
        if (mode != "wal" || connection.QueryNumber("PRAGMA synchronous") != SynchronousFull)
        {
            throw new StoreException(StoreError.Unavailable, $"{path} does not get a write-ahead log that is synced (journal mode {mode})");
        }

        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {options.LogBytesMax}"));
    }

    /// <summary>The quota counts pages of the connection that writes; SQLite forgets it when that closes.</summary>
    private static void Limit(SqliteConnection connection, SqliteStoreOptions options)
    {
        if (options.BytesMax is { } bytes)
        {
            var pageSize = connection.QueryNumber("PRAGMA page_size");
            connection.QueryNumber(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {(bytes + pageSize - 1) / pageSize}"));
        }
    }

    /// <returns>Whether it was small enough to be checked.</returns>
    private static bool CheckIntegrity(SqliteConnection connection, string path, SqliteStoreOptions options)
    {
        var bytes = connection.QueryNumber("PRAGMA page_count") * connection.QueryNumber("PRAGMA page_size");
        if (bytes > options.CheckedAtOpenBytesMax)
        {
            return false;
        }

        return connection.QueryText("PRAGMA integrity_check(1)") is var finding and not "ok"
            ? throw new StoreException(StoreError.Damaged, $"{path}: {finding}")
            : true;
    }
}
