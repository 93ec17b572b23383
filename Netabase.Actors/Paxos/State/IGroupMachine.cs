using System.Buffers;
using System.Collections.Immutable;
using Netabase.Persistence;
using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// What a group's log is applied to. Used by the learner alone, one call at a time; it begins where the store says, and an
/// instance whose writes did not reach the store is thrown away.
/// </summary>
internal interface IGroupMachine
{
    /// <summary>Whether what was applied since the last <see cref="Take"/> has to be in the store before it counts as applied.</summary>
    bool MustKeep { get; }

    /// <summary>One command; the same result on every member. A body that cannot be read has a result that says so.</summary>
    Payload Apply(Slot slot, long clock, in Command command);

    /// <summary>The writes that bring the store to where the machine is, and what to keep beside how far the log was applied.</summary>
    (ImmutableArray<StoreWrite> Writes, Payload Note) Take();
}

/// <summary>A kind of machine: makes one from the store, and carries its state to another node.</summary>
internal interface IGroupMachineKind
{
    /// <summary>A machine at what the store holds.</summary>
    /// <param name="store">The node's store.</param>
    /// <param name="note">What the last <see cref="IGroupMachine.Take"/> wanted kept; empty before the first.</param>
    IGroupMachine Open(IRecordStore store, Payload note);

    /// <summary>Looks whether a machine could begin from a note that another node has made.</summary>
    /// <exception cref="RecordFormatException">It could not.</exception>
    void Check(Payload note);

    /// <summary>The state as of one snapshot of the store.</summary>
    void Write(IStoreSnapshot from, IBufferWriter<byte> to);

    /// <summary>The writes that put that state in the place of what is there.</summary>
    /// <exception cref="RecordFormatException">The bytes are no such state.</exception>
    ImmutableArray<StoreWrite> Replace(ReadOnlyMemory<byte> state);
}
