using Akka.Actor;

namespace Netabase.Actors.Swarm;

/// <summary>
/// What waits for one role of the network, and what it has under way. It outlives the actor, for the reasons of
/// <see cref="Stores.StoreLane"/>: a mailbox dies with its actor, cannot say Busy, and cannot be looked through for deadlines.
/// Any thread posts; one actor at a time takes.
/// </summary>
/// <param name="capacity">The most that may wait.</param>
internal sealed class CommandLane(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<OpId, PendingCommand> _underway = [];
    private Queue<PendingCommand> _waiting = new();
    private TaskCompletionSource _idle = Completed();
    private IActorRef? _actor;
    private bool _isWoken;
    private (RefusalReason Reason, string Detail)? _refusal;

    /// <summary>How many wait.</summary>
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

    /// <summary>Completes when nothing waits and nothing is under way.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _idle.Task;
            }
        }
    }

    /// <summary>Lets a command wait, or answers it at once when there is no room or the lane is closed.</summary>
    public void Post(PendingCommand command)
    {
        IActorRef? toWake = null;
        NetworkAnswer? answer = null;
        lock (_gate)
        {
            if (_refusal is { } why)
            {
                answer = new NetworkAnswer.Refused(why.Reason, why.Detail);
            }
            else if (_waiting.Count >= capacity)
            {
                answer = new NetworkAnswer.Busy();
            }
            else
            {
                if (_idle.Task.IsCompleted)
                {
                    _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                _waiting.Enqueue(command);
                toWake = _isWoken ? null : _actor;
                _isWoken |= toWake is not null;
            }
        }

        if (answer is not null)
        {
            command.Answer(answer);
        }

        toWake?.Tell(CommandsWait.Instance, ActorRefs.NoSender);
    }

    /// <summary>An actor begins. What its predecessor had under way and did not answer waits again, in its order, before all else.</summary>
    public void Attach(IActorRef actor)
    {
        lock (_gate)
        {
            _actor = actor;
            _isWoken = true;
            var left = _underway.Values.Where(command => !command.IsAnswered).OrderBy(command => command.Op.Value);
            _waiting = new Queue<PendingCommand>(left.Concat(_waiting));
            _underway.Clear();
            NoteIdle();
        }
    }

    /// <summary>An actor ends.</summary>
    public void Detach(IActorRef actor)
    {
        lock (_gate)
        {
            _actor = Equals(_actor, actor) ? null : _actor;
        }
    }

    /// <summary>The next command, or null; then the next post wakes the actor again.</summary>
    public PendingCommand? Take()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var command))
            {
                if (!command.IsAnswered)
                {
                    _underway.Add(command.Op, command);
                    return command;
                }
            }

            _isWoken = false;
            NoteIdle();
            return null;
        }
    }

    /// <summary>Says that the actor will not take more for now, and looks again by itself.</summary>
    public void Rest()
    {
        lock (_gate)
        {
            _isWoken = true;
        }
    }

    /// <summary>Answers a command that was taken.</summary>
    public void End(PendingCommand command, NetworkAnswer answer)
    {
        command.Answer(answer);
        lock (_gate)
        {
            _underway.Remove(command.Op);
            NoteIdle();
        }
    }

    /// <summary>Answers every command whose time is over, those under way too: their role may be away.</summary>
    /// <param name="now">A timestamp of the node's time provider.</param>
    public void Expire(long now)
    {
        lock (_gate)
        {
            foreach (var command in _waiting.Concat(_underway.Values))
            {
                if (command.Deadline <= now)
                {
                    command.Answer(new NetworkAnswer.TimedOut());
                }
            }

            while (_waiting.TryPeek(out var first) && first.IsAnswered)
            {
                _waiting.Dequeue();
            }

            NoteIdle();
        }
    }

    /// <summary>Refuses new commands; those that wait and those under way go on.</summary>
    public void Refuse(RefusalReason reason, string detail)
    {
        lock (_gate)
        {
            _refusal = (reason, detail);
        }
    }

    /// <summary>Takes commands again.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _refusal = null;
        }
    }

    /// <summary>Refuses new commands, and answers all there are.</summary>
    public void Close(RefusalReason reason, string detail)
    {
        List<PendingCommand> left;
        lock (_gate)
        {
            _refusal = (reason, detail);
            left = [.. _waiting, .. _underway.Values];
            _waiting.Clear();
            _underway.Clear();
            NoteIdle();
        }

        foreach (var command in left)
        {
            command.Answer(new NetworkAnswer.Refused(reason, detail));
        }
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }

    private void NoteIdle()
    {
        if (_waiting.Count == 0 && _underway.Count == 0)
        {
            _idle.TrySetResult();
        }
    }
}
