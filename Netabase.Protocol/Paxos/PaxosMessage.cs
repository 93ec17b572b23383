using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>A message with its address. Whoever receives it drops what is for another group, or for another life of its disk.</summary>
/// <param name="Group">The log it is about.</param>
/// <param name="Config">The newest configuration its sender knows.</param>
/// <param name="From">The sender's life.</param>
/// <param name="To">The receiver's life: a node that lost its disk must not hear what was meant for the one before it.</param>
/// <param name="Message">What is said.</param>
public sealed record Envelope(GroupId Group, ConfigId Config, NodeId From, NodeId To, PaxosMessage Message);

/// <summary>A message a core wants sent; its shell adds group, configuration and sender. To oneself it takes the same path.</summary>
public readonly record struct Outgoing(NodeId To, PaxosMessage Message);

/// <summary>What an acceptor voted for in a slot.</summary>
public readonly record struct Vote(Slot Slot, Ballot Ballot, Batch Batch);

/// <summary>A batch on its way to a vote.</summary>
/// <param name="Digest">Its id.</param>
/// <param name="Batch">Null: "you hold it"; who does not says so with <see cref="NackReason.Missing"/>.</param>
public readonly record struct Proposal(Digest Digest, Batch? Batch);

/// <summary>The applied prefix in one number: equal on every node that applied the same with the same outcomes.</summary>
public readonly record struct Checkpoint(Slot Slot, Digest Chain);

/// <summary>Why a vote was not given.</summary>
public enum NackReason : byte
{
    /// <summary>A higher ballot has the promise.</summary>
    Supplanted = 0,

    /// <summary>Another leader holds a lease here; <see cref="PaxosMessage.Nack.RetryAfter"/> says for how long.</summary>
    LeaseHeld = 1,

    /// <summary>The sender is no voter in the newest configuration known here.</summary>
    NotVoter = 2,

    /// <summary>The batch was sent by digest, and is not here: send it whole.</summary>
    Missing = 3,

    /// <summary>The slot is too far ahead of what is held here.</summary>
    Overloaded = 4,

    /// <summary>The voter hook said Abstain to the candidate.</summary>
    Abstained = 5,

    /// <summary>The voter hook said Nay to the proposal.</summary>
    Refused = 6,
}

/// <summary>What one replica may say to another.</summary>
public abstract record PaxosMessage
{
    private PaxosMessage()
    {
    }

    /// <summary>Phase 1a, for this slot and all after it.</summary>
    /// <param name="Ballot">The candidate's.</param>
    /// <param name="From">The first slot it does not know to be chosen, or where its next page begins.</param>
    /// <param name="Handover">The ballot whose owner has given up its lease in the candidate's favour, or none.</param>
    /// <param name="Candidate">Bytes for the voter hook.</param>
    public sealed record Prepare(Ballot Ballot, Slot From, Ballot Handover, Payload Candidate) : PaxosMessage;

    /// <summary>Phase 1b.</summary>
    /// <param name="Ballot">The ballot promised.</param>
    /// <param name="From">As asked.</param>
    /// <param name="ChosenThrough">Everything up to here is known to be chosen and can be fetched here.</param>
    /// <param name="Votes">Every vote after both <paramref name="ChosenThrough"/> and the slot before From, in slot order, up to <paramref name="Through"/>.</param>
    /// <param name="Through">The votes are complete up to here; <see cref="Slot.Last"/> when there are no more.</param>
    /// <param name="Yea">Bytes of the voter hook.</param>
    public sealed record Promise(
        Ballot Ballot, Slot From, Slot ChosenThrough, ImmutableArray<Vote> Votes, Slot Through, Payload Yea) : PaxosMessage;

    /// <summary>Phase 2a for consecutive slots; carries how far the log is chosen.</summary>
    /// <param name="Ballot">The leader's.</param>
    /// <param name="Base">The first slot proposed in this ballot: acknowledgements count from it.</param>
    /// <param name="First">The slot of the first proposal.</param>
    /// <param name="Proposals">One a slot.</param>
    /// <param name="ChosenThrough">Everything up to here is chosen; from <paramref name="Base"/> on with this ballot's values.</param>
    /// <param name="SentAt">The leader's clock as it was sent, to be echoed.</param>
    public sealed record Accept(
        Ballot Ballot, Slot Base, Slot First, ImmutableArray<Proposal> Proposals, Slot ChosenThrough, long SentAt) : PaxosMessage;

    /// <summary>Phase 2b: every slot from the base to here is on disk with this ballot's value, or known to be chosen.</summary>
    /// <param name="Ballot">The leader's.</param>
    /// <param name="Through">The last of the unbroken run.</param>
    /// <param name="WriteSeq">The write that made it durable.</param>
    /// <param name="SentAt">Echo of the newest accept answered.</param>
    /// <param name="ChosenThrough">How far the sender's own log is chosen.</param>
    /// <param name="Yea">Bytes of the voter hook.</param>
    public sealed record Accepted(
        Ballot Ballot, Slot Through, ulong WriteSeq, long SentAt, Slot ChosenThrough, Payload Yea) : PaxosMessage;

    /// <summary>No vote.</summary>
    /// <param name="Ballot">The ballot refused.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Seen">The highest ballot promised here.</param>
    /// <param name="Slot">The slot concerned, or none.</param>
    /// <param name="ChosenThrough">How far the sender's own log is chosen.</param>
    /// <param name="RetryAfter">Milliseconds.</param>
    /// <param name="Meta">Bytes of the voter hook.</param>
    public sealed record Nack(
        Ballot Ballot, NackReason Reason, Ballot Seen, Slot Slot, Slot ChosenThrough, long RetryAfter, Payload Meta) : PaxosMessage;

    /// <summary>The leader is alive and asks whether it still leads: commit when idle, lease request and read round in one.</summary>
    /// <param name="Ballot">The leader's.</param>
    /// <param name="Base">As in <see cref="Accept"/>.</param>
    /// <param name="ChosenThrough">As in <see cref="Accept"/>.</param>
    /// <param name="Round">Counted up; a read waits for a round begun after it arrived.</param>
    /// <param name="SentAt">The leader's clock, to be echoed: a lease runs from here.</param>
    /// <param name="LeaseFor">Milliseconds of lease asked for; 0 for none.</param>
    public sealed record Pulse(Ballot Ballot, Slot Base, Slot ChosenThrough, ulong Round, long SentAt, long LeaseFor) : PaxosMessage;

    /// <summary>"No higher ballot has my promise."</summary>
    /// <param name="Ballot">The leader's.</param>
    /// <param name="Round">Echo.</param>
    /// <param name="SentAt">Echo.</param>
    /// <param name="LeaseFor">Milliseconds granted; 0 for none.</param>
    /// <param name="Through">What is durable, as in <see cref="Accepted"/>.</param>
    /// <param name="ChosenThrough">How far the sender's own log is chosen.</param>
    public sealed record Pulsed(
        Ballot Ballot, ulong Round, long SentAt, long LeaseFor, Slot Through, Slot ChosenThrough) : PaxosMessage;

    /// <summary>Commit by id: these slots are chosen with these batches. Who has not voted for one of them fetches it whole.</summary>
    public sealed record CommitById(Slot First, ImmutableArray<Digest> Digests) : PaxosMessage;

    /// <summary>Commit whole, and every chunk of a catch-up.</summary>
    /// <param name="First">The slot of the first batch.</param>
    /// <param name="Batches">Chosen, one a slot; empty when the receiver is up to date.</param>
    /// <param name="ChosenThrough">How far the sender knows.</param>
    /// <param name="FirstAvailable">The first slot the sender still holds: before it only a snapshot helps.</param>
    public sealed record Commit(Slot First, ImmutableArray<Batch> Batches, Slot ChosenThrough, Slot FirstAvailable) : PaxosMessage;

    /// <summary>Send what is chosen from this slot on.</summary>
    public sealed record Fetch(Slot From) : PaxosMessage;

    /// <summary>A chunk has arrived: everything up to here is known.</summary>
    public sealed record Caught(Slot Through) : PaxosMessage;

    /// <summary>Are you there? Asked of every voter by every voter.</summary>
    /// <param name="Round">To be echoed.</param>
    /// <param name="SentAt">To be echoed.</param>
    public sealed record Heartbeat(ulong Round, long SentAt) : PaxosMessage;

    /// <summary>Yes.</summary>
    /// <param name="Round">Echo.</param>
    /// <param name="SentAt">Echo.</param>
    /// <param name="Own">The ballot the sender last stood for election with, or none.</param>
    /// <param name="Leader">The ballot it follows.</param>
    /// <param name="Happy">Whether it leads with a majority behind it, or hears a leader that does.</param>
    /// <param name="Applied">Its applied prefix, to be compared.</param>
    public sealed record HeartbeatAnswer(
        ulong Round, long SentAt, Ballot Own, Ballot Leader, bool Happy, Checkpoint Applied) : PaxosMessage;

    /// <summary>Stand for election now: the leader of this ballot wants to be followed by you, and has given up its lease.</summary>
    public sealed record TimeoutNow(Ballot Ballot) : PaxosMessage;

    /// <summary>Commands for whoever leads.</summary>
    /// <param name="Commands">In their order.</param>
    /// <param name="IsChange">One command whose body is a <see cref="MembershipChange"/>.</param>
    public sealed record Forward(ImmutableArray<Command> Commands, bool IsChange) : PaxosMessage;

    /// <summary>What became of commands that were forwarded.</summary>
    public sealed record ForwardAnswer(ImmutableArray<CommandAnswer> Answers) : PaxosMessage;

    /// <summary>Which slot must a read wait for? Several reads share a request.</summary>
    public sealed record ReadIndex(ulong Request) : PaxosMessage;

    /// <summary>The answer; <see cref="Slot.Last"/> when the receiver does not lead.</summary>
    public sealed record ReadIndexAnswer(ulong Request, Slot Slot) : PaxosMessage;

    /// <summary>An operator asks whoever leads to let this voter lead instead.</summary>
    public sealed record MakeWay(NodeId Target) : PaxosMessage;

    /// <summary>A snapshot is here for you, since the log before it is not.</summary>
    public sealed record SnapshotOffer(SnapshotInfo Snapshot) : PaxosMessage;

    /// <summary>Send so many bytes of it from there on.</summary>
    public sealed record SnapshotRequest(Digest Id, long Offset, int Length) : PaxosMessage;

    /// <summary>Bytes of a snapshot.</summary>
    /// <param name="Id">The SHA-256 of the whole.</param>
    /// <param name="Offset">Where they belong.</param>
    /// <param name="Bytes">The bytes.</param>
    /// <param name="Check">Their SHA-256.</param>
    public sealed record SnapshotChunk(Digest Id, long Offset, Payload Bytes, Digest Check) : PaxosMessage;
}

/// <summary>A snapshot of the replicated state.</summary>
/// <param name="Id">SHA-256 of its bytes.</param>
/// <param name="Through">The last slot in it.</param>
/// <param name="Size">Bytes.</param>
public sealed record SnapshotInfo(Digest Id, Slot Through, long Size);
