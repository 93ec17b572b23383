using Akka.Actor;

namespace Netabase.Actors.Swarm;

/// <summary>Something that the application wants of the network, a closed set: what each role understands stands in its own file.</summary>
internal abstract record NetworkCommand;

/// <summary>
/// A command that waits for its answer. It is answered once, by whoever comes first: its role, the deadline, or the end of the
/// node. Its continuation never runs on the answerer's thread.
/// </summary>
/// <param name="op">Its name.</param>
/// <param name="command">What is wanted.</param>
/// <param name="deadline">A timestamp of the node's time provider.</param>
internal sealed class PendingCommand(OpId op, NetworkCommand command, long deadline)
    : TaskCompletionSource<NetworkAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public OpId Op { get; } = op;

    public NetworkCommand Command { get; } = command;

    public long Deadline { get; } = deadline;

    public bool IsAnswered => Task.IsCompleted;

    public void Answer(NetworkAnswer answer) => TrySetResult(answer);
}

/// <summary>Something waits in a role's lane.</summary>
internal sealed class CommandsWait : INoSerializationVerificationNeeded
{
    public static readonly CommandsWait Instance = new();
}
