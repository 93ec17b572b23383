using Netabase.Persistence.Consensus;

namespace Netabase.Persistence.Sqlite.Journal;

/// <summary>The configuration of Akka.Persistence.Sql for one acceptor: two plugins that see nothing of each other.</summary>
internal static class JournalPlugins
{
    /// <param name="place">What tells this journal from every other.</param>
    /// <param name="provider">linq2db's name of the database.</param>
    /// <param name="journal">The journal's connection string.</param>
    /// <param name="snapshots">The snapshots' connection string.</param>
    /// <param name="isolation">How reads are isolated: SQLite would take the write lock for them otherwise.</param>
    /// <param name="callTimeout">How long a call may take until the plugin's circuit breaker gives up; longer than the database's own wait.</param>
    /// <param name="hold">The right to write.</param>
    public static AcceptorJournal Describe(
        string place, string provider, string journal, string snapshots, string isolation, TimeSpan callTimeout, IJournalHold hold)
    {
        var root = JournalNames.RootOf(place);
        return new AcceptorJournal(
            $"{root}.journal",
            $"{root}.snapshots",
            $$"""
            {{root}} {
              journal {
                class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                plugin-id = "{{root}}.journal"
                plugin-dispatcher = "akka.actor.default-dispatcher"
                materializer-dispatcher = "akka.actor.default-dispatcher"
                provider-name = "{{provider}}"
                connection-string = {{JournalNames.Quote(journal)}}
                parallelism = 1
                tag-write-mode = Csv
                read-isolation-level = {{isolation}}
                circuit-breaker.call-timeout = {{(long)callTimeout.TotalMilliseconds}}ms
              }
              snapshots {
                class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                plugin-id = "{{root}}.snapshots"
                plugin-dispatcher = "akka.actor.default-dispatcher"
                provider-name = "{{provider}}"
                connection-string = {{JournalNames.Quote(snapshots)}}
                read-isolation-level = {{isolation}}
                circuit-breaker.call-timeout = {{(long)callTimeout.TotalMilliseconds}}ms
              }
            }
            """,
            hold);
    }
}
