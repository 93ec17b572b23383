using System.Buffers;
using System.Collections.Immutable;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// A state of the application's own, in memory. It is frozen into the store every so many slots, together with how far it had applied
/// the log; a new life begins from there and applies what the log still holds, which reaches further back than that.
/// </summary>
/// <param name="make">Makes a state that has applied nothing.</param>
/// <param name="keepEvery">So many slots.</param>
internal sealed class StateMachineKind<TState, TCommand, TResult>(Func<TState> make, int keepEvery) : IGroupMachineKind
    where TState : IReplicatedState<TCommand, TResult>
{
    private volatile Machine? _current;

    public IGroupMachine Open(IRecordStore store, Payload note)
    {
        var state = make();
        if (!note.IsEmpty)
        {
            state.Restore(note);
        }

        return _current = new Machine(state, keepEvery);
    }

    public void Check(Payload note)
    {
        if (!note.IsEmpty)
        {
            make().Restore(note);
        }
    }

    /// <summary>The state is in the note already.</summary>
    public void Write(IStoreSnapshot from, IBufferWriter<byte> to)
    {
    }

    public ImmutableArray<StoreWrite> Replace(ReadOnlyMemory<byte> state) =>
        state.IsEmpty ? [] : throw new RecordFormatException("A snapshot holds more than a frozen state.");

    /// <summary>Looks at the state between two commands.</summary>
    /// <exception cref="NetabaseException">It is starting.</exception>
    public TAnswer Read<TAnswer>(Func<TState, TAnswer> read) =>
        (_current ?? throw new NetabaseException(RefusalReason.NotRunning, "The group's state is starting.")).Read(read);

    /// <summary>A command's bytes.</summary>
    public Payload Write(TCommand command) => Any().WriteCommand(command);

    /// <summary>The result in an outcome.</summary>
    public TResult ReadResult(Payload outcome) => outcome.IsEmpty
        ? throw new RecordFormatException("The members could not read the command.")
        : Any().ReadResult(new Payload(outcome.Memory[1..]));

    // Writing and reading bytes belongs to no moment of the state.
    private TState Any() => _current is { } current ? current.State : make();

    private sealed class Machine(TState state, int keepEvery) : IGroupMachine
    {
        private readonly Lock _gate = new();
        private Slot _keptThrough;
        private Slot _through;

        public TState State => state;

        public bool MustKeep => _through.Since(_keptThrough) >= keepEvery;

        /// <summary>The outcome is a mark that the command could be read, and the result.</summary>
        public Payload Apply(Slot slot, long clock, in Command command)
        {
            _keptThrough = _keptThrough == Slot.None ? slot.Previous : _keptThrough;
            _through = slot;
            TCommand asked;
            try
            {
                asked = state.ReadCommand(command.Body);
            }
            catch (RecordFormatException)
            {
                return Payload.Empty;
            }

            lock (_gate)
            {
                return Marked(state.WriteResult(Apply(asked, new LogMoment(slot.Number, clock))));
            }
        }

        public (ImmutableArray<StoreWrite> Writes, Payload Note) Take()
        {
            _keptThrough = _through;
            lock (_gate)
            {
                return ([], state.Freeze());
            }
        }

        public TAnswer Read<TAnswer>(Func<TState, TAnswer> read)
        {
            lock (_gate)
            {
                return read(state);
            }
        }

        private static Payload Marked(Payload result)
        {
            var bytes = new byte[1 + result.Length];
            bytes[0] = 1;
            result.Span.CopyTo(bytes.AsSpan(1));
            return new Payload(bytes);
        }

        private TResult Apply(TCommand asked, LogMoment moment)
        {
#pragma warning disable CA1031 // Whatever an application's state throws, every member would throw it again and again.
            try
            {
                return state.Apply(asked, moment);
            }
            catch (Exception fault)
            {
                throw new PaxosInvariantException($"the state failed to apply slot {moment.Slot}: {fault.Message}");
            }
#pragma warning restore CA1031
        }
    }
}
