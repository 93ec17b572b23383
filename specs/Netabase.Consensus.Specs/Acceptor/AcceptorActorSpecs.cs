using Akka.Actor;
using Akka.TestKit.Xunit2;
using Netabase.Actors.Paxos;
using Netabase.Actors.Paxos.Parts;
using Netabase.Consensus.Specs.Wire;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Persistence.Sqlite.Journal;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Acceptor;

/// <summary>The acceptor over its journal: what it says, and when.</summary>
public sealed class AcceptorActorSpecs() : TestKit("akka.loglevel = OFF")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly NodeId Leader = new(100);
    private static readonly NodeId Life = new(1);
    internal static readonly PaxosSettings Times = new(
        1000, 100, 200, 256, 1 << 20, 4, 1024, 1 << 20, 1 << 20, 4096, 64, 1 << 20, 65_536, 4, 1024, 0, 100, 600_000, 1024, 64, 0);

    private readonly string _name = $"disk-{Guid.NewGuid():N}";

    private GatedJournal.Disk Disk => GatedJournal.Of(_name);

    [Fact]
    public async Task A_promise_is_not_heard_before_the_journal_has_it()
    {
        var acceptor = Start(Gated());
        Disk.Hold();
        acceptor.Prepare(5);
        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        Disk.Release();
        var promise = await acceptor.HearAsync<PaxosMessage.Promise>();
        Assert.Equal(5UL, promise.Ballot.Number);
        Assert.Equal(5UL, Assert.IsType<AcceptorEvent.Wrote>(AcceptorEvent.Decode(Disk.Rows[^1].Event)).Write.Promised!.Value.Number);
    }

    [Fact]
    public async Task What_arrives_while_a_write_is_under_way_becomes_one_event()
    {
        var acceptor = Start(Gated());
        acceptor.Prepare(5);
        await acceptor.HearAsync<PaxosMessage.Promise>();
        Disk.Hold();
        var before = Disk.Rows.Count;
        for (ulong slot = 1; slot <= 100; slot++)
        {
            acceptor.Accept(5, slot);
        }

        await acceptor.TakenAsync();
        Disk.Release();
        while ((await acceptor.HearAsync<PaxosMessage.Accepted>()).Through.Number < 100)
        {
        }

        Assert.Equal(before + 2, Disk.Rows.Count);
        Assert.Equal(100, Disk.Rows.Skip(before).Sum(row => ((AcceptorEvent.Wrote)AcceptorEvent.Decode(row.Event)).Write.Votes.Length));
    }

    [Fact]
    public async Task After_a_restart_it_keeps_its_promise_its_votes_and_its_name()
    {
        using var folder = new Folder();
        using (var first = folder.Open())
        {
            var acceptor = Start(first, Life);
            acceptor.Prepare(5);
            await acceptor.HearAsync<PaxosMessage.Promise>();
            acceptor.Accept(5, 1, Messages.Large);
            await acceptor.HearAsync<PaxosMessage.Accepted>();
            await acceptor.StopAsync();
        }

        using var second = folder.Open();
        var again = Start(second, new NodeId(2));
        Assert.Equal(Life, again.Life);
        again.Prepare(4);
        Assert.Equal(NackReason.Supplanted, (await again.HearAsync<PaxosMessage.Nack>()).Reason);
        again.Prepare(6);
        var promise = await again.HearAsync<PaxosMessage.Promise>();
        var vote = Assert.Single(promise.Votes);
        Assert.Equal((new Slot(1), new Ballot(5, Leader), Messages.Large), (vote.Slot, vote.Ballot, vote.Batch));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_long_journal_is_cut_behind_a_snapshot_and_nothing_is_lost()
    {
        using var folder = new Folder();
        using (var first = folder.Open())
        {
            var acceptor = Start(first, Life, new JournalBounds(10, long.MaxValue));
            acceptor.Prepare(5);
            await acceptor.HearAsync<PaxosMessage.Promise>();
            for (ulong slot = 1; slot <= 60; slot++)
            {
                acceptor.Accept(5, slot);
                await acceptor.HearAsync<PaxosMessage.Accepted>();
            }

            await acceptor.StopAsync();
        }

        using var second = folder.Open();
        var again = Start(second, new NodeId(2));
        again.Prepare(6);
        var promise = await again.HearAsync<PaxosMessage.Promise>();
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (ulong)i), promise.Votes.Select(vote => vote.Slot.Number));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_write_that_fails_stops_it_and_nothing_that_rests_on_it_was_said()
    {
        var acceptor = Start(Gated());
        acceptor.Prepare(5);
        await acceptor.HearAsync<PaxosMessage.Promise>();
        Watch(acceptor.Actor);
        Disk.Break(true);
        acceptor.Prepare(9);
        await ExpectTerminatedAsync(acceptor.Actor, Patience);
        Disk.Break(false);
        var again = Start(Gated());
        again.Prepare(7);
        Assert.Equal(7UL, (await again.HearAsync<PaxosMessage.Promise>()).Ballot.Number);
    }

    /// <summary>No life of the acceptor could make anything else of it: it is not tried again.</summary>
    [Fact]
    public async Task A_journal_with_a_gap_ends_the_group()
    {
        var acceptor = Start(Gated());
        acceptor.Prepare(5);
        await acceptor.HearAsync<PaxosMessage.Promise>();
        acceptor.Accept(5, 1);
        await acceptor.HearAsync<PaxosMessage.Accepted>();
        acceptor.Accept(5, 2);
        await acceptor.HearAsync<PaxosMessage.Accepted>();
        await acceptor.StopAsync();
        Disk.Rows.RemoveAt(Disk.Rows.Count - 2);
        var halted = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var group = PartsOf(Gated(), null, CreateTestProbe(), halted.SetResult);
        Sys.ActorOf(AcceptorActor.Props(group, $"paxos/{_name}", Life));
        Assert.Contains("gap", await halted.Task.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }

    private AcceptorJournal Gated()
    {
        var root = JournalNames.RootOf(_name);
        return new AcceptorJournal($"{root}.journal", "akka.persistence.snapshot-store.inmem", $$"""
            {{root}}.journal {
              class = "Netabase.Consensus.Specs.Acceptor.GatedJournal, Netabase.Consensus.Specs"
              plugin-dispatcher = "akka.actor.default-dispatcher"
              disk = "{{_name}}"
            }
            akka.persistence.snapshot-store.inmem {
              class = "Akka.Persistence.Snapshot.MemorySnapshotStore, Akka.Persistence"
              plugin-dispatcher = "akka.actor.default-dispatcher"
            }
            """, new MemoryJournalBackend().Open(null, "x", "x").Hold);
    }

    private Running Start(AcceptorJournal journal, NodeId? life = null, JournalBounds? bounds = null)
    {
        JournalPlugins.Install(Sys, journal);
        var parent = CreateTestProbe();
        var ears = CreateTestProbe();
        var group = PartsOf(journal, bounds, ears, why => throw new PaxosInvariantException(why));
        var actor = parent.ChildActorOf(AcceptorActor.Props(group, $"paxos/{_name}", life ?? Life));
        return new Running(group, actor, ears, parent.ExpectMsg<PaxosProtocol.AcceptorReady>(Patience).Life);
    }

    private static GroupParts PartsOf(AcceptorJournal journal, JournalBounds? bounds, Akka.TestKit.TestProbe ears, Action<string> halt) =>
        new(Messages.Group, Times, journal, bounds ?? new JournalBounds(10_000, long.MaxValue), TimeProvider.System)
        {
            Send = (_, outgoing) => ears.Ref.Tell(outgoing, ActorRefs.NoSender),
            Announce = _ => { },
            Halt = halt,
        };

    private sealed record Running(GroupParts Group, IActorRef Actor, Akka.TestKit.TestProbe Ears, NodeId Life)
    {
        public void Prepare(ulong number) => Group.Tell(
            Part.Acceptor,
            new PaxosInput.Received(Leader, new PaxosMessage.Prepare(new Ballot(number, Leader), new Slot(1), Ballot.None, Payload.Empty)));

        public void Accept(ulong number, ulong slot, Batch? batch = null)
        {
            batch ??= Messages.Small;
            Group.Tell(Part.Acceptor, new PaxosInput.Received(
                Leader,
                new PaxosMessage.Accept(new Ballot(number, Leader), new Slot(1), new Slot(slot), [new Proposal(batch.Digest, batch)], Slot.None, 1)));
        }

        public async Task<TMessage> HearAsync<TMessage>()
            where TMessage : PaxosMessage => Assert.IsType<TMessage>((await Ears.ExpectMsgAsync<Outgoing>(Patience)).Message);

        /// <summary>Everything told so far has been taken.</summary>
        public async Task TakenAsync()
        {
            var read = new PaxosProtocol.ReadLog(Slot.None, 0, new TaskCompletionSource<PaxosProtocol.Page>());
            Actor.Tell(read);
            await read.Answer.Task.WaitAsync(Patience);
        }

        public async Task StopAsync() => await Actor.GracefulStop(Patience);
    }

    private sealed class Folder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("netabase-acceptor-").FullName;
        private readonly DataFolder _folder;

        public Folder() => _folder = DataFolder.Open(_path, "memory");

        public AcceptorJournal Open() => new SqliteJournalBackend(TimeSpan.FromSeconds(5)).Open(_folder, "ledger", "a");

        public void Dispose()
        {
            _folder.Dispose();
            Directory.Delete(_path, recursive: true);
        }
    }
}
