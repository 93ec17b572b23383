using System.Globalization;
using Microsoft.Data.Sqlite;
using Netabase.Persistence.Consensus;
using SqlConnection = Microsoft.Data.Sqlite.SqliteConnection;

namespace Netabase.Persistence.Sqlite.Journal;

/// <summary>
/// The default journal: <c>paxos/GROUP/journal.db</c> and <c>snapshots.db</c> in the data folder, two files so that a long
/// snapshot does not hold up a vote. Every write is synced.
/// </summary>
/// <param name="busyTimeout">How long a write waits for a lock on its file; half a minute at most.</param>
public sealed class SqliteJournalBackend(TimeSpan busyTimeout) : IAcceptorJournalBackend
{
    private const string JournalFile = "journal.db";
    private const string SnapshotFile = "snapshots.db";
    private const string LockFile = "acceptor.lock";
    private const long SynchronousFull = 2;

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public bool IsPersistent => true;

    /// <inheritdoc/>
    public AcceptorJournal Open(DataFolder? folder, string group, string member)
    {
        JournalNames.CheckGroup(group);
        if (folder is null)
        {
            throw new StoreException(StoreError.Unavailable, $"the group {group} keeps its votes in SQLite, and this node has no data folder");
        }

        var hold = default(FileHold);
        var path = folder.PathOf(Path.Combine("paxos", group));
        try
        {
            folder.MakeFolder("paxos", group);
            hold = FileHold.Take(Path.Combine(path, LockFile));
            var journal = Prepare(Path.Combine(path, JournalFile));
            var snapshots = Prepare(Path.Combine(path, SnapshotFile));
            folder.FlushNames("paxos", group);
            return JournalPlugins.Describe(
                path, LinqToDB.ProviderName.SQLiteMS, journal, snapshots, "read-uncommitted", busyTimeout * 3, hold);
        }
        catch (Exception failure)
        {
            hold?.Dispose();
            throw failure is IOException or UnauthorizedAccessException or SqliteException
                ? new StoreException(StoreError.Unavailable, $"the journal in {path} cannot be opened: {failure.Message}", failure)
                : failure;
        }
    }

    /// <summary>Makes the file a database with a write-ahead log, and looks with the plugin's own connection string whether commits will be synced.</summary>
    private string Prepare(string path)
    {
        var connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            DefaultTimeout = (int)Math.Ceiling(busyTimeout.TotalSeconds),
        }.ToString();
        using var connection = new SqlConnection(connectionString);
        connection.Open();
        var mode = Ask(connection, "PRAGMA journal_mode = WAL");
        var synchronous = Convert.ToInt64(Ask(connection, "PRAGMA synchronous"), CultureInfo.InvariantCulture);
        return mode is "wal" && synchronous >= SynchronousFull
            ? connectionString
            : throw new StoreException(
                StoreError.Unavailable,
                $"{path} would not be synced before a vote is told (journal mode {mode}, synchronous {synchronous}); a vote that a crash can forget is none");
    }

    private static object? Ask(SqlConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        return command.ExecuteScalar();
    }
}
