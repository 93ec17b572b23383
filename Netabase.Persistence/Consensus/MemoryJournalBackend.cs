namespace Netabase.Persistence.Consensus;

/// <summary>A journal that forgets with the process, for specs and for groups of one run.</summary>
public sealed class MemoryJournalBackend : IAcceptorJournalBackend
{
    private static long _last;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool IsPersistent => false;

    /// <inheritdoc/>
    public AcceptorJournal Open(DataFolder? folder, string group, string member)
    {
        // A name of its own each time: the plugin outlives the node in its actor system, and would remember.
        var root = JournalNames.RootOf($"memory {Interlocked.Increment(ref _last)} {group} {member}");
        return new AcceptorJournal(
            $"{root}.journal",
            $"{root}.snapshots",
            $$"""
            {{root}} {
              journal {
                class = "Akka.Persistence.Journal.MemoryJournal, Akka.Persistence"
                plugin-dispatcher = "akka.actor.default-dispatcher"
              }
              snapshots {
                class = "Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence"
                plugin-dispatcher = "akka.actor.default-dispatcher"
              }
            }
            """,
            new NoHold());
    }

    private sealed class NoHold : IJournalHold
    {
        public CancellationToken Lost => CancellationToken.None;

        public void Dispose()
        {
        }
    }
}
