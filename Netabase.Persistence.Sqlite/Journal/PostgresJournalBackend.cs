using System.Data;
using Netabase.Persistence.Consensus;
using Npgsql;

namespace Netabase.Persistence.Sqlite.Journal;

/// <summary>
/// A journal in a PostgreSQL database that may hold those of many acceptors. An advisory lock of a session keeps a second
/// process from being the same acceptor; a server that does not sync its commits is refused.
/// </summary>
/// <param name="connectionString">Where the database is, as Npgsql spells it.</param>
/// <param name="commandTimeout">How long a statement may take.</param>
public sealed class PostgresJournalBackend(string connectionString, TimeSpan commandTimeout) : IAcceptorJournalBackend
{
    /// <inheritdoc/>
    public string Name => "postgresql";

    /// <inheritdoc/>
    public bool IsPersistent => true;

    /// <inheritdoc/>
    public AcceptorJournal Open(DataFolder? folder, string group, string member)
    {
        JournalNames.CheckGroup(group);
        ArgumentException.ThrowIfNullOrEmpty(member);
        try
        {
            var shared = new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = (int)Math.Ceiling(commandTimeout.TotalSeconds) };
            var hold = SessionHold.Take(shared, $"netabase/{group}/{member}");
            return JournalPlugins.Describe(
                $"{shared.ConnectionString} {group} {member}",
                LinqToDB.ProviderName.PostgreSQL15,
                shared.ConnectionString,
                shared.ConnectionString,
                "read-committed",
                commandTimeout * 2,
                hold);
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or TimeoutException)
        {
            throw new StoreException(StoreError.Unavailable, $"the journal of {group} in PostgreSQL cannot be opened: {failure.Message}", failure);
        }
    }

    /// <summary>A session of its own, outside every pool, that holds the lock; the server gives it back when the session ends.</summary>
    private sealed class SessionHold : IJournalHold
    {
        private readonly NpgsqlConnection _session;
        private readonly CancellationTokenSource _lost = new();

        private SessionHold(NpgsqlConnection session)
        {
            _session = session;
            session.StateChange += OnStateChange;
        }

        public CancellationToken Lost => _lost.Token;

        public static SessionHold Take(NpgsqlConnectionStringBuilder shared, string name)
        {
            var own = new NpgsqlConnectionStringBuilder(shared.ConnectionString) { Pooling = false, KeepAlive = 5 };
            var session = new NpgsqlConnection(own.ConnectionString);
            try
            {
                session.Open();
                RefuseForgetful(session);
                using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", session) { Parameters = { new() { Value = name } } };
                return command.ExecuteScalar() is true
                    ? new SessionHold(session)
                    : throw new StoreException(StoreError.Locked, $"{name} is held by another session: the same acceptor runs already, and two would vote twice");
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        public void Dispose()
        {
            _session.StateChange -= OnStateChange;
            _session.Dispose();
            _lost.Dispose();
        }

        private static void RefuseForgetful(NpgsqlConnection session)
        {
            foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"])
            {
                using var command = new NpgsqlCommand($"SHOW {setting}", session);
                if (command.ExecuteScalar() is not string value || value == "off")
                {
                    throw new StoreException(StoreError.Unavailable, $"the PostgreSQL server has {setting} = off; a vote that a crash can forget is none");
                }
            }
        }

        private void OnStateChange(object sender, StateChangeEventArgs change)
        {
            if (change.CurrentState is ConnectionState.Broken or ConnectionState.Closed)
            {
                _lost.Cancel();
            }
        }
    }
}
