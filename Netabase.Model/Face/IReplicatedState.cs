namespace Netabase;

/// <summary>
/// An application's own state behind a log: every member applies the same commands in the same order, so that all come to the same
/// state. What <see cref="Apply"/> does may depend on its arguments and on the state, and on nothing else: no clock, no chance, no file.
/// </summary>
/// <typeparam name="TCommand">What clients want done.</typeparam>
/// <typeparam name="TResult">What came of it.</typeparam>
public interface IReplicatedState<TCommand, TResult>
{
    /// <summary>Applies a command, once. An exception is a fault that every member would meet: it stops the group.</summary>
    TResult Apply(TCommand command, LogMoment moment);

    /// <summary>
    /// The whole state as bytes, 256 MiB at most. Called between two commands, every few thousand slots and for members that are far behind.
    /// </summary>
    Payload Freeze();

    /// <summary>Puts a frozen state in the place of this one, which has applied nothing yet. It may be another member's.</summary>
    /// <exception cref="RecordFormatException">The bytes are none: a snapshot of another member is then not taken.</exception>
    void Restore(Payload frozen);

    /// <summary>A command's bytes in the log; equal commands have equal bytes.</summary>
    Payload WriteCommand(TCommand command);

    /// <summary>A command from its bytes.</summary>
    /// <exception cref="RecordFormatException">They are none: nothing is applied, and whoever sent them is told.</exception>
    TCommand ReadCommand(Payload bytes);

    /// <summary>A result's bytes, remembered so that a retry hears the same.</summary>
    Payload WriteResult(TResult result);

    /// <summary>A result from its bytes.</summary>
    TResult ReadResult(Payload bytes);
}

/// <summary>Where in the log a command stands.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Time">Unix milliseconds as its leader took it, never earlier than those before: the only time a state may know.</param>
public readonly record struct LogMoment(ulong Slot, long Time);

/// <summary>A group's log with an application's state behind it.</summary>
/// <typeparam name="TState">The state.</typeparam>
/// <typeparam name="TCommand">What clients want done.</typeparam>
/// <typeparam name="TResult">What came of it.</typeparam>
public interface IReplicatedLog<out TState, in TCommand, TResult>
    where TState : IReplicatedState<TCommand, TResult>
{
    /// <summary>Commits a command; it is applied on this node when the answer says so.</summary>
    /// <param name="command">The command.</param>
    /// <param name="id">Names the operation, so that a retry has no second effect; null for a new one.</param>
    /// <param name="cancellation">Ends the wait; the operation goes on.</param>
    ValueTask<SubmitResult<TResult>> SubmitAsync(TCommand command, OperationId? id = null, CancellationToken cancellation = default);

    /// <summary>Looks at the state with a promise about how new it is.</summary>
    /// <param name="read">Looks, quickly, and keeps nothing of it: while it runs nothing is applied.</param>
    /// <param name="consistency"><see cref="Consistency.Linearizably"/> or <see cref="Consistency.Stale"/>; <see cref="Consistency.Eventually"/> takes what is here.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="NetabaseException">Nobody could vouch for the state in time, or the group does not run here.</exception>
    ValueTask<TAnswer> ReadAsync<TAnswer>(Func<TState, TAnswer> read, Consistency consistency, CancellationToken cancellation = default);
}

/// <summary>What became of a command.</summary>
/// <typeparam name="TResult">What the state said.</typeparam>
public abstract record SubmitResult<TResult>
{
    private SubmitResult()
    {
    }

    /// <summary>A majority has it on disk, and it was applied here, once.</summary>
    public sealed record Applied(ulong Slot, TResult Result) : SubmitResult<TResult>;

    /// <summary>It did not happen and will not.</summary>
    public sealed record NotCommitted(RefusalReason Reason, string Detail) : SubmitResult<TResult>;

    /// <summary>It may or may not have happened; try again with the same id to learn which.</summary>
    public sealed record Unknown(OperationId Id) : SubmitResult<TResult>;

    /// <summary>Too much is waiting already; try again later.</summary>
    public sealed record Busy : SubmitResult<TResult>;
}

/// <content>Logs with a state of the application's own.</content>
public partial interface INetabase
{
    /// <summary>The log of a group whose state the program plugged in (<c>AddReplicatedState</c>).</summary>
    /// <param name="group">The group's name.</param>
    /// <exception cref="ArgumentException">There is no such group, or its state is another.</exception>
    IReplicatedLog<TState, TCommand, TResult> ReplicatedLog<TState, TCommand, TResult>(string group)
        where TState : IReplicatedState<TCommand, TResult>;
}
