using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// A core: one owner steps it, one input at a time. The clock is milliseconds that never run backwards within a life and go on
/// while the machine sleeps; its zero is near unix time, so that it can stamp batches.
/// </summary>
public interface IPaxosCore
{
    /// <summary>Takes an input and says what is to be done about it.</summary>
    /// <param name="input">What happened.</param>
    /// <param name="now">The owner's clock.</param>
    /// <exception cref="PaxosInvariantException">The impossible happened: stop the node.</exception>
    Ready Step(PaxosInput input, long now);
}

/// <summary>Something for another part of the same node. Between two parts the order is kept.</summary>
public readonly record struct Told(Part To, PaxosInput Input);

/// <summary>A slot to apply. Slots come in order, each once in a life of the learner.</summary>
public readonly record struct Delivery(Slot Slot, Batch Batch);

/// <summary>
/// The work a step leaves for its owner, who may do everything at once except this: <see cref="SendAfterSave"/> waits until
/// <see cref="Save"/> is on disk. A promise that a crash can forget is not a promise.
/// </summary>
/// <remarks>
/// While a write is under way an acceptor collects; <see cref="Save"/> comes again after <see cref="PaxosInput.Persisted"/>. A write
/// that failed is never tried again: the acceptor's owner stops it and begins a new life from the journal.
/// </remarks>
public sealed record Ready
{
    /// <summary>Nothing to do.</summary>
    public static Ready Nothing { get; } = new();

    /// <summary>One write, or null. At most one is under way.</summary>
    public AcceptorWrite? Save { get; init; }

    /// <summary>What may be said once <see cref="Save"/> is on disk, and not before.</summary>
    public ImmutableArray<Outgoing> SendAfterSave { get; init; } = [];

    /// <summary>What may be said now.</summary>
    public ImmutableArray<Outgoing> SendNow { get; init; } = [];

    /// <summary>For the other parts of this node.</summary>
    public ImmutableArray<Told> Tell { get; init; } = [];

    /// <summary>Learner: slots to apply, in order.</summary>
    public ImmutableArray<Delivery> Apply { get; init; } = [];

    /// <summary>Gateway: answers for clients of this node.</summary>
    public ImmutableArray<CommandAnswer> Answers { get; init; } = [];

    /// <summary>Gateway: answers for readers of this node.</summary>
    public ImmutableArray<ReadAnswer> Reads { get; init; } = [];

    /// <summary>Work with bytes outside the core.</summary>
    public ImmutableArray<Duty> Duties { get; init; } = [];

    /// <summary>
    /// Elector: this node's state differs from what a majority has, or may have, so the group stops here: nothing after this is sent,
    /// served or applied, and whoever starts it again looks first (<see cref="PaxosEvent.Diverged"/> says where). Null: go on.
    /// </summary>
    public string? Halt { get; init; }

    /// <summary>Facts for whoever watches.</summary>
    public ImmutableArray<PaxosEvent> Events { get; init; } = [];

    /// <summary>Step with <see cref="PaxosInput.Tick"/> at this time; null leaves the last wish standing.</summary>
    public long? WakeAt { get; init; }
}

/// <summary>One durable change of an acceptor. The journal writes it whole or not at all.</summary>
/// <param name="WriteSeq">Counted up by one.</param>
/// <param name="Promised">The new promise, or null when it stands.</param>
/// <param name="Votes">Votes cast, each overwriting the slot's older one.</param>
/// <param name="ChosenThrough">Every vote after <paramref name="TruncatedThrough"/> up to here is known to be chosen; never a reason to write.</param>
/// <param name="TruncatedThrough">Votes up to here are forgotten: their slots are applied, durably.</param>
public sealed record AcceptorWrite(
    ulong WriteSeq, Ballot? Promised, ImmutableArray<Vote> Votes, Slot ChosenThrough, Slot TruncatedThrough);

/// <summary>Work with bytes that a core asks its owner for; each comes back as an input.</summary>
public abstract record Duty
{
    private Duty()
    {
    }

    /// <summary>Make a snapshot through this slot at least, or name one that is there: <see cref="PaxosInput.SnapshotMade"/>.</summary>
    public sealed record OfferSnapshot(Slot AtLeast) : Duty;

    /// <summary>Read bytes of a snapshot: <see cref="PaxosInput.ChunkRead"/>.</summary>
    public sealed record ReadChunk(NodeId For, Digest Id, long Offset, int Length) : Duty;

    /// <summary>Say how much of this snapshot is here already: <see cref="PaxosInput.ChunkWritten"/>.</summary>
    public sealed record ResumeSnapshot(SnapshotInfo Snapshot) : Duty;

    /// <summary>Write bytes of a snapshot into its temporary file: <see cref="PaxosInput.ChunkWritten"/>.</summary>
    public sealed record WriteChunk(Digest Id, long Offset, Payload Bytes) : Duty;

    /// <summary>
    /// All bytes are there: verify the digest, then put state and bookkeeping in place in one transaction, unless more is
    /// applied already. <see cref="PaxosInput.SnapshotInstalled"/> to learner and catch-up, and to the acceptor if it was put in place; or
    /// <see cref="PaxosInput.SnapshotBroken"/>.
    /// </summary>
    public sealed record InstallSnapshot(SnapshotInfo Snapshot) : Duty;
}

/// <summary>Facts about a group that this node has seen.</summary>
public abstract record PaxosEvent
{
    private PaxosEvent()
    {
    }

    /// <summary>This node follows another ballot; none when it hears of no leader.</summary>
    public sealed record LeaderChanged(Ballot Leader) : PaxosEvent;

    /// <summary>This node leads from this slot on.</summary>
    public sealed record Leading(Ballot Ballot, Slot From) : PaxosEvent;

    /// <summary>This node leads no more.</summary>
    public sealed record SteppedDown(Ballot Ballot, Ballot Seen) : PaxosEvent;

    /// <summary>Slots are known to be chosen, and one before them is missing since then.</summary>
    public sealed record Gap(Slot First, Slot Last, long Since) : PaxosEvent;

    /// <summary>A change has been chosen.</summary>
    public sealed record MembershipChanged(Configuration Configuration) : PaxosEvent;

    /// <summary>Leader: a majority of the new configuration holds everything before it; who was removed may be switched off.</summary>
    public sealed record MembershipSettled(ConfigId Config) : PaxosEvent;

    /// <summary>A member is sent a snapshot, or was sent it.</summary>
    public sealed record SnapshotSending(NodeId Node, SnapshotInfo Snapshot) : PaxosEvent;

    /// <summary>A snapshot was installed here.</summary>
    public sealed record SnapshotInstalled(Slot Through) : PaxosEvent;

    /// <summary>Another node's applied prefix differs from ours at this slot.</summary>
    public sealed record Diverged(NodeId Node, Slot Slot) : PaxosEvent;

    /// <summary>A message that could not be meant, or not be believed, was dropped.</summary>
    public sealed record Dropped(NodeId From, string Why) : PaxosEvent;
}
