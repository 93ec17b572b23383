using Netabase.Actors.Paxos.Records;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>The calls of a node's clients to a group, in the words of the face.</summary>
internal static class GroupCalls
{
    /// <summary>A read's permission.</summary>
    public static Task<ReadAnswer> ReadAsync(this PaxosGroup group, ReadKind kind) => group.Parts.Calls.ReadAsync(
        group.Settings.CallTimeout,
        number => group.Parts.Tell(Part.Gateway, new PaxosInput.Read(number, kind, group.DeadlineOf())));

    /// <summary>A write of a record.</summary>
    public static async ValueTask<ConsensusResult> CommitAsync(this PaxosGroup group, RecordCommand command, OperationId? id, CancellationToken cancellation)
    {
        var (name, answer) = await group.SubmitAsync(command.Encode(), false, id, cancellation).ConfigureAwait(false);
        return answer is CommandAnswer.Applied applied ? ResultOf(applied) : ResultOf(name, answer);
    }

    /// <summary>A step of the membership.</summary>
    public static async ValueTask<ConsensusResult> ChangeAsync(this PaxosGroup group, MembershipChange change, OperationId? id, CancellationToken cancellation)
    {
        var (name, answer) = await group.SubmitAsync(change.Write(), true, id, cancellation).ConfigureAwait(false);
        return answer is CommandAnswer.Applied applied ? new ConsensusResult.Applied(applied.Slot.Number, null) : ResultOf(name, answer);
    }

    /// <summary>Asks whoever leads to make way, and waits.</summary>
    /// <returns>Whether the other one is followed here before the call's time is over.</returns>
    public static async Task<bool> MakeWayAsync(this PaxosGroup group, NodeId target, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(group.Settings.CallTimeout, group.Node.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        var led = group.Leaders.UntilAsync(target, either.Token);
        group.Parts.Tell(Part.Gateway, new PaxosInput.MakeWay(target, group.DeadlineOf()));
        try
        {
            await led.ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Any command.</summary>
    /// <exception cref="ArgumentException">The name does not carry its birth.</exception>
    public static async Task<(OperationId Name, CommandAnswer Answer)> SubmitAsync(
        this PaxosGroup group, Payload body, bool isChange, OperationId? id, CancellationToken cancellation)
    {
        if (id is { } given && !OperationSession.IsUsable(given))
        {
            throw new ArgumentException($"{given.Value} is no version 7 GUID: an operation's name begins with its time of birth (NewOperationId makes one).", nameof(id));
        }

        ulong answeredBelow = 0;
        var name = id ?? group.Sessions.Begin(out answeredBelow);
        var command = new Command(OperationSession.CommandOf(name), answeredBelow, body);

        // A name that the caller brought may have been used before, here or elsewhere: nobody can say then that it is in no slot.
        PaxosInput.Submit Submit(long deadline) => new(command, isChange, deadline, IsRetry: id is not null);
        var isKnown = false;
        try
        {
            var answer = await group.Parts.Calls.CommandAsync(
                command.Id,
                group.Settings.CallTimeout,
                () => group.Parts.Tell(Part.Gateway, Submit(group.DeadlineOf()))).WaitAsync(cancellation).ConfigureAwait(false);
            isKnown = answer is not CommandAnswer.Unknown;
            return (name, answer);
        }
        finally
        {
            group.Sessions.End(name, isKnown);
        }
    }

    private static ConsensusResult ResultOf(CommandAnswer.Applied applied)
    {
        var result = RecordResult.Decode(applied.Outcome.Span);
        return result switch
        {
            { IsApplied: true } => new ConsensusResult.Applied(applied.Slot.Number, result.Clock == HybridTimestamp.Zero ? null : new RecordMetadata(result.Clock)),
            { Reason: RefusalReason.Conflict, Clock: var clock } => new ConsensusResult.NotCommitted(
                RefusalReason.Conflict, clock == HybridTimestamp.Zero ? "There is no such record." : $"The record there has version {clock}."),
            _ => new ConsensusResult.NotCommitted(result.Reason, $"The members refused it in slot {applied.Slot}: {result.Reason}."),
        };
    }

    private static ConsensusResult ResultOf(OperationId name, CommandAnswer answer) => answer switch
    {
        CommandAnswer.NotCommitted { Reason: NotCommittedReason.Busy } => new ConsensusResult.Busy(),
        CommandAnswer.NotCommitted { Reason: NotCommittedReason.TooLarge } =>
            new ConsensusResult.Refused(RefusalReason.ValueTooLarge, "It is larger than a slot of the log may be (batch-bytes-max)."),
        CommandAnswer.NotCommitted { Reason: NotCommittedReason.Superseded } =>
            new ConsensusResult.NotCommitted(RefusalReason.Conflict, "The members changed meanwhile, or another change is under way."),
        CommandAnswer.NotCommitted => new ConsensusResult.NotCommitted(RefusalReason.NoLeader, "No leader was found in time, and nobody was given it."),
        _ => new ConsensusResult.Unknown(name),
    };

    private static long DeadlineOf(this PaxosGroup group) => group.Parts.Clock.Now() + (long)group.Settings.CallTimeout.TotalMilliseconds;
}
