using Akka.Actor;
using Netabase.Actors.Node;
using static Netabase.Actors.Stores.StoreProtocol;

namespace Netabase.Actors.Stores;

/// <summary>
/// The only writer of one model. While a commit is on its way to the disk it lets writes collect in its lane, then takes
/// all that wait into the next commit: groups form by themselves, without a timer, as large as the disk is slow.
/// </summary>
internal sealed class StoreActor : ReceiveActor, IWithTimers
{
    /// <summary>How often a writer with an idle disk looks again whether more writes are just arriving, before it commits.</summary>
    private const int LooksMax = 4;

    private readonly NodeParts _parts;
    private readonly int _model;
    private readonly StoreLane _lane;
    private readonly WriterDesk _desk;
    private bool _isSweepDue;
    private bool _owesTurn;
    private int _looks;
    private int _seen;

    public StoreActor(NodeParts parts, int model)
    {
        _parts = parts;
        _model = model;
        _lane = parts.Lanes[model];
        _desk = new WriterDesk(parts, _lane, Self);
        Receive<Wake>(_ => Advance());
        Receive<WorkEnded>(ended => OnWorkEnded(ended.Work));
        Receive<SweepDue>(_ => OnSweepDue());
        Receive<Write>(OnWrite);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeParts parts, int model) => Akka.Actor.Props.Create(() => new StoreActor(parts, model));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(SweepDue.Instance, SweepDue.Instance, _parts.Settings.Stores.SweepInterval);
        if (_lane.Attach(Self) is { } underway)
        {
            _desk.Hear(underway);
        }
        else
        {
            Self.Tell(Wake.Instance);
        }
    }

    protected override void PostStop() => _lane.Detach(Self);

    private void OnWrite(Write write)
    {
        if (write.Batch.Writes.Any(one => one.Touches is { } model && model != _model))
        {
            Sender.Tell(new Answer.Refused(write.Op, RefusalReason.NotAllowed, "A writer writes its own model alone."));
            return;
        }

        _lane.Post(new PendingWrite(
            write.Op, write.Batch, PendingWrite.SizeOf(write.Batch), _parts.DeadlineAfter(write.Timeout), Sender));
    }

    private void OnSweepDue()
    {
        _isSweepDue = true;
        Advance();
    }

    private void Advance()
    {
        if (_desk.IsWorking)
        {
            return;
        }

        if (_lane.IsDamaged)
        {
            throw new StoreDamagedException(_lane.Refusal!.Value.Detail);
        }

        if (_lane.YieldsTurn())
        {
            return;
        }

        // Between two sweeps whoever waits has a turn: what has expired is invisible anyhow, and can wait better than a caller.
        if (_isSweepDue && !(_owesTurn && _lane.Count > 0))
        {
            _isSweepDue = false;
            _owesTurn = true;
            _desk.Begin(new SweepWork(_parts, _model));
            return;
        }

        if (IsMoreArriving())
        {
            Self.Tell(Wake.Instance);
            return;
        }

        var writes = _lane.Take(_parts.Settings.Stores.BatchCountMax, _parts.Settings.Stores.BatchBytesMax);
        _owesTurn = false;
        if (writes.Count > 0)
        {
            _desk.Begin(new CommitGroup(_parts, writes));
        }
        else if (_isSweepDue)
        {
            Self.Tell(Wake.Instance);
        }
        else
        {
            // A turn that was asked for after the look above woke nobody, since this writer still counted as awake.
            _lane.YieldsTurn();
        }
    }

    /// <summary>Callers that were answered together come back together; a commit for the first of them alone would cost a whole disk write.</summary>
    private bool IsMoreArriving()
    {
        var count = _lane.Count;
        if (count > _seen && count < _parts.Settings.Stores.BatchCountMax && _looks < LooksMax)
        {
            _seen = count;
            _looks++;
            return true;
        }

        _seen = 0;
        _looks = 0;
        return false;
    }

    private void OnWorkEnded(StoreWork work)
    {
        if (_desk.Conclude(work, [_model]) is { } damage && _lane.IsDamaged)
        {
            throw damage;
        }

        _isSweepDue |= work is SweepWork { HasMore: true };
        Advance();
    }
}
