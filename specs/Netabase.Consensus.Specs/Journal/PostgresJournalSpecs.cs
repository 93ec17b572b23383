using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Sqlite.Journal;
using Npgsql;

namespace Netabase.Consensus.Specs.Journal;

/// <summary>The journal in a PostgreSQL server, where the machine has one.</summary>
public sealed class PostgresJournalSpecs(PostgresServer server) : JournalContract, IClassFixture<PostgresServer>
{
    protected override IAcceptorJournalBackend Backend
    {
        get
        {
            Skip.If(server.Missing is not null, server.Missing);
            return new PostgresJournalBackend(server.ConnectionString, TimeSpan.FromSeconds(10));
        }
    }

    [SkippableFact]
    public void Two_members_may_keep_their_votes_in_one_database()
    {
        var backend = Backend;
        using var one = backend.Open(null, Group, "a");
        using var other = backend.Open(null, Group, "b");
        Assert.NotEqual(one.JournalPlugin, other.JournalPlugin);
    }

    [SkippableFact]
    public async Task A_session_that_the_server_ends_takes_the_right_to_vote_with_it()
    {
        var backend = Backend;
        using var journal = backend.Open(null, Group, "a");
        var lost = new TaskCompletionSource();
        using var registration = journal.Hold.Lost.Register(lost.SetResult);
        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await using var end = new NpgsqlCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()", other);
        await end.ExecuteNonQueryAsync();
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(120));
    }

    [SkippableFact]
    public void A_server_that_does_not_sync_its_commits_is_refused()
    {
        Skip.If(server.Missing is not null, server.Missing);
        var backend = new PostgresJournalBackend($"{server.ConnectionString};Options=-c synchronous_commit=off", TimeSpan.FromSeconds(10));
        var refused = Assert.Throws<StoreException>(() => backend.Open(null, Group, "a"));
        Assert.Contains("synchronous_commit", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_server_that_is_not_there_is_told_as_unavailable()
    {
        Skip.If(server.Missing is not null, server.Missing);
        var backend = new PostgresJournalBackend("Host=/nowhere;Username=nobody;Timeout=2", TimeSpan.FromSeconds(2));
        Assert.Equal(StoreError.Unavailable, Assert.Throws<StoreException>(() => backend.Open(null, Group, "a")).Error);
    }
}
