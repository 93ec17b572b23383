using Netabase.Actors.Paxos.State;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>The face of a log with a state of the application's own; it finds the group of the run it is used in.</summary>
internal sealed class ReplicatedLog<TState, TCommand, TResult>(Func<PaxosGroup> group) : IReplicatedLog<TState, TCommand, TResult>
    where TState : IReplicatedState<TCommand, TResult>
{
    public async ValueTask<SubmitResult<TResult>> SubmitAsync(TCommand command, OperationId? id = null, CancellationToken cancellation = default)
    {
        var running = group();
        if (running.Halted is { } why)
        {
            return new SubmitResult<TResult>.NotCommitted(RefusalReason.NotRunning, $"The group {running.Settings.Name} has stopped on this node: {why}.");
        }

        using var span = NodeSpans.Activities.StartActivity("consensus.submit").In(running.Settings.Name);
        var kind = KindOf(running);
        var (name, answer) = await running.SubmitAsync(kind.Write(command), false, id, cancellation).ConfigureAwait(false);
        return span.Ended<SubmitResult<TResult>>(answer switch
        {
            CommandAnswer.Applied { Outcome.IsEmpty: true } => new SubmitResult<TResult>.NotCommitted(RefusalReason.Undecodable, "The members could not read the command."),
            CommandAnswer.Applied applied => new SubmitResult<TResult>.Applied(applied.Slot.Number, kind.ReadResult(applied.Outcome)),
            CommandAnswer.NotCommitted { Reason: NotCommittedReason.Busy } => new SubmitResult<TResult>.Busy(),
            CommandAnswer.NotCommitted { Reason: NotCommittedReason.TooLarge } =>
                new SubmitResult<TResult>.NotCommitted(RefusalReason.ValueTooLarge, "It is larger than a slot of the log may be (batch-bytes-max)."),
            CommandAnswer.NotCommitted => new SubmitResult<TResult>.NotCommitted(RefusalReason.NoLeader, "No leader was found in time, and nobody was given it."),
            _ => new SubmitResult<TResult>.Unknown(name),
        });
    }

    public async ValueTask<TAnswer> ReadAsync<TAnswer>(Func<TState, TAnswer> read, Consistency consistency, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(consistency);
        var running = group();
        if (running.Halted is { } why)
        {
            throw new NetabaseException(RefusalReason.NotRunning, $"The group {running.Settings.Name} has stopped on this node: {why}.");
        }

        if (consistency is Consistency.Eventual)
        {
            return KindOf(running).Read(read);
        }

        using var span = NodeSpans.Activities.StartActivity("consensus.read").In(running.Settings.Name);
        ReadKind kind = consistency is Consistency.Stale stale ? new ReadKind.Stale((long)stale.Bound.TotalMilliseconds) : new ReadKind.Linearizable();
        while (await running.ReadAsync(kind).WaitAsync(cancellation).ConfigureAwait(false) is ReadAnswer.Ready ready)
        {
            var answer = KindOf(running).Read(read);
            if (running.Parts.Clock.Now() < ready.LeaseUntil)
            {
                return answer;
            }
        }

        throw new NetabaseException(RefusalReason.NoLeader, "Nobody could vouch for the state in time.");
    }

    private static StateMachineKind<TState, TCommand, TResult> KindOf(PaxosGroup group) => group.Machine as StateMachineKind<TState, TCommand, TResult>
        ?? throw new ArgumentException($"The state of the group {group.Settings.Name} is another.");
}
