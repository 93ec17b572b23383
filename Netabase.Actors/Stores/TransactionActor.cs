using System.Collections.Immutable;
using Akka.Actor;
using Netabase.Actors.Node;
using static Netabase.Actors.Stores.StoreProtocol;

namespace Netabase.Actors.Stores;

/// <summary>
/// Writes transactions that touch several models. It asks the models' writers one after the other, in the order of their
/// places (so that nothing can wait in a circle), to hold still between two commits; then it writes in their stead, and
/// returns the turns. A model thus has one writer at any time, and its events keep the order of the disk.
/// </summary>
internal sealed class TransactionActor : ReceiveActor
{
    private readonly NodeParts _parts;
    private readonly StoreLane _lane;
    private readonly WriterDesk _desk;
    private List<PendingWrite> _writes = [];
    private ImmutableArray<int> _models = [];
    private int _turns;
    private OpId _op;

    public TransactionActor(NodeParts parts)
    {
        _parts = parts;
        _lane = parts.TransactionLane;
        _desk = new WriterDesk(parts, _lane, Self);
        Receive<Wake>(_ => Advance());
        Receive<TurnGranted>(OnTurnGranted);
        Receive<WorkEnded>(ended => OnWorkEnded(ended.Work));
        Receive<Write>(write => _lane.Post(new PendingWrite(
            write.Op, write.Batch, PendingWrite.SizeOf(write.Batch), _parts.DeadlineAfter(write.Timeout), Sender)));
    }

    public static Props Props(NodeParts parts) => Akka.Actor.Props.Create(() => new TransactionActor(parts));

    protected override void PreStart()
    {
        if (_lane.Attach(Self) is { } underway)
        {
            // The turns that a predecessor was given stay given until its commit has ended.
            _desk.Hear(underway);
        }
        else
        {
            ReturnTurns();
            Self.Tell(Wake.Instance);
        }
    }

    protected override void PostStop() => _lane.Detach(Self);

    private void Advance()
    {
        if (_desk.IsWorking)
        {
            return;
        }

        _writes = _lane.Take(_parts.Settings.Stores.BatchCountMax, _parts.Settings.Stores.BatchBytesMax);
        if (_writes.Count == 0)
        {
            return;
        }

        _desk.IsWorking = true;
        _op = OpId.Next();
        _turns = 0;
        _models = [.. _writes.SelectMany(write => write.Batch.Writes).Select(write => write.Touches).OfType<int>().Distinct().Order()];
        RequestNextTurn();
    }

    private void RequestNextTurn()
    {
        if (_turns < _models.Length)
        {
            _parts.Lanes[_models[_turns]].RequestTurn(_op, _models[_turns], Self);
            return;
        }

        // Asked again now that nobody else writes: a model may have stopped while its turn was waited for.
        foreach (var write in _writes)
        {
            if (write.Batch.Writes.Select(write => write.Touches).OfType<int>().Select(model => _parts.Lanes[model])
                .FirstOrDefault(lane => lane.IsDamaged || lane.IsGoverned)?.Refusal is { } refusal)
            {
                write.Answer(new Answer.Refused(write.Op, refusal.Reason, refusal.Detail));
            }
        }

        _desk.Begin(new CommitGroup(_parts, [.. _writes.Where(write => !write.IsAnswered)]));
    }

    private void OnTurnGranted(TurnGranted granted)
    {
        if (granted.Op == _op && _turns < _models.Length && granted.Model == _models[_turns])
        {
            _turns++;
            RequestNextTurn();
        }
    }

    private void OnWorkEnded(StoreWork work)
    {
        try
        {
            _desk.Conclude(work, _models);
        }
        finally
        {
            // What the damage of one model took back is on its way again, and the turns are still needed for it.
            if (!_desk.IsWorking)
            {
                ReturnTurns();
            }
        }

        Advance();
    }

    private void ReturnTurns()
    {
        foreach (var lane in _parts.Lanes)
        {
            lane.ReturnTurn();
        }
    }
}
