using Akka.Actor;

namespace Netabase.Actors.Stores;

/// <summary>
/// What waits for one writer, and what that writer has under way. It outlives the writer: a mailbox dies with its actor in
/// a back-off restart, cannot say Busy, and cannot be looked through for deadlines. Any thread posts; one writer at a time takes.
/// </summary>
internal sealed class StoreLane(int capacity)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<PendingWrite> _waiting = new();
    private List<PendingWrite> _taken = [];
    private StoreWork? _underway;
    private IActorRef? _writer;
    private bool _isWoken;
    private (RefusalReason Reason, string Detail)? _refusal;
    private Turn? _turn;
    private volatile bool _isDamaged;
    private volatile bool _isGoverned;

    /// <summary>Whether the model's data are damaged: then it is neither read nor written.</summary>
    public bool IsDamaged => _isDamaged;

    /// <summary>Whether the model is written through a log alone; the refusal says which.</summary>
    public bool IsGoverned => _isGoverned;

    /// <summary>What was given to the store and has not ended.</summary>
    public StoreWork? Underway
    {
        get
        {
            lock (_gate)
            {
                return _underway;
            }
        }
    }

    /// <summary>Completes when the lane was closed to new writes and has nothing left to do.</summary>
    public Task Drained => _drained.Task;

    /// <summary>How many wait, those not counted that the writer has taken.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Why new writes are refused, or null.</summary>
    public (RefusalReason Reason, string Detail)? Refusal
    {
        get
        {
            lock (_gate)
            {
                return _refusal;
            }
        }
    }

    /// <summary>Lets a write wait, or answers it at once when there is no room or the lane is closed.</summary>
    public void Post(PendingWrite write)
    {
        IActorRef? toWake = null;
        (RefusalReason Reason, string Detail)? refusal;
        bool isFull;
        lock (_gate)
        {
            refusal = _refusal;
            isFull = _waiting.Count >= capacity;
            if (refusal is null && !isFull)
            {
                _waiting.Enqueue(write);
                toWake = Waken();
            }
        }

        if (refusal is { } why)
        {
            write.Answer(new StoreProtocol.Answer.Refused(write.Op, why.Reason, why.Detail));
        }
        else if (isFull)
        {
            write.Answer(new StoreProtocol.Answer.Busy(write.Op));
        }

        toWake?.Tell(StoreProtocol.Wake.Instance, ActorRefs.NoSender);
    }

    /// <summary>A writer begins. What its predecessor had taken but not begun waits again, at the front.</summary>
    /// <returns>What its predecessor had begun: its end is the new writer's to hear.</returns>
    public StoreWork? Attach(IActorRef writer)
    {
        lock (_gate)
        {
            _writer = writer;
            _isWoken = true;
            if (_underway is null && _taken.Count > 0)
            {
                _waiting = new Queue<PendingWrite>(_taken.Where(write => !write.IsAnswered).Concat(_waiting));
                _taken = [];
            }

            return _underway;
        }
    }

    /// <summary>A writer ends.</summary>
    public void Detach(IActorRef writer)
    {
        lock (_gate)
        {
            _writer = Equals(_writer, writer) ? null : _writer;
        }
    }

    /// <summary>Takes what fits into one commit; those answered meanwhile are dropped. When nothing is left, the next post wakes the writer again.</summary>
    public List<PendingWrite> Take(int countMax, int bytesMax)
    {
        lock (_gate)
        {
            var taken = new List<PendingWrite>(Math.Min(countMax, _waiting.Count));
            long bytes = 0;
            while (taken.Count < countMax && _waiting.TryPeek(out var write))
            {
                if (!write.IsAnswered)
                {
                    bytes += write.Bytes;
                    if (bytes > bytesMax && taken.Count > 0)
                    {
                        break;
                    }

                    taken.Add(write);
                }

                _waiting.Dequeue();
            }

            _isWoken = _waiting.Count > 0;
            _taken = taken;
            NoteIdle();
            return taken;
        }
    }

    /// <summary>What was taken is on its way to the disk.</summary>
    public void Begin(StoreWork work)
    {
        lock (_gate)
        {
            _underway = work;
        }
    }

    /// <summary>What was on its way has ended, and its writes are answered.</summary>
    /// <param name="work">It.</param>
    /// <param name="left">What of it is still unanswered and stays taken.</param>
    /// <returns>False when another writer has seen to it already.</returns>
    public bool End(StoreWork work, List<PendingWrite>? left = null)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_underway, work))
            {
                return false;
            }

            _underway = null;
            _taken = left ?? [];
            NoteIdle();
            return true;
        }
    }

    /// <summary>Answers every write whose time is over, those under way too.</summary>
    /// <param name="now">A timestamp of the node's time provider.</param>
    public void Expire(long now)
    {
        lock (_gate)
        {
            foreach (var write in _waiting.Concat(_taken))
            {
                if (write.Deadline <= now)
                {
                    write.Answer(new StoreProtocol.Answer.TimedOut(write.Op));
                }
            }

            while (_waiting.TryPeek(out var first) && first.IsAnswered)
            {
                _waiting.Dequeue();
            }

            NoteIdle();
        }
    }

    /// <summary>Refuses every write from the beginning: the model is written through a log.</summary>
    public void Govern(string detail)
    {
        _isGoverned = true;
        Refuse(RefusalReason.NotAllowed, detail);
    }

    /// <summary>Refuses new writes; what waits is still written. The first reason stands, except that damage overrides a stop.</summary>
    public void Refuse(RefusalReason reason, string detail)
    {
        lock (_gate)
        {
            _refusal = _isDamaged ? _refusal : (reason, detail);
            NoteIdle();
        }
    }

    /// <summary>Refuses new writes and those that wait; those under way are answered by their own end.</summary>
    /// <returns>Whether it was this call that found the model damaged.</returns>
    public bool Close(RefusalReason reason, string detail)
    {
        List<PendingWrite> left;
        Turn? turn;
        IActorRef? toWake;
        bool isNew;
        lock (_gate)
        {
            _refusal = _isDamaged ? _refusal : (reason, detail);
            isNew = reason == RefusalReason.StoreDamaged && !_isDamaged;
            _isDamaged |= isNew;
            left = [.. _waiting, .. _underway is null ? _taken : []];
            _waiting.Clear();
            _taken = _underway is null ? [] : _taken;
            turn = _turn;
            _turn = turn is null ? null : turn with { IsGranted = true };
            NoteIdle();

            // The writer is to see that it is over.
            _isWoken = false;
            toWake = isNew ? Waken() : null;
        }

        foreach (var write in left)
        {
            write.Answer(new StoreProtocol.Answer.Refused(write.Op, reason, detail));
        }

        // Nobody writes here any more, so that nobody has to hold still; the transaction learns of the refusal at its begin.
        if (turn is { IsGranted: false })
        {
            turn.Coordinator.Tell(new StoreProtocol.TurnGranted(turn.Op, turn.Model), ActorRefs.NoSender);
        }

        toWake?.Tell(StoreProtocol.Wake.Instance, ActorRefs.NoSender);
        return isNew;
    }

    /// <summary>Answers what is under way as unknown: nobody will hear its end.</summary>
    public void Abandon()
    {
        List<PendingWrite> taken;
        lock (_gate)
        {
            taken = _taken;
            _taken = [];
            _underway = null;
            NoteIdle();
        }

        foreach (var write in taken)
        {
            write.Answer(new StoreProtocol.Answer.TimedOut(write.Op));
        }
    }

    /// <summary>Asks the writer to hold still for a transaction; the coordinator is told when it does.</summary>
    public void RequestTurn(OpId op, int model, IActorRef coordinator)
    {
        IActorRef? toWake = null;
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isDamaged;
            _turn = new Turn(op, model, coordinator, isClosed);
            toWake = isClosed ? null : Waken();
        }

        if (isClosed)
        {
            coordinator.Tell(new StoreProtocol.TurnGranted(op, model), ActorRefs.NoSender);
        }

        toWake?.Tell(StoreProtocol.Wake.Instance, ActorRefs.NoSender);
    }

    /// <summary>Lets the writer go on.</summary>
    public void ReturnTurn()
    {
        IActorRef? toWake;
        lock (_gate)
        {
            if (_turn is null)
            {
                return;
            }

            _turn = null;
            _isWoken = false;
            toWake = Waken();
        }

        toWake?.Tell(StoreProtocol.Wake.Instance, ActorRefs.NoSender);
    }

    /// <summary>For the writer between two commits: whether it has to hold still, granting the turn if it was only asked for.</summary>
    public bool YieldsTurn()
    {
        Turn? granted = null;
        lock (_gate)
        {
            if (_turn is null)
            {
                return false;
            }

            if (!_turn.IsGranted)
            {
                granted = _turn;
                _turn = _turn with { IsGranted = true };
            }
        }

        granted?.Coordinator.Tell(new StoreProtocol.TurnGranted(granted.Op, granted.Model), ActorRefs.NoSender);
        return true;
    }

    private IActorRef? Waken()
    {
        if (_isWoken || _writer is null)
        {
            return null;
        }

        _isWoken = true;
        return _writer;
    }

    private void NoteIdle()
    {
        if (_refusal is not null && _waiting.Count == 0 && _taken.Count == 0 && _underway is null)
        {
            _drained.TrySetResult();
        }
    }

    private sealed record Turn(OpId Op, int Model, IActorRef Coordinator, bool IsGranted);
}
