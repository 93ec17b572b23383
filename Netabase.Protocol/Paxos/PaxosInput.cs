using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>The parts of a node: each has a core, an actor and a life of its own. They share nothing and tell each other inputs.</summary>
public enum Part : byte
{
    /// <summary>Votes, and remembers. Durable.</summary>
    Acceptor = 0,

    /// <summary>Leads. A restart takes a new ballot.</summary>
    Proposer = 1,

    /// <summary>Knows what is chosen, hands it on in slot order.</summary>
    Learner = 2,

    /// <summary>Knows who is there, says who should lead.</summary>
    Elector = 3,

    /// <summary>Sends what others lack; fetches snapshots.</summary>
    CatchUp = 4,

    /// <summary>Holds clients' calls until their answer or their deadline.</summary>
    Gateway = 5,
}

/// <summary>What a client's command became when it was applied.</summary>
public readonly record struct AppliedCommand(Slot Slot, CommandAnswer Answer);

/// <summary>Everything that can happen to a core. With each comes the owner's clock (see <see cref="IPaxosCore"/>).</summary>
public abstract record PaxosInput
{
    private PaxosInput()
    {
    }

    /// <summary>The core begins a life: told once, before anything else, so that it can ask the others what it must know.</summary>
    public sealed record Started : PaxosInput;

    /// <summary>A message of a replica, oneself among them; the shell has checked group and addressee.</summary>
    public sealed record Received(NodeId From, PaxosMessage Message) : PaxosInput;

    /// <summary>Time has passed. Tick at <see cref="Ready.WakeAt"/>; more often does no harm.</summary>
    public sealed record Tick : PaxosInput;

    /// <summary>Acceptor: this write is on disk.</summary>
    public sealed record Persisted(ulong WriteSeq) : PaxosInput;

    /// <summary>Learner: the state has moved, durably.</summary>
    /// <param name="Through">The last slot applied.</param>
    /// <param name="Chain">The hash over the applied prefix up to there.</param>
    /// <param name="Commands">What became of the commands in the slots applied with this notice.</param>
    public sealed record Applied(Slot Through, Digest Chain, ImmutableArray<AppliedCommand> Commands) : PaxosInput;

    /// <summary>Proposer, by way of the gateway: commands that want slots. They may be there already, and then are dropped.</summary>
    /// <param name="From">Whom to answer when they are refused: this node, or the one that forwarded them.</param>
    /// <param name="Commands">In their order.</param>
    /// <param name="IsChange">One command whose body is a change of the membership.</param>
    public sealed record Propose(NodeId From, ImmutableArray<Command> Commands, bool IsChange) : PaxosInput;

    /// <summary>Gateway: a client's command.</summary>
    /// <param name="Command">The command.</param>
    /// <param name="IsChange">Its body is a change of the membership.</param>
    /// <param name="Deadline">On this clock: then the answer is <see cref="CommandAnswer.Unknown"/> at the latest.</param>
    /// <param name="IsRetry">
    /// It may have been submitted before, here or elsewhere, without a certain answer: then nobody can say that it is in no slot.
    /// </param>
    public sealed record Submit(Command Command, bool IsChange, long Deadline, bool IsRetry = false) : PaxosInput;

    /// <summary>Gateway: a client's read.</summary>
    public sealed record Read(ulong Number, ReadKind Kind, long Deadline) : PaxosInput;

    /// <summary>Gateway: an operator wants this voter to lead, whoever leads now; it is asked for until it does, or the deadline on this clock.</summary>
    public sealed record MakeWay(NodeId Target, long Deadline) : PaxosInput;

    /// <summary>Proposer, by way of the gateway: let this node lead instead. Asked for again, it changes nothing.</summary>
    public sealed record Transfer(NodeId Target) : PaxosInput;

    /// <summary>Proposer, from the gateway: a read wants an index. Answered with <see cref="ReadIndexed"/>.</summary>
    public sealed record WantReadIndex(ulong Request) : PaxosInput;

    /// <summary>Gateway, from the proposer: the state must reach this slot; <see cref="Slot.Last"/> when the proposer does not lead.</summary>
    public sealed record ReadIndexed(ulong Request, Slot Slot, long LeaseUntil) : PaxosInput;

    /// <summary>
    /// Gateway, from the proposer: commands it will do no more for: <see cref="CommandAnswer.NotCommitted"/> when they never had a slot,
    /// <see cref="CommandAnswer.Unknown"/> when its term ended with their votes still out.
    /// </summary>
    public sealed record Refused(ImmutableArray<CommandAnswer> Answers) : PaxosInput;

    /// <summary>Acceptor to proposer and elector: the highest ballot promised here, also told to whoever starts.</summary>
    /// <param name="Ballot">The promise.</param>
    /// <param name="IsAnswer">
    /// It answers <see cref="PartStarted"/>. Only then is it surely as high as every ballot an earlier life of a proposer led with: news
    /// that waited in the mailbox may be older than that.
    /// </param>
    public sealed record Promised(Ballot Ballot, bool IsAnswer = false) : PaxosInput;

    /// <summary>To acceptor and others: a part of this node begins a new life and wants to be told what it must know.</summary>
    public sealed record PartStarted(Part Part, Slot From) : PaxosInput;

    /// <summary>Acceptor to learner: votes cast here, and what their ballot's leader says is chosen.</summary>
    /// <param name="Ballot">The leader's; none when votes are told again after a restart, each then with its own ballot.</param>
    /// <param name="Votes">In slot order; may be empty.</param>
    /// <param name="Base">The first slot proposed in the ballot.</param>
    /// <param name="ChosenThrough">What its leader says.</param>
    public sealed record Voted(Ballot Ballot, ImmutableArray<Vote> Votes, Slot Base, Slot ChosenThrough) : PaxosInput;

    /// <summary>Proposer to learner: our own ballot's values are chosen up to here.</summary>
    public sealed record ChosenHere(Ballot Ballot, Slot Base, Slot Through) : PaxosInput;

    /// <summary>Learner to everybody: how far the log is chosen without a gap, and who the members are there.</summary>
    public sealed record Advanced(Slot ChosenThrough, Slot AppliedThrough, Membership Membership) : PaxosInput;

    /// <summary>Learner to catch-up and acceptor: batches now chosen, in slot order; the acceptor to a new life of either: those its journal knows to be.</summary>
    public sealed record Delivered(Slot First, ImmutableArray<Batch> Batches) : PaxosInput;

    /// <summary>Learner to gateway: commands applied, and how far.</summary>
    public sealed record AppliedHere(Slot Through, ImmutableArray<AppliedCommand> Commands) : PaxosInput;

    /// <summary>Elector to proposer: stand with this ballot.</summary>
    /// <param name="Ballot">Ours.</param>
    /// <param name="Handover">The ballot whose lease was given up for us, or none.</param>
    public sealed record Stand(Ballot Ballot, Ballot Handover) : PaxosInput;

    /// <summary>Elector to proposer, gateway, learner: this is the ballot to follow now.</summary>
    public sealed record Following(Ballot Leader) : PaxosInput;

    /// <summary>Proposer to elector: this ballot was seen, and it is higher than ours.</summary>
    public sealed record Superseded(Ballot Seen) : PaxosInput;

    /// <summary>Proposer to elector: this ballot could not be won in time.</summary>
    public sealed record Lost(Ballot Ballot) : PaxosInput;

    /// <summary>Proposer to catch-up: a member's log is chosen up to here only.</summary>
    public sealed record Behind(NodeId Node, Slot ChosenThrough) : PaxosInput;

    /// <summary>Learner to elector: the applied prefix.</summary>
    public sealed record AppliedPrefix(Checkpoint Checkpoint) : PaxosInput;

    /// <summary>Catch-up: the snapshot asked for with <see cref="Duty.OfferSnapshot"/> is there.</summary>
    public sealed record SnapshotMade(SnapshotInfo Snapshot) : PaxosInput;

    /// <summary>Catch-up: bytes asked for with <see cref="Duty.ReadChunk"/>.</summary>
    public sealed record ChunkRead(NodeId For, Digest Id, long Offset, Payload Bytes) : PaxosInput;

    /// <summary>Catch-up: so many bytes of a snapshot that was begun before are on disk.</summary>
    public sealed record ChunkWritten(Digest Id, long Through) : PaxosInput;

    /// <summary>
    /// Learner, acceptor and catch-up: a snapshot was verified and installed, state and bookkeeping in one transaction that is on disk.
    /// Learner and catch-up are told too when more was applied already; the acceptor is not, since it cuts its journal there.
    /// </summary>
    /// <param name="Id">The snapshot.</param>
    /// <param name="State">The bookkeeping it carried.</param>
    public sealed record SnapshotInstalled(Digest Id, AppliedState State) : PaxosInput;

    /// <summary>Catch-up: what arrived is not what was offered; it is thrown away.</summary>
    public sealed record SnapshotBroken(Digest Id) : PaxosInput;
}
