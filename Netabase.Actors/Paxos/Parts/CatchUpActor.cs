using Akka.Actor;
using Akka.Event;
using Netabase.Actors.Paxos.Groups;
using Netabase.Actors.Paxos.State;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Parts;

/// <summary>Sends and fetches what a member lacks, and does the work with a snapshot's bytes: one to offer, one that arrives.</summary>
internal sealed class CatchUpActor : ReceiveActor, IWithTimers
{
    private readonly PaxosGroup _owner;
    private readonly GroupParts _group;
    private readonly SnapshotShelf _shelf;
    private IPaxosCore _core = null!;
    private PartShell _shell = null!;
    private bool _isMaking;

    public CatchUpActor(PaxosGroup owner)
    {
        _owner = owner;
        _group = owner.Parts;
        _shelf = owner.Shelf;
        Receive<PaxosProtocol.Step>(OnStep);
        Receive<PaxosProtocol.WakeUp>(_ => OnWakeUp());
        Receive<Made>(OnMade);
        Receive<Resumed>(OnResumed);
        Receive<Verified>(OnVerified);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PaxosGroup owner) => Akka.Actor.Props.Create(() => new CatchUpActor(owner));

    protected override void PreStart()
    {
        _core = _owner.Cores.CatchUp(_owner.Birth(_group.Clock.Now()));
        _shell = new PartShell(Part.CatchUp, _group, Timers);
        _group.Attach(Part.CatchUp, Self);
        Step(new PaxosInput.Started());
    }

    protected override void PostStop() => _group.Detach(Part.CatchUp, Self);

    private void OnStep(PaxosProtocol.Step step)
    {
        Step(step.Input);
        step.Door?.Leave();
    }

    private void OnWakeUp()
    {
        if (_shell.IsDue())
        {
            Step(new PaxosInput.Tick());
        }
    }

    private void Step(PaxosInput input)
    {
        if (input is PaxosInput.SnapshotInstalled installed)
        {
            _shelf.Forget(installed.Id);
        }

        var ready = _core.Step(input, _group.Clock.Now());
        _shell.Advance(ready);
        foreach (var duty in ready.Duties)
        {
            Do(duty);
        }
    }

    private void Do(Duty duty)
    {
        switch (duty)
        {
            case Duty.OfferSnapshot offer when _shelf.Offered is { } offered && offered.Info.Through >= offer.AtLeast:
                Step(new PaxosInput.SnapshotMade(offered.Info));
                break;
            case Duty.OfferSnapshot offer when !_isMaking:
                _isMaking = true;
                Task.Run(() => MakeAsync(offer.AtLeast)).PipeTo(Self, failure: cause => new Made(null, default, cause));
                break;
            case Duty.ReadChunk read when _shelf.Read(read.Id, read.Offset, read.Length) is { } bytes:
                Step(new PaxosInput.ChunkRead(read.For, read.Id, read.Offset, bytes));
                break;
            case Duty.ResumeSnapshot resume:
                // What is there already is read and summed up elsewhere: the acceptor and the elector take turns with this actor.
                Task.Run(() => new Resumed(resume.Snapshot.Id, _shelf.Expect(resume.Snapshot), null))
                    .PipeTo(Self, failure: cause => new Resumed(resume.Snapshot.Id, 0, cause));
                break;
            case Duty.WriteChunk write:
                Step(new PaxosInput.ChunkWritten(write.Id, _shelf.Write(write.Id, write.Offset, write.Bytes)));
                break;
            case Duty.InstallSnapshot install:
                Task.Run(() => Verify(install.Snapshot)).PipeTo(Self, failure: cause => new Verified(install.Snapshot.Id, null, cause.Message));
                break;
        }
    }

    /// <summary>A state that lives in memory may be ahead of the store, which a snapshot is made from.</summary>
    private async Task<Made> MakeAsync(Slot atLeast)
    {
        var keep = new PaxosProtocol.Keep(atLeast, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_owner.TellLearner(keep))
        {
            await keep.Done.Task.WaitAsync(_owner.Settings.CallTimeout, _owner.Node.Time).ConfigureAwait(false);
        }

        var (info, bytes) = GroupSnapshot.Make(_owner.Node.Store, _group.Group.Name, _group.Settings, _owner.Founded, _owner.Machine);
        return new Made(info, bytes, null);
    }

    private void OnMade(Made made)
    {
        _isMaking = false;
        if (made.Info is { } info)
        {
            _shelf.Offer(info, made.Bytes);
            Step(new PaxosInput.SnapshotMade(info));
        }
        else
        {
            Context.GetLogger().Warning(made.Cause, "No snapshot of {0} could be made; it is asked for again.", _group.Group);
        }
    }

    private void OnResumed(Resumed resumed)
    {
        if (resumed.Cause is { } cause)
        {
            throw new StoreException(StoreError.Unavailable, $"the file of the snapshot that arrives cannot be used: {cause.Message}", cause);
        }

        Step(new PaxosInput.ChunkWritten(resumed.Id, resumed.Through));
    }

    private Verified Verify(SnapshotInfo info)
    {
        if (_shelf.Whole(info) is not { } bytes || Digest.Of(bytes.Span) != info.Id)
        {
            return new Verified(info.Id, null, "its bytes are not those that were offered");
        }

        try
        {
            var (state, note, writes) = GroupSnapshot.Read(bytes, _group.Settings, _owner.Machine);
            return new Verified(info.Id, new PaxosProtocol.Install(info.Id, state, note, writes), null);
        }
        catch (RecordFormatException malformed)
        {
            return new Verified(info.Id, null, malformed.Message);
        }
    }

    private void OnVerified(Verified verified)
    {
        if (verified.Install is { } install)
        {
            _owner.TellLearner(install);
        }
        else
        {
            Context.GetLogger().Warning("A snapshot of {0} is thrown away: {1}.", _group.Group, verified.Why);
            _shelf.Forget(verified.Id);
            Step(new PaxosInput.SnapshotBroken(verified.Id));
        }
    }

    private sealed record Made(SnapshotInfo? Info, ReadOnlyMemory<byte> Bytes, Exception? Cause) : INoSerializationVerificationNeeded;

    private sealed record Resumed(Digest Id, long Through, Exception? Cause) : INoSerializationVerificationNeeded;

    private sealed record Verified(Digest Id, PaxosProtocol.Install? Install, string? Why) : INoSerializationVerificationNeeded;
}
