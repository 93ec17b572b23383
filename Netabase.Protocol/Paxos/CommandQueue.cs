namespace Netabase.Protocol.Paxos;

/// <summary>
/// What a leader was asked to propose: commands that wait for a slot, bounded, and those whose votes are out. A command is in it
/// once, however often it is asked for.
/// </summary>
internal sealed class CommandQueue(PaxosSettings settings)
{
    private readonly Queue<(NodeId From, Command Command)> _commands = new();
    private readonly Queue<(NodeId From, Command Command)> _changes = new();
    private readonly Dictionary<CommandId, NodeId> _waiting = [];
    private readonly Dictionary<CommandId, NodeId?> _proposed = [];
    private long _bytes;
    private long _changeBytes;

    /// <summary>Whether commands wait.</summary>
    public bool HasCommands => _commands.Count > 0;

    /// <summary>Whether as many commands wait as a batch may hold.</summary>
    public bool HasFullBatch =>
        _commands.Count >= settings.BatchCommandsMax || _bytes - _changeBytes >= settings.BatchBytesMax;

    /// <summary>The next change of the membership, or null.</summary>
    public MembershipChange? NextChange =>
        _changes.TryPeek(out var next) && MembershipChange.TryRead(next.Command.Body, out var change) ? change : null;

    /// <summary>Takes a command, or says why not; null as well when it is there already.</summary>
    public NotCommittedReason? Add(NodeId from, in Command command, bool isChange)
    {
        if (_waiting.ContainsKey(command.Id) || _proposed.ContainsKey(command.Id))
        {
            return null;
        }

        var bytes = Batch.BytesOf(command);
        if (bytes > settings.BatchBytesMax)
        {
            return NotCommittedReason.TooLarge;
        }

        if (isChange && !MembershipChange.TryRead(command.Body, out _))
        {
            return NotCommittedReason.Superseded;
        }

        if (_waiting.Count >= settings.QueuedCommandsMax || _bytes + bytes > settings.QueuedBytesMax)
        {
            return NotCommittedReason.Busy;
        }

        _waiting.Add(command.Id, from);
        (isChange ? _changes : _commands).Enqueue((from, command));
        _bytes += bytes;
        _changeBytes += isChange ? bytes : 0;
        return null;
    }

    /// <summary>The commands that have waited longest, as many as fit.</summary>
    public Batch TakeBatch(long now)
    {
        var commands = new List<Command>(Math.Min(_commands.Count, settings.BatchCommandsMax));
        var bytes = 0L;
        while (commands.Count < settings.BatchCommandsMax && _commands.TryPeek(out var next))
        {
            var size = Batch.BytesOf(next.Command);
            if (commands.Count > 0 && bytes + size > settings.BatchBytesMax)
            {
                break;
            }

            bytes += size;
            commands.Add(next.Command);
            Leave(_commands.Dequeue(), size);
        }

        return Batch.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(commands), now);
    }

    /// <summary>The next change, alone in its batch.</summary>
    public Batch TakeChange(MembershipChange change, long now)
    {
        var next = _changes.Dequeue();
        var size = Batch.BytesOf(next.Command);
        Leave(next, size);
        _changeBytes -= size;
        return Batch.Of(next.Command.Id, next.Command.AnsweredBelow, change, now);
    }

    /// <summary>A batch of an earlier leader is proposed again: who asks for its commands now need not be given another slot.</summary>
    public void Recovered(Batch batch)
    {
        foreach (var command in batch.Commands)
        {
            _proposed.TryAdd(command.Id, null);
        }
    }

    /// <summary>A batch is chosen: a later retry of its commands is answered by the sessions.</summary>
    public void Chosen(Batch batch)
    {
        foreach (var command in batch.Commands)
        {
            _proposed.Remove(command.Id);
        }
    }

    /// <summary>The term is over: nobody knows what becomes of the commands whose votes are out.</summary>
    public List<(NodeId From, CommandAnswer Answer)> AbandonProposed()
    {
        var answers = new List<(NodeId, CommandAnswer)>();
        foreach (var (id, from) in _proposed)
        {
            if (from is { } asker)
            {
                answers.Add((asker, new CommandAnswer.Unknown(id)));
            }
        }

        _proposed.Clear();
        return answers;
    }

    /// <summary>Nobody leads here: what waits was never proposed here.</summary>
    public List<(NodeId From, CommandAnswer Answer)> RefuseWaiting()
    {
        var answers = new List<(NodeId, CommandAnswer)>();
        foreach (var (id, from) in _waiting)
        {
            answers.Add((from, new CommandAnswer.NotCommitted(id, NotCommittedReason.NoLeader)));
        }

        _waiting.Clear();
        _commands.Clear();
        _changes.Clear();
        _bytes = 0;
        _changeBytes = 0;
        return answers;
    }

    private void Leave((NodeId From, Command Command) taken, int size)
    {
        _bytes -= size;
        _waiting.Remove(taken.Command.Id);
        _proposed[taken.Command.Id] = taken.From;
    }
}
