using System.Collections.Immutable;
using System.Text;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Scenarios;

/// <summary>One node on the stage: the six real cores as a <see cref="Replica"/>, a disk, and a state that is the list of what was applied.</summary>
internal sealed class PlayNode
{
    private readonly Play _play;
    private readonly Queue<Delivery> _stalled = new();
    private readonly Dictionary<Digest, byte[]> _snapshots = [];
    private readonly Dictionary<Digest, byte[]> _coming = [];
    private readonly Queue<(AcceptorWrite Write, ImmutableArray<Outgoing> After)> _unsaved = new();
    private Replica? _replica;
    private Applier _applier;
    private ulong _lives;

    public PlayNode(Play play, string name, NodeId id)
    {
        _play = play;
        Name = name;
        Id = id;
        _applier = new Applier(AppliedState.Founded(play.Founded, play.Settings), OnCommand);
    }

    public string Name { get; }

    public NodeId Id { get; }

    public AcceptorLog Disk { get; private set; } = new();

    public List<string> State { get; private set; } = [];

    public Slot AppliedThrough => _applier.State.Through;

    public bool IsUp => _replica is not null;

    public bool Leads { get; private set; }

    public bool HasLost { get; private set; }

    public string? Stopped { get; private set; }

    public Ballot Following { get; private set; }

    public List<PaxosEvent> Events { get; } = [];

    public bool IsAbstaining { get; set; }

    public bool HasSlowDisk { get; private set; }

    public bool IsStalled { get; private set; }

    public long? WakeAt => _replica?.WakeAt;

    public void Start()
    {
        Leads = false;
        var acceptor = new Acceptor(Reread(), _play.Settings, new Abstainer(this), _play.Now);
        _replica = new Replica(
            Id, acceptor, Begin(Part.Proposer), Begin(Part.Learner), Begin(Part.Elector), Begin(Part.CatchUp), Begin(Part.Gateway));
        Guard(replica => replica.Start(_play.Now));
    }

    public void Crash()
    {
        _replica = null;
        _stalled.Clear();
        _unsaved.Clear();
        Leads = false;
    }

    public void Restart(Part part)
    {
        Leads &= part != Part.Proposer;
        var core = part == Part.Acceptor ? new Acceptor(Reread(), _play.Settings, new Abstainer(this), _play.Now) : Begin(part);
        Guard(replica => replica.Restart(part, core, _play.Now));
    }

    public void Step(Part part, PaxosInput input) => Guard(replica => replica.Step(part, input, _play.Now));

    public void Receive(NodeId from, PaxosMessage message) => Guard(replica => replica.Receive(from, message, _play.Now));

    public void Tick() => Guard(replica => replica.Tick(_play.Now));

    public void SlowDown(bool slow)
    {
        HasSlowDisk = slow;
        while (!slow && _unsaved.TryDequeue(out var next))
        {
            Save(next.Write, next.After);
        }
    }

    public void Stall(bool stall)
    {
        IsStalled = stall;
        while (!stall && _stalled.TryDequeue(out var delivery))
        {
            Apply(delivery);
        }
    }

    /// <summary>As if catch-up had brought it: state and bookkeeping at once.</summary>
    public void Install(PlayNode other) => Install(other.Snapshot(), default);

    private AcceptorLog Reread() => Disk.WriteSeq == 0 ? new AcceptorLog() : AcceptorLog.From(Disk.Snapshot());

    private IPaxosCore Begin(Part part)
    {
        var seed = (ulong)Id.Value + (1000 * ++_lives);
        return part switch
        {
            Part.Proposer => new Proposer(Id, _play.Settings, seed),
            Part.Learner => new Learner(Id, _applier.State, _play.Settings),
            Part.Elector => _play.HasElectors ? new Elector(Id, _play.Settings, seed) : new PromptedElector(Id),
            Part.CatchUp => new CatchUp(Id, _play.Settings),
            _ => new Gateway(Id, _play.Settings, seed),
        };
    }

    private void Guard(Func<Replica, ImmutableArray<Ready>> step)
    {
        if (_replica is null)
        {
            return;
        }

        try
        {
            foreach (var ready in step(_replica))
            {
                Do(ready);
            }
        }
        catch (PaxosInvariantException broken)
        {
            Stopped = broken.Message;
            Crash();
        }
    }

    private void Do(Ready ready)
    {
        if (ready.Save is { } write)
        {
            if (HasSlowDisk)
            {
                _unsaved.Enqueue((write, ready.SendAfterSave));
            }
            else
            {
                Save(write, ready.SendAfterSave);
            }
        }
        else
        {
            // With nothing to wait for it would leave at once: a mutant that says so is heard.
            Send(ready.SendAfterSave);
        }

        Send(ready.SendNow.Where(sent => sent.To != Id));
        foreach (var delivery in ready.Apply)
        {
            Apply(delivery);
        }

        foreach (var told in ready.Tell)
        {
            HasLost |= told.Input is PaxosInput.Lost;
            Following = told is { To: Part.Gateway, Input: PaxosInput.Following following } ? following.Leader : Following;
        }

        foreach (var happened in ready.Events)
        {
            Leads = happened is PaxosEvent.Leading || (happened is not PaxosEvent.SteppedDown && Leads);
            Events.Add(happened);
        }

        _play.Answered(this, ready.Answers, ready.Reads);
        foreach (var duty in ready.Duties)
        {
            _play.Later(() => Fulfil(duty));
        }
    }

    private void Save(AcceptorWrite write, ImmutableArray<Outgoing> after) => _play.Later(() =>
    {
        if (_replica is not null)
        {
            Disk.Take(write);
            Send(after);
            Step(Part.Acceptor, new PaxosInput.Persisted(write.WriteSeq));
        }
    });

    private void Send(IEnumerable<Outgoing> messages)
    {
        foreach (var outgoing in messages)
        {
            _play.Send(this, outgoing);
        }
    }

    private void Apply(Delivery delivery)
    {
        if (IsStalled)
        {
            _stalled.Enqueue(delivery);
            return;
        }

        _play.Later(() =>
        {
            if (_replica is not null && delivery.Slot > AppliedThrough)
            {
                var commands = _applier.Apply(delivery);
                _play.Chose(this, delivery);
                Step(Part.Learner, new PaxosInput.Applied(AppliedThrough, _applier.State.Chain, commands));
            }
        });
    }

    private Payload OnCommand(Slot slot, long clock, in Command command)
    {
        State.Add(Encoding.UTF8.GetString(command.Body.Span));
        return command.Body;
    }

    private byte[] Snapshot()
    {
        var applied = _applier.State.Write();
        return [.. BitConverter.GetBytes(applied.Length), .. applied.Span, .. Encoding.UTF8.GetBytes(string.Join(' ', State))];
    }

    private void Fulfil(Duty duty)
    {
        switch (duty)
        {
            case Duty.OfferSnapshot:
                var bytes = Snapshot();
                var id = Digest.Of(bytes);
                _snapshots[id] = bytes;
                Step(Part.CatchUp, new PaxosInput.SnapshotMade(new SnapshotInfo(id, AppliedThrough, bytes.Length)));
                break;
            case Duty.ReadChunk read:
                var length = Math.Min(read.Length, _snapshots[read.Id].Length - (int)read.Offset);
                var chunk = new Payload(_snapshots[read.Id].AsMemory((int)read.Offset, length));
                Step(Part.CatchUp, new PaxosInput.ChunkRead(read.For, read.Id, read.Offset, chunk));
                break;
            case Duty.ResumeSnapshot resume:
                Step(Part.CatchUp, new PaxosInput.ChunkWritten(resume.Snapshot.Id, _coming.GetValueOrDefault(resume.Snapshot.Id, []).Length));
                break;
            case Duty.WriteChunk write:
                _coming[write.Id] = [.. _coming.GetValueOrDefault(write.Id, []), .. write.Bytes.Span];
                Step(Part.CatchUp, new PaxosInput.ChunkWritten(write.Id, _coming[write.Id].Length));
                break;
            case Duty.InstallSnapshot install:
                Install(_coming[install.Snapshot.Id], install.Snapshot.Id);
                break;
        }
    }

    private void Install(byte[] bytes, Digest id)
    {
        var length = BitConverter.ToInt32(bytes);
        Assert.True(AppliedState.TryRead(_play.Settings, new Payload(bytes.AsMemory(4, length)), out var state), "a snapshot is read as written");
        if (state!.Through > AppliedThrough)
        {
            _applier = new Applier(state, OnCommand);
            State = [.. Encoding.UTF8.GetString(bytes.AsSpan(4 + length)).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        }

        foreach (var part in (Part[])[Part.Learner, Part.Acceptor, Part.CatchUp])
        {
            Step(part, new PaxosInput.SnapshotInstalled(id, state));
        }
    }

    /// <summary>Says no to candidates while the play wants it.</summary>
    private sealed class Abstainer(PlayNode node) : IVoter
    {
        public CandidateVerdict OnCandidate(NodeId candidate, PaxosMessage.Prepare prepare) =>
            node.IsAbstaining ? new CandidateVerdict.Abstain(default) : new CandidateVerdict.Yea(default);

        public ProposalVerdict OnProposal(NodeId leader, Slot slot, Proposal proposal) => new ProposalVerdict.Yea(default);
    }

    /// <summary>Stands when the play says so, with the ballot it says, and follows whatever its acceptor has promised.</summary>
    private sealed class PromptedElector(NodeId self) : IPaxosCore
    {
        private Ballot _seen;

        public Ready Step(PaxosInput input, long now) => input switch
        {
            PaxosInput.Started => new Ready { Tell = [new Told(Part.Acceptor, new PaxosInput.PartStarted(Part.Elector, Slot.None))] },
            PaxosInput.Stand stand => Stand(stand),
            PaxosInput.Promised promised => Follow(promised.Ballot),
            PaxosInput.Superseded superseded => Follow(superseded.Seen),
            PaxosInput.PartStarted { Part: Part.Gateway or Part.Learner } => Follow(Ballot.None),
            PaxosInput.Received { Message: PaxosMessage.TimeoutNow timeout } => Stand(new PaxosInput.Stand(default, timeout.Ballot)),
            _ => Ready.Nothing,
        };

        private Ready Stand(PaxosInput.Stand stand)
        {
            var ballot = stand.Ballot.IsNone ? new Ballot(_seen.Number + 1, self) : stand.Ballot;
            var ready = Follow(ballot);
            return ready with { Tell = ready.Tell.Add(new Told(Part.Proposer, stand with { Ballot = ballot })) };
        }

        private Ready Follow(Ballot ballot)
        {
            _seen = Ballot.Max(_seen, ballot);
            return _seen.IsNone ? Ready.Nothing : new Ready
            {
                Tell = [.. ((Part[])[Part.Proposer, Part.Learner, Part.Gateway]).Select(part => new Told(part, new PaxosInput.Following(_seen)))],
            };
        }
    }
}
