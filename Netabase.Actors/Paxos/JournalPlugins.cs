using Akka.Actor;
using Akka.Configuration;
using Netabase.Persistence.Consensus;

namespace Netabase.Actors.Paxos;

/// <summary>Tells an actor system, which may be the application's own and long running, of an acceptor's journal.</summary>
public static class JournalPlugins
{
    /// <summary>
    /// Puts the journal's plugins below the system's configuration, where persistence looks for them when they are first named. What writes
    /// runs on a dispatcher of its own: it waits for a disk, and a vote goes through many small actors there. Idempotent.
    /// </summary>
    public static void Install(ActorSystem system, AcceptorJournal journal)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(journal);
        if (!system.Settings.Config.HasPath(journal.JournalPlugin))
        {
            var writer = $"{journal.JournalPlugin}-writer";
            SerialDispatcher.Register(system, writer);
            system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString(
                $"{journal.JournalPlugin} {{ plugin-dispatcher = \"{writer}\", materializer-dispatcher = \"{writer}\" }}")
                .WithFallback(ConfigurationFactory.ParseString(journal.Configuration)));
        }
    }
}
