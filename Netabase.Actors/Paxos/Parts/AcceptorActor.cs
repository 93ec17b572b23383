using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>
/// The only writer of votes. One write at a time: the core gathers what arrives meanwhile, and the next event holds all of it, so
/// that a slow disk writes larger rather than more often. What rests on a write is said when the journal has it, and not before.
/// </summary>
/// <remarks>
/// A write that fails or is refused stops the actor: whether it is on disk only the journal can tell, to the next life that reads
/// it. Nothing that rests on it was said.
/// </remarks>
internal sealed class AcceptorActor : ReceivePersistentActor, IWithTimers
{
    private readonly GroupParts _group;
    private readonly NodeId _firstLife;
    private readonly NodeId? _voted;
    private readonly IVoter? _voter;
    private PartShell _shell = null!;
    private AcceptorLog _durable = new();
    private Acceptor _core = null!;
    private NodeId? _life;
    private Ready _underway = Ready.Nothing;
    private long _bytesSinceKept;
    private int _writesSinceKept;
    private bool _isKeeping;

    public AcceptorActor(GroupParts group, string persistenceId, NodeId firstLife, NodeId? voted, IVoter? voter)
    {
        _group = group;
        _firstLife = firstLife;
        _voted = voted;
        _voter = voter;
        PersistenceId = persistenceId;
        JournalPluginId = group.Journal.JournalPlugin;
        SnapshotPluginId = group.Journal.SnapshotPlugin;
        Recover<SnapshotOffer>(offer => OnRead(AcceptorEvent.Decode(offer.Snapshot)));
        Recover<byte[]>(bytes => OnRead(AcceptorEvent.Decode(bytes)));
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<PaxosProtocol.Step>(OnStep);
        Command<PaxosProtocol.WakeUp>(_ => OnWakeUp());
        Command<PaxosProtocol.ReadLog>(OnReadLog);
        Command<SaveSnapshotSuccess>(saved => OnSnapshotSaved(saved.Metadata));
        Command<SaveSnapshotFailure>(failure => OnSnapshotFailed(failure.Cause));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(failure => Warn("delete votes below a snapshot", failure.Cause));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failure => Warn("delete older snapshots", failure.Cause));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId { get; }

    /// <param name="group">The group.</param>
    /// <param name="persistenceId">Its name in the journal.</param>
    /// <param name="firstLife">The life of a disk whose journal is empty.</param>
    /// <param name="voted">The life on which something else remembers votes of this node, or null.</param>
    /// <param name="voter">The application's say, or null.</param>
    public static Props Props(GroupParts group, string persistenceId, NodeId firstLife, NodeId? voted = null, IVoter? voter = null) =>
        Akka.Actor.Props.Create(() => new AcceptorActor(group, persistenceId, firstLife, voted, voter));

    protected override void PreStart()
    {
        _shell = new PartShell(Part.Acceptor, _group, Timers);
        base.PreStart();
    }

    protected override void PostStop()
    {
        _group.Detach(Part.Acceptor, Self);
        base.PostStop();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Context.GetLogger().Error(cause, "The journal of {0} failed to write; the acceptor stops and reads it anew.", PersistenceId);

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Context.GetLogger().Error(cause, "The journal of {0} refused a write; the acceptor stops and reads it anew.", PersistenceId);
        Context.Stop(Self);
    }

    /// <summary>Akka stops an actor that could not read its journal, and tells its supervisor nothing of why.</summary>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        if (reason is PaxosInvariantException or StoreException { Error: StoreError.Damaged or StoreError.Incompatible })
        {
            // Its next life would read the same.
            _group.Halt(reason.Message);
        }
        else
        {
            Context.GetLogger().Error(reason, "The journal of {0} could not be read; the acceptor stops and reads it anew.", PersistenceId);
        }
    }

    private void OnRead(AcceptorEvent kept)
    {
        switch (kept)
        {
            case AcceptorEvent.Born born:
                _life = born.Life;
                break;
            case AcceptorEvent.Wrote wrote:
                _durable.Take(wrote.Write);
                break;
            case AcceptorEvent.Kept all:
                _life = all.Life;
                _durable = AcceptorLog.From(all.All);
                break;
        }
    }

    private void OnRecovered()
    {
        if (_life is { } life)
        {
            Begin(life);
        }
        else if (_voted == _firstLife)
        {
            // Whoever voted and forgot it would vote again.
            throw new StoreException(
                StoreError.Damaged,
                $"the journal of {_group.Group} is empty, and the store knows that this node has voted: raise the group's incarnation, and let the members remove and add this node");
        }
        else
        {
            Persist(new AcceptorEvent.Born(_firstLife).Encode(), _ => Begin(_firstLife));
        }
    }

    private void Begin(NodeId life)
    {
        _life = life;

        // The core's memory runs ahead of the disk; what a snapshot may hold must not.
        var memory = _durable.WriteSeq == 0 ? new AcceptorLog() : AcceptorLog.From(_durable.Snapshot());
        _core = new Acceptor(memory, _group.Settings, _voter, _group.Clock.Now());
        _group.Attach(Part.Acceptor, Self);
        Context.Parent.Tell(new PaxosProtocol.AcceptorReady(life));
        Advance(_core.Step(new PaxosInput.Started(), _group.Clock.Now()));
    }

    private void OnStep(PaxosProtocol.Step step)
    {
        Advance(_core.Step(step.Input, _group.Clock.Now()));
        step.Door?.Leave();
    }

    private void OnWakeUp()
    {
        if (_shell.IsDue())
        {
            Advance(_core.Step(new PaxosInput.Tick(), _group.Clock.Now()));
        }
    }

    private void OnReadLog(PaxosProtocol.ReadLog read)
    {
        var votes = new List<Vote>();
        for (var slot = Slot.Max(read.From, _durable.TruncatedThrough.Next); slot < _durable.End && votes.Count < read.Limit; slot = slot.Next)
        {
            if (_durable[slot] is { } vote)
            {
                votes.Add(vote);
            }
        }

        read.Answer.TrySetResult(new PaxosProtocol.Page(votes, _durable.ChosenThrough, _durable.TruncatedThrough.Next));
    }

    private void Advance(Ready ready)
    {
        _shell.Advance(ready);
        if (ready.Save is { } save)
        {
            _underway = ready;
            PersistAsync(new AcceptorEvent.Wrote(save).Encode(), _ => OnWritten(save));
        }
    }

    private void OnWritten(AcceptorWrite write)
    {
        _durable.Take(write);
        var said = _underway.SendAfterSave;
        _underway = Ready.Nothing;
        foreach (var outgoing in said)
        {
            _group.Send(Part.Acceptor, outgoing);
        }

        _writesSinceKept++;
        foreach (var vote in write.Votes)
        {
            _bytesSinceKept += vote.Batch.Bytes.Length;
        }

        Keep();
        Advance(_core.Step(new PaxosInput.Persisted(write.WriteSeq), _group.Clock.Now()));
    }

    /// <summary>A journal that only grew would be read for hours; between two writes what is durable is exactly the events so far.</summary>
    private void Keep()
    {
        if (!_isKeeping && (_writesSinceKept >= _group.Bounds.WritesMax || _bytesSinceKept >= _group.Bounds.BytesMax))
        {
            _isKeeping = true;
            _writesSinceKept = 0;
            _bytesSinceKept = 0;
            SaveSnapshot(new AcceptorEvent.Kept(_life!.Value, _durable.Snapshot()).Encode());
        }
    }

    private void OnSnapshotSaved(SnapshotMetadata saved)
    {
        _isKeeping = false;
        DeleteMessages(saved.SequenceNr);
        DeleteSnapshots(new SnapshotSelectionCriteria(saved.SequenceNr - 1));
    }

    private void OnSnapshotFailed(Exception cause)
    {
        _isKeeping = false;
        Warn("keep a snapshot", cause);
    }

    private void Warn(string what, Exception cause) =>
        Context.GetLogger().Warning(cause, "The journal of {0} did not {1}; it is tried again later, and nothing is lost.", PersistenceId, what);
}
