namespace Netabase.Protocol.Paxos;

/// <summary>
/// The commands of this node's clients: given to whoever leads, again after every change of leader and every silence, until they are
/// applied or their deadline has come. To give one twice is safe, since sessions apply it once.
/// </summary>
/// <remarks>
/// <see cref="CommandAnswer.NotCommitted"/> is said only of what never left this node and was handed back by its own proposer before it
/// had a slot. A message may be repeated by the network long after it was refused: of what was forwarded, nobody can say that it
/// will stay out of the log.
/// </remarks>
internal sealed class GatewayCalls(NodeId self, PaxosSettings settings, Jitter jitter, Work work)
{
    private readonly Dictionary<CommandId, Call> _calls = [];
    private readonly Alarms<CommandId> _alarms = new();
    private Ballot _leader;

    /// <summary>Commands under way.</summary>
    public int Count => _calls.Count;

    /// <summary>When something is due.</summary>
    public long WakeAt => _alarms.WakeAt;

    /// <summary>Takes a client's command.</summary>
    /// <param name="submit">The command; one that is under way already only gets the later deadline.</param>
    /// <param name="isFull">Whether no other may come in.</param>
    /// <param name="now">The owner's clock.</param>
    public void Submit(PaxosInput.Submit submit, bool isFull, long now)
    {
        var command = submit.Command;
        if (_calls.TryGetValue(command.Id, out var known))
        {
            known.Deadline = Math.Max(known.Deadline, submit.Deadline);
            known.IsInDoubt |= submit.IsRetry;
            return;
        }

        var call = new Call(submit) { IsInDoubt = submit.IsRetry };
        if (Batch.BytesOf(command) > settings.BatchBytesMax)
        {
            work.Answer(new CommandAnswer.NotCommitted(command.Id, NotCommittedReason.TooLarge));
        }
        else if (isFull || now >= submit.Deadline)
        {
            work.Answer(call.Refuse(isFull ? NotCommittedReason.Busy : NotCommittedReason.NoLeader));
        }
        else
        {
            _calls.Add(command.Id, call);
            Give(call, now);
        }
    }

    /// <summary>Somebody else leads, or nobody.</summary>
    public void Follow(Ballot leader, long now)
    {
        if (leader == _leader)
        {
            return;
        }

        _leader = leader;
        foreach (var call in _calls.Values)
        {
            call.Attempts = 0;
            if (!leader.IsNone && call.GivenTo != leader.Owner)
            {
                Give(call, now);
            }
        }
    }

    /// <summary>The proposer here began anew: what it had in hand is gone, or its votes are out.</summary>
    public void ProposerBegan(long now)
    {
        foreach (var call in _calls.Values)
        {
            if (call.GivenTo == self)
            {
                Give(call, now);
            }
        }
    }

    /// <summary>It has been applied, here or where it was forwarded to: there is no other answer.</summary>
    /// <returns>Whether it was one of this node's.</returns>
    public bool Applied(CommandAnswer answer)
    {
        if (!_calls.Remove(answer.Id))
        {
            return false;
        }

        work.Answer(answer);
        return true;
    }

    /// <summary>Handed back by the proposer of this node.</summary>
    public void Refused(CommandAnswer answer, long now)
    {
        if (!_calls.TryGetValue(answer.Id, out var call))
        {
            return;
        }

        call.GivenTo = call.GivenTo == self ? null : call.GivenTo;
        call.IsInHand = false;
        call.IsInDoubt |= answer is CommandAnswer.Unknown;
        if (answer is CommandAnswer.NotCommitted { Reason: not NotCommittedReason.NoLeader } refused && !call.IsInDoubt)
        {
            _calls.Remove(answer.Id);
            work.Answer(refused);
            return;
        }

        Await(call, now);
    }

    /// <summary>Answered by whoever it was forwarded to.</summary>
    public void Answered(NodeId from, CommandAnswer answer, long now)
    {
        // Superseded and applied are said after the log has judged it; too large, by the same bounds as here.
        if (answer is CommandAnswer.Applied or CommandAnswer.NotCommitted { Reason: NotCommittedReason.Superseded })
        {
            Applied(answer);
        }
        else if (_calls.TryGetValue(answer.Id, out var call) && call.GivenTo == from)
        {
            call.GivenTo = null;
            Await(call, now);
        }
    }

    /// <summary>Deadlines, and what was given and not answered.</summary>
    public void Tick(long now)
    {
        while (_alarms.TryRing(now, out var id))
        {
            if (!_calls.TryGetValue(id, out var call) || now < call.WakeAt)
            {
                continue;
            }

            if (now >= call.Deadline)
            {
                _calls.Remove(id);
                work.Answer(call.Refuse(NotCommittedReason.NoLeader));
            }
            else
            {
                call.Attempts++;
                Give(call, now);
            }
        }

        if (_alarms.AreMostlyOver(_calls.Count))
        {
            _alarms.Clear();
            foreach (var (id, call) in _calls)
            {
                _alarms.Set(id, call.WakeAt);
            }
        }
    }

    private void Give(Call call, long now)
    {
        if (_leader.IsNone)
        {
            call.GivenTo = null;
        }
        else
        {
            call.GivenTo = _leader.Owner;
            if (_leader.Owner == self)
            {
                // In hand twice, it may be handed back once and proposed all the same.
                call.IsInDoubt |= call.IsInHand;
                call.IsInHand = true;
                work.Tell(Part.Proposer, new PaxosInput.Propose(self, [call.Command], call.IsChange));
            }
            else
            {
                call.IsInDoubt = true;
                work.Send(_leader.Owner, new PaxosMessage.Forward([call.Command], call.IsChange));
            }
        }

        Await(call, now);
    }

    private void Await(Call call, long now)
    {
        call.RetryAt = now + jitter.Around(Math.Min(settings.ResendAfter << Math.Min(call.Attempts, 16), settings.ElectionTimeout));
        _alarms.Set(call.Command.Id, call.WakeAt);
    }

    private sealed class Call(PaxosInput.Submit submit)
    {
        public Command Command { get; } = submit.Command;

        public bool IsChange { get; } = submit.IsChange;

        public long Deadline { get; set; } = submit.Deadline;

        /// <summary>Who has it, as far as is known.</summary>
        public NodeId? GivenTo { get; set; }

        /// <summary>Given to the proposer here, and not handed back.</summary>
        public bool IsInHand { get; set; }

        /// <summary>It may be in the log, or get there by a way that cannot be seen from here.</summary>
        public bool IsInDoubt { get; set; }

        public int Attempts { get; set; }

        public long RetryAt { get; set; }

        public long WakeAt => Math.Min(Deadline, RetryAt);

        public CommandAnswer Refuse(NotCommittedReason reason) => IsInDoubt || IsInHand
            ? new CommandAnswer.Unknown(Command.Id)
            : new CommandAnswer.NotCommitted(Command.Id, reason);
    }
}
