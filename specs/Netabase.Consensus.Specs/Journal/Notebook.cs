using Akka.Actor;
using Akka.Persistence;

namespace Netabase.Consensus.Specs.Journal;

/// <summary>The smallest persistent actor: what a journal has to keep, without what an acceptor means by it.</summary>
internal sealed class Notebook : ReceivePersistentActor
{
    private readonly List<string> _lines = [];
    private IActorRef _keeper = ActorRefs.Nobody;

    public Notebook(string id, string journalPlugin, string snapshotPlugin)
    {
        PersistenceId = id;
        JournalPluginId = journalPlugin;
        SnapshotPluginId = snapshotPlugin;
        Recover<SnapshotOffer>(offer => _lines.AddRange(((string)offer.Snapshot).Split('\n')));
        Recover<string>(_lines.Add);
        Command<Write>(write => PersistAsync(write.Line, line =>
        {
            _lines.Add(line);
            Sender.Tell(new Written(line));
        }));
        Command<Read>(_ => Sender.Tell(new Page([.. _lines])));
        Command<Keep>(_ =>
        {
            _keeper = Sender;
            SaveSnapshot(string.Join('\n', _lines));
        });
        Command<SaveSnapshotSuccess>(saved => DeleteMessages(saved.Metadata.SequenceNr));
        Command<SaveSnapshotFailure>(failure => _keeper.Tell(new Status.Failure(failure.Cause)));
        Command<DeleteMessagesSuccess>(_ => _keeper.Tell(new Kept()));
        Command<DeleteMessagesFailure>(failure => _keeper.Tell(new Status.Failure(failure.Cause)));
    }

    public override string PersistenceId { get; }

    public sealed record Write(string Line);

    public sealed record Written(string Line);

    public sealed record Read;

    public sealed record Page(string[] Lines);

    public sealed record Keep;

    public sealed record Kept;
}
