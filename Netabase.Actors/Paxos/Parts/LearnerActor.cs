using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.State;
using Netabase.Actors.Stores;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>
/// Applies what is chosen, in the order of the log, to the node's store: the state and how far it goes in one transaction. While
/// one is under way what is chosen gathers, and the next takes all of it.
/// </summary>
internal sealed class LearnerActor : ReceiveActor, IWithTimers
{
    private const int CommandsMax = 4096;

    private readonly PaxosGroup _owner;
    private readonly GroupParts _group;
    private readonly Queue<Delivery> _waiting = new();
    private AppliedBook _book = null!;
    private IGroupMachine _machine = null!;
    private Applier _applier = null!;
    private IPaxosCore _core = null!;
    private PartShell _shell = null!;
    private PaxosProtocol.Install? _installing;
    private PaxosProtocol.Keep? _keep;
    private Slot _keptThrough;
    private Slot? _syncedThrough;
    private bool _isCommitting;

    public LearnerActor(PaxosGroup owner)
    {
        _owner = owner;
        _group = owner.Parts;
        Receive<PaxosProtocol.Step>(OnStep);
        Receive<PaxosProtocol.WakeUp>(_ => OnWakeUp());
        Receive<Committed>(OnCommitted);
        Receive<PaxosProtocol.Install>(OnInstall);
        Receive<PaxosProtocol.Keep>(OnKeep);
        Receive<Installed>(OnInstalled);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PaxosGroup owner) => Akka.Actor.Props.Create(() => new LearnerActor(owner));

    protected override void PreStart()
    {
        Open();
        _core = _owner.Cores.Learner(_owner.Birth(_group.Clock.Now()), _applier.State);
        _shell = new PartShell(Part.Learner, _group, Timers);
        _group.Attach(Part.Learner, Self);
        Advance(_core.Step(new PaxosInput.Started(), _group.Clock.Now()));
    }

    protected override void PostStop() => _group.Detach(Part.Learner, Self);

    private void Open()
    {
        using var snapshot = _owner.Node.Store.OpenSnapshot(0);
        (_book, var state, var note) = AppliedBook.Open(snapshot, _group.Group.Name, _group.Settings, _owner.Founded);
        _machine = _owner.Machine.Open(_owner.Node.Store, note);
        _applier = new Applier(state, _machine.Apply);
        _keptThrough = state.Through;
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

    private void Advance(Ready ready)
    {
        Spread(ready);
        Commit();
    }

    private void Spread(Ready ready)
    {
        foreach (var delivery in ready.Apply)
        {
            _waiting.Enqueue(delivery);
        }

        foreach (var told in ready.Tell)
        {
            if (told.Input is PaxosInput.Advanced advanced)
            {
                _owner.OnAdvanced(advanced);
            }
        }

        _shell.Advance(ready);
    }

    private void Commit()
    {
        while (!_isCommitting && _installing is null && _waiting.Count > 0)
        {
            var commands = ImmutableArray.CreateBuilder<AppliedCommand>();
            while (commands.Count < CommandsMax && _waiting.TryDequeue(out var delivery))
            {
                // What a snapshot brought meanwhile is not applied again.
                if (delivery.Slot > _applier.State.Through)
                {
                    commands.AddRange(_applier.Apply(delivery));
                }
            }

            var state = _applier.State;
            var applied = new PaxosInput.Applied(state.Through, state.Chain, commands.ToImmutable());
            if (!_machine.MustKeep && !IsToBeKept(state.Through))
            {
                Spread(_core.Step(applied, _group.Clock.Now()));
                continue;
            }

            Keep(applied);
        }
    }

    private void Keep(PaxosInput.Applied applied)
    {
        _isCommitting = true;
        _keptThrough = applied.Through;
        var (writes, note) = _machine.Take();
        var batch = new StoreBatch([.. writes, .. _book.Move(_applier.State, note)], []) { IsRepeatable = !IsToBeSynced(applied.Through) };
        CommitAsync(batch, applied).PipeTo(Self, failure: cause => new Committed(batch, null, [], cause));
    }

    private void OnKeep(PaxosProtocol.Keep keep)
    {
        // Whoever asked before has waited too long.
        _keep = keep;
        AnswerKeep();
    }

    /// <summary>Between two commits the store holds all through <see cref="_keptThrough"/>; what is asked beyond that and applied follows.</summary>
    private void AnswerKeep()
    {
        if (_keep is not { } keep || _isCommitting || _installing is not null)
        {
            return;
        }

        var state = _applier.State;
        if (_keptThrough < Slot.Min(keep.AtLeast, state.Through))
        {
            Keep(new PaxosInput.Applied(state.Through, state.Chain, []));
            return;
        }

        _keep = null;
        keep.Done.TrySetResult();
    }

    /// <summary>
    /// The acceptor cuts its journal by slots, and a machine that lives in memory sees commands alone: slots without one (no-ops,
    /// changes of the membership, commands told again) count here, or the journal would be cut behind what the store holds.
    /// </summary>
    private bool IsToBeKept(Slot through) => through.Since(_keptThrough) >= Math.Max(1, _group.Settings.KeepSlots / 4);

    /// <summary>
    /// A power failure that takes the last commits is made good from the journal, which has all of it on disk and keeps
    /// <see cref="PaxosSettings.KeepSlots"/> slots: so the store waits for its disk often enough never to fall behind that.
    /// </summary>
    private bool IsToBeSynced(Slot through)
    {
        if (_syncedThrough is { } synced && through.Since(synced) < _group.Settings.KeepSlots / 4)
        {
            return false;
        }

        _syncedThrough = through;
        return true;
    }

    private async Task<Committed> CommitAsync(StoreBatch batch, PaxosInput.Applied? applied) =>
        new(batch, applied, await _owner.Node.Store.CommitAsync([batch], _owner.Node.Now(), CancellationToken.None).ConfigureAwait(false), null);

    private void OnCommitted(Committed committed)
    {
        _isCommitting = false;
        if (committed.Applied is not { } applied || committed.Outcomes is not [BatchOutcome.Written])
        {
            throw NotWritten(committed);
        }

        Announce(committed);
        AnswerKeep();
        Advance(_core.Step(applied, _group.Clock.Now()));
        if (_installing is { } install && !_isCommitting)
        {
            Begin(install);
        }
    }

    private void OnInstall(PaxosProtocol.Install install)
    {
        if (_installing is null)
        {
            _installing = install;
            if (!_isCommitting)
            {
                Begin(install);
            }
        }
    }

    /// <summary>A verified snapshot takes the state's place, unless more is applied already.</summary>
    private void Begin(PaxosProtocol.Install install)
    {
        if (install.State.Through <= _applier.State.Through)
        {
            // The acceptor is not told: what lies before the snapshot may be in memory alone, or in the store and not on its disk.
            EndInstall(new PaxosInput.SnapshotInstalled(install.Id, install.State));
            return;
        }

        var batch = new StoreBatch([.. install.Writes, .. _book.Replace(install.State, install.Note)], []);
        CommitAsync(batch, null).PipeTo(
            Self,
            success: committed => new Installed(install, committed),
            failure: cause => new Installed(install, new Committed(batch, null, [], cause)));
    }

    private void OnInstalled(Installed installed)
    {
        if (installed.Written.Outcomes is not [BatchOutcome.Written])
        {
            throw NotWritten(installed.Written);
        }

        Open();
        _syncedThrough = _applier.State.Through;
        Announce(installed.Written);
        var happened = new PaxosInput.SnapshotInstalled(installed.Install.Id, _applier.State);
        _group.Tell(Part.Acceptor, happened);
        EndInstall(happened);
    }

    private void EndInstall(PaxosInput.SnapshotInstalled happened)
    {
        _installing = null;
        Advance(_core.Step(happened, _group.Clock.Now()));
        _group.Tell(Part.CatchUp, happened);
        AnswerKeep();
        Commit();
    }

    private void Announce(Committed committed)
    {
        if (_owner.Node.Announcer.HasAudience)
        {
            _owner.Node.Announcer.Announce(StoreEvents.Of(_owner.Node, [committed.Batch], committed.Outcomes, _owner.Node.Now()));
        }
    }

    // What was applied in memory is not on disk: the next life begins where the disk is.
    private StoreException NotWritten(Committed committed) =>
        new(StoreError.Unavailable, $"the log of {_group.Group} could not be applied: {committed.Cause?.Message ?? committed.Outcomes.FirstOrDefault()?.ToString()}", committed.Cause);

    private sealed record Committed(StoreBatch Batch, PaxosInput.Applied? Applied, ImmutableArray<BatchOutcome> Outcomes, Exception? Cause)
        : INoSerializationVerificationNeeded;

    private sealed record Installed(PaxosProtocol.Install Install, Committed Written) : INoSerializationVerificationNeeded;
}
