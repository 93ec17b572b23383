namespace Netabase.Actors.Paxos.State;

/// <summary>An application's state for a group's log, as the host plugs it in.</summary>
public abstract class ReplicatedStatePlug
{
    private protected ReplicatedStatePlug(string group) => Group = group;

    /// <summary>Whose log.</summary>
    public string Group { get; }

    /// <summary>A plug for a group.</summary>
    /// <param name="group">The group's name in <c>netabase.paxos.groups</c>; it names no definitions there.</param>
    /// <param name="make">Makes a state that has applied nothing; called again whenever the state begins anew from what was kept.</param>
    public static ReplicatedStatePlug For<TState, TCommand, TResult>(string group, Func<TState> make)
        where TState : IReplicatedState<TCommand, TResult>
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        ArgumentNullException.ThrowIfNull(make);
        return new Typed<TState, TCommand, TResult>(group, make);
    }

    /// <param name="keepEvery">Slots after which the state is frozen into the store.</param>
    internal abstract IGroupMachineKind CreateKind(int keepEvery);

    private sealed class Typed<TState, TCommand, TResult>(string group, Func<TState> make) : ReplicatedStatePlug(group)
        where TState : IReplicatedState<TCommand, TResult>
    {
        internal override IGroupMachineKind CreateKind(int keepEvery) => new StateMachineKind<TState, TCommand, TResult>(make, keepEvery);
    }
}
