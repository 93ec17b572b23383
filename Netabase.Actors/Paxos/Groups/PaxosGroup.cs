using System.Collections.Immutable;
using System.Security.Cryptography;
using Akka.Actor;
using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Links;
using Netabase.Actors.Paxos.Parts;
using Netabase.Actors.Paxos.State;
using Netabase.Actors.Paxos.Wire;
using Netabase.Actors.Settings;
using Netabase.Multiformats;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;
using Netabase.Transport.Network;

namespace Netabase.Actors.Paxos.Groups;

/// <summary>One group in one run of a node: what its actors share and its callers see. It outlives every actor of the group.</summary>
internal sealed class PaxosGroup : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly AcceptorJournal _journal;
    private readonly GroupWire _wire;
    private readonly PeerId _local;
    private volatile GroupMembers _members;
    private volatile GroupSight _sight = GroupSight.Nothing;
    private volatile IActorRef? _actor;
    private volatile string? _halted;
    private NodeId _self;

    private PaxosGroup(
        NodeParts node, GroupSettings settings, PeerId local, DataFolder? folder, AcceptorJournal journal, IGroupMachineKind machine, GroupCores cores)
    {
        Node = node;
        Settings = settings;
        Machine = machine;
        Cores = cores;
        _local = local;
        _journal = journal;
        Founded = NodeLife.Founders(settings, local);
        FirstLife = NodeLife.Derive(settings.Name, local, settings.Incarnation);
        _self = FirstLife;
        _members = new GroupMembers(Founded, Slot.None);
        Shelf = new SnapshotShelf(ArrivingIn(folder, settings.Name), settings.SnapshotBytesMax);
        var id = new GroupId(settings.Name);
        _wire = new GroupWire(id, new BatchPacking(settings.Times.BatchBytesMax), () => _self, () => _members);
        Parts = new GroupParts(id, settings.Times, journal, settings.Bounds, node.Time) { Send = Send, Announce = Announce, Halt = Halt };
        Sessions = new OperationSession(Parts.Clock, settings.Times);
        Voted = AppliedBook.LifeIn(node.Store, settings.Name);
    }

    public NodeParts Node { get; }

    public GroupSettings Settings { get; }

    public GroupParts Parts { get; }

    public IGroupMachineKind Machine { get; }

    public GroupCores Cores { get; }

    public SnapshotShelf Shelf { get; }

    /// <summary>Who governs before the log says otherwise.</summary>
    public Membership Founded { get; }

    /// <summary>The life of a disk whose journal is empty.</summary>
    public NodeId FirstLife { get; }

    /// <summary>The life on which the store says that this node has voted, or null.</summary>
    public NodeId? Voted { get; private set; }

    /// <summary>
    /// The life that was noted in this run. Each run notes it: the write waits for the disk, and with it all that an earlier run left in the
    /// store unsynced, before the acceptor could forget the slots it came from.
    /// </summary>
    public NodeId? Noted { get; private set; }

    /// <summary>This disk's life.</summary>
    public NodeId Self => _self;

    /// <summary>Names for the operations of this node's callers.</summary>
    public OperationSession Sessions { get; }

    /// <summary>Who the members are, as far as this node knows.</summary>
    public GroupMembers Members => _members;

    /// <summary>What this node sees of the group.</summary>
    public GroupSight Sight => _sight;

    /// <summary>Who waits for whom to lead.</summary>
    public LeaderWatch Leaders { get; } = new();

    /// <summary>Why the group does not go on here, or null.</summary>
    public string? Halted => _halted;

    /// <summary>Opens the group's journal, for this process alone.</summary>
    /// <exception cref="StoreException">Another process holds it, it is not durable, or cannot be used.</exception>
    public static PaxosGroup Open(
        NodeParts node, GroupSettings settings, PeerId local, DataFolder? folder, IAcceptorJournalBackend journals, IGroupMachineKind machine, GroupCores cores)
    {
        var journal = journals.Open(folder, settings.Name, local.ToString());
        try
        {
            return new PaxosGroup(node, settings, local, folder, journal, machine, cores);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Where the other members are met, from now on.</summary>
    public void Join(IPeerNetwork network, LinkDoor door)
    {
        _wire.Links = new MemberLinks(network, door, Settings.Name, Settings.Links, _wire.ReceiveAsync, Node.Time);
        Connect();
    }

    /// <summary>The group's actor begins.</summary>
    public void Attach(IActorRef actor)
    {
        _actor = actor;
        if (_journal.Hold.Lost.IsCancellationRequested)
        {
            Halt("another process has become this acceptor");
        }
        else if (_journal.Hold.Lost.CanBeCanceled)
        {
            _journal.Hold.Lost.UnsafeRegister(static group => ((PaxosGroup)group!).Halt("the right to be this acceptor was lost"), this);
        }
    }

    /// <summary>The journal is read: what is said from now on is said under this name.</summary>
    public void Begin(NodeId life)
    {
        _self = life;
        _wire.Parts = Parts;
    }

    /// <summary>The store notes on which life this node votes, before it does so for the first time.</summary>
    public async Task NoteLifeAsync(NodeId life)
    {
        var outcomes = await Node.Store.CommitAsync([AppliedBook.Note(Settings.Name, life)], Node.Now(), CancellationToken.None).ConfigureAwait(false);
        Noted = Voted = outcomes is [BatchOutcome.Written] ? life : throw new StoreException(StoreError.Unavailable, "the store did not take the note of this node's life");
    }

    /// <summary>What a core's life begins with.</summary>
    public CoreBirth Birth(long now) => new(_self, Settings.Times, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), now);

    /// <summary>Ends the group here: what it would say from now on could be wrong.</summary>
    public void Halt(string why)
    {
        if (Interlocked.CompareExchange(ref _halted, why, null) is not null)
        {
            return;
        }

        _wire.Parts = null;
        _actor?.Tell(new PaxosProtocol.Halt(why), ActorRefs.NoSender);
        Parts.Calls.AbandonAll();
        Node.Announcer.Announce(new ConsensusEvent.GroupStopped(Settings.Name, why) { At = Node.Now() });
    }

    /// <summary>To the learner's actor, past its core.</summary>
    public void TellLearner(PaxosProtocol.Install install) => Parts.Post(Part.Learner, install);

    /// <summary>To the learner's actor, past its core.</summary>
    /// <returns>Whether it was told.</returns>
    public bool TellLearner(PaxosProtocol.Keep keep) => Parts.Post(Part.Learner, keep);

    /// <summary>To the acceptor's actor, past its core.</summary>
    public bool TellAcceptor(PaxosProtocol.ReadLog read) => Parts.Post(Part.Acceptor, read);

    /// <summary>The log is known further, and perhaps who its members are.</summary>
    public void OnAdvanced(PaxosInput.Advanced advanced)
    {
        lock (_gate)
        {
            _sight = _sight with { ChosenThrough = advanced.ChosenThrough, AppliedThrough = advanced.AppliedThrough };
            var before = _members;
            if (ReferenceEquals(before.Membership, advanced.Membership))
            {
                return;
            }

            _members = new GroupMembers(advanced.Membership, advanced.ChosenThrough);
            if (before.Peers.SequenceEqual(_members.Peers))
            {
                return;
            }
        }

        Connect();
    }

    /// <summary>Whether a stream to the member is open, or it is this node.</summary>
    public bool IsConnected(PeerId peer) => peer == _local || _wire.Links?.IsConnected(peer) == true;

    /// <summary>Says no more to others, and hears no more of them.</summary>
    public async Task LeaveAsync()
    {
        _wire.Parts = null;
        if (_wire.Links is { } links)
        {
            _wire.Links = null;
            await links.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets other processes have the journal; the actors have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync().ConfigureAwait(false);
        Parts.Calls.AbandonAll();
        try
        {
            Shelf.Dispose();
        }
        finally
        {
            _journal.Dispose();
        }
    }

    /// <summary>For one that never began.</summary>
    public void Abandon() => _journal.Dispose();

    /// <summary>The file of a snapshot that arrives, where the node has a folder.</summary>
    private static string? ArrivingIn(DataFolder? folder, string group)
    {
        folder?.MakeFolder("paxos", group);
        return folder?.PathOf(Path.Combine("paxos", group, "arriving.snapshot"));
    }

    private void Connect() => _wire.Links?.SetMembers([.. _members.Peers.Select(peer => new LinkMember(peer, AddressesOf(peer)))]);

    private ImmutableArray<Multiaddr> AddressesOf(PeerId peer) =>
        Settings.Members.FirstOrDefault(member => member.Peer == peer)?.Addresses ?? [];

    private void Send(Part from, Outgoing outgoing)
    {
        if (_halted is not null)
        {
            return;
        }

        if (outgoing.To == _self)
        {
            Parts.Tell(Routing.PartOf(outgoing.Message), new PaxosInput.Received(_self, outgoing.Message));
        }
        else
        {
            _wire.Send(in outgoing);
        }
    }

    private void Announce(PaxosEvent happened)
    {
        switch (happened)
        {
            case PaxosEvent.LeaderChanged changed:
                Look(sight => sight with { Leader = changed.Leader });
                Leaders.Changed(changed.Leader);
                Tell(new ConsensusEvent.LeaderChanged(Settings.Name, _members.PeerOf(changed.Leader.Owner), changed.Leader.Number) { At = Node.Now() });
                break;
            case PaxosEvent.Leading leading:
                Look(sight => sight with { Leads = leading.Ballot });
                break;
            case PaxosEvent.SteppedDown:
                Look(sight => sight with { Leads = Ballot.None });
                break;
            case PaxosEvent.MembershipChanged changed:
                Tell(new ConsensusEvent.MembersChanged(Settings.Name, changed.Configuration.Id.Number) { At = Node.Now() });
                break;
            case PaxosEvent.Dropped:
                PaxosMetrics.Refused("dropped");
                break;
        }
    }

    private void Look(Func<GroupSight, GroupSight> change)
    {
        lock (_gate)
        {
            _sight = change(_sight);
        }
    }

    private void Tell(ConsensusEvent happened)
    {
        if (Node.Announcer.HasAudience)
        {
            Node.Announcer.Announce(happened);
        }
    }
}

/// <summary>What a node sees of a group.</summary>
/// <param name="Leader">The ballot followed; none while no leader is heard of.</param>
/// <param name="Leads">The ballot this node leads with, or none.</param>
/// <param name="ChosenThrough">How far the log is known to be chosen.</param>
/// <param name="AppliedThrough">How far it is applied here.</param>
internal sealed record GroupSight(Ballot Leader, Ballot Leads, Slot ChosenThrough, Slot AppliedThrough)
{
    public static readonly GroupSight Nothing = new(Ballot.None, Ballot.None, Slot.None, Slot.None);
}
