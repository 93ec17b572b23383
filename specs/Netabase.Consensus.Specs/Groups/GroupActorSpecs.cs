using Akka.Actor;
using Microsoft.Data.Sqlite;
using Netabase.Actors.Settings;
using Netabase.Consensus.Specs.Records;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>What stands around the cores of a group: its actors, its store, the face.</summary>
public sealed class GroupActorSpecs
{
    private readonly ScriptedCores _cores = new();

    [Fact]
    public async Task A_put_is_applied_in_a_slot_and_is_in_the_store_and_told_to_the_audience()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await using var events = node.SubscribeToBroadcasts();
        var applied = Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(node, Account("ada", 3)));
        Assert.NotEqual(0UL, applied.Slot);
        var stored = await GroupWorld.UntilAsync<StoreEvent.RecordStored>(events, _ => true);
        Assert.Equal(applied.Metadata!.Clock, stored.Metadata.Clock);
        var found = Assert.IsType<GetResult<Ledger.Account>.Found>(await node.GetRecordAsync(Key("ada"), Consistency.Linearizably));
        Assert.Equal((3, RecordSource.Consensus), (found.Record.Balance, found.Source));
        Assert.Equal(3, (await node.Records<Ledger.Account>().GetAsync(Key("ada")))!.Balance);
    }

    [Fact]
    public async Task A_comparison_holds_for_the_version_that_was_read_and_for_no_other()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await PutUntilThereAsync(node, Account("ada", 1));
        var taken = Assert.IsType<ConsensusResult.NotCommitted>(await node.CompareAndSetConsensusAsync(Account("ada", 2), expected: null));
        Assert.Equal(RefusalReason.Conflict, taken.Reason);
        var version = Assert.IsType<GetResult<Ledger.Account>.Found>(await node.GetRecordAsync(Key("ada"), Consistency.Linearizably)).Metadata.Clock;
        Assert.IsType<ConsensusResult.Applied>(await node.CompareAndSetConsensusAsync(Account("ada", 2), version));
        Assert.IsType<ConsensusResult.NotCommitted>(await node.CompareAndSetConsensusAsync(Account("ada", 3), version));
        Assert.IsType<ConsensusResult.Applied>(await node.RemoveRecordConsensusAsync(Key("ada")));
        Assert.IsType<GetResult<Ledger.Account>.NotFound>(await node.GetRecordAsync(Key("ada"), Consistency.Linearizably));
    }

    [Fact]
    public async Task An_operation_that_is_tried_again_under_its_name_has_one_effect_and_one_answer()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await PutUntilThereAsync(node, Account("bob", 1));
        var name = node.NewOperationId();
        var first = Assert.IsType<ConsensusResult.Applied>(await node.CompareAndSetConsensusAsync(Account("ada", 1), null, name));
        var again = Assert.IsType<ConsensusResult.Applied>(await node.CompareAndSetConsensusAsync(Account("ada", 1), null, name));
        Assert.Equal(first, again);
        await world.StopAsync(0);
        node = await world.StartAsync(0, _cores.Cores);
        await PutUntilThereAsync(node, Account("bob", 2));
        Assert.Equal(first, await node.CompareAndSetConsensusAsync(Account("ada", 1), null, name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.PutRecordConsensusAsync(Account("ada", 1), new OperationId(Guid.NewGuid())));
    }

    [Fact]
    public async Task What_a_group_governs_is_written_through_its_log_alone()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Account("ada", 1))).Reason);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<PutResult.Refused>(await node.PutRecordAsync(Account("ada", 1))).Reason);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<RemoveResult.Refused>(await node.RemoveRecordAsync(Key("ada"))).Reason);
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<RemoveResult.Refused>(await node.Records<Ledger.Account>().ClearAsync()).Reason);
        await using var transaction = await node.BeginTransactionAsync();
        transaction.Put(Account("ada", 1));
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<CommitResult.Refused>(await transaction.CommitAsync()).Reason);
        Assert.Equal(0, await node.Records<Ledger.Account>().CountAsync(ModelQuery<Ledger.Account>.All));
    }

    [Theory]
    [InlineData("acceptor")]
    [InlineData("proposer")]
    [InlineData("learner")]
    [InlineData("elector")]
    [InlineData("catch-up")]
    [InlineData("gateway")]
    public async Task A_part_that_fails_begins_a_new_life_alone_and_the_group_goes_on(string part)
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await PutUntilThereAsync(node, Account("ada", 1));
        var paths = new Dictionary<string, IActorRef>();
        foreach (var name in (string[])["acceptor", "proposer", "learner", "elector", "catch-up", "gateway"])
        {
            paths[name] = await PartAsync(world, name);
        }

        paths[part].Tell(Kill.Instance);
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while ((await PartAsync(world, part)).Equals(paths[part]))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        Assert.IsType<ConsensusResult.Applied>(await PutUntilThereAsync(node, Account("ada", 2)));
        foreach (var (name, before) in paths)
        {
            Assert.Equal(name != part, before.Equals(await PartAsync(world, name)));
        }
    }

    [Fact]
    public async Task A_core_that_met_the_impossible_ends_the_group_here_and_the_node_lives_on()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await using var events = node.SubscribeToBroadcasts();
        _cores.On(Part.Proposer, input => input is PaxosInput.Propose ? throw new PaxosInvariantException("one slot has two values") : null);
        await PutUntilThereAsync(node, Account("ada", 1));
        Assert.Contains("two values", (await GroupWorld.UntilAsync<ConsensusEvent.GroupStopped>(events, _ => true)).Detail, StringComparison.Ordinal);
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<ConsensusResult.Refused>(await node.PutRecordConsensusAsync(Account("ada", 1))).Reason);
        Assert.True(node.IsRunning);
    }

    [Fact]
    public async Task A_node_whose_state_differs_from_the_others_stops_its_group()
    {
        await using var world = new GroupWorld(1);
        var node = await world.StartAsync(0, _cores.Cores);
        await using var events = node.SubscribeToBroadcasts();
        _cores.On(Part.Gateway, _ => new Ready { Halt = "another state at slot 3" });
        Assert.IsNotType<ConsensusResult.Applied>(await node.PutRecordConsensusAsync(Account("ada", 1)));
        await GroupWorld.UntilAsync<ConsensusEvent.GroupStopped>(events, stopped => stopped.Detail.Contains("slot 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_voted_and_has_an_empty_journal_votes_no_more()
    {
        await using var world = new GroupWorld(1);
        await PutUntilThereAsync(await world.StartAsync(0, _cores.Cores), Account("ada", 1));
        await world.StopAsync(0);
        var node = await world.StartAsync(0, _cores.Cores, new MemoryJournalBackend());
        ConsensusResult answer;
        while ((answer = await node.PutRecordConsensusAsync(Account("ada", 2))) is not ConsensusResult.Refused)
        {
            Assert.IsNotType<ConsensusResult.Applied>(answer);
        }

        Assert.Contains("incarnation", ((ConsensusResult.Refused)answer).Detail, StringComparison.Ordinal);
    }

    /// <summary>Bit rot: what the journal says may be another promise than was given.</summary>
    [Fact]
    public async Task A_node_in_whose_journal_a_bit_fell_over_votes_no_more()
    {
        await using var world = new GroupWorld(1);
        await PutUntilThereAsync(await world.StartAsync(0, _cores.Cores), Account("ada", 1));
        await world.StopAsync(0);
        Rot(Path.Combine(world.PathOf(0), "paxos", "ledger", "journal.db"));
        var node = await world.StartAsync(0, _cores.Cores);
        ConsensusResult answer;
        while ((answer = await node.PutRecordConsensusAsync(Account("ada", 2))) is not ConsensusResult.Refused)
        {
            Assert.IsNotType<ConsensusResult.Applied>(answer);
        }

        Assert.Contains("not what was written", ((ConsensusResult.Refused)answer).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("netabase.paxos.groups.ledger.elction-timeout = 1s", "elction-timeout")]
    [InlineData("netabase.paxos.groups.ledger.election-timeout = 150ms", "heartbeat-interval")]
    [InlineData("netabase.paxos.groups.ledger.lease-duration = 2s", "lease-duration")]
    [InlineData("netabase.paxos.groups.ledger.links.frame-max = 70000", "frame-max")]
    [InlineData("netabase.paxos.groups.ledger.definitions = [ledgers]", "ledgers")]
    [InlineData("netabase.paxos.defaults.members = [nobody]", "members")]
    [InlineData("netabase.paxos.groups.other.definitions = [ledger]", "two groups")]
    [InlineData("netabase.network.enabled = off", "needs a network")]
    public async Task A_group_that_cannot_be_is_refused_and_the_key_named(string hocon, string named)
    {
        await using var world = new GroupWorld(1);
        var refused = await Assert.ThrowsAsync<SettingsException>(() => world.StartAsync(0, _cores.Cores, hocon: hocon));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    internal static Ledger.Account Account(string name, long balance) => new() { Name = name, Balance = balance };

    internal static Ledger.Account.Key Key(string name) => new(name);

    /// <summary>A group that has just begun may say so.</summary>
    internal static async Task<ConsensusResult> PutUntilThereAsync(INetabase node, Ledger.Account account)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (true)
        {
            var result = await node.PutRecordConsensusAsync(account, cancellation: deadline.Token);
            if (result is not (ConsensusResult.NotCommitted { Reason: RefusalReason.NoLeader } or ConsensusResult.Unknown))
            {
                return result;
            }
        }
    }

    /// <summary>One bit of the last event that the journal holds.</summary>
    private static void Rot(string journal)
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = journal, Pooling = false }.ToString());
        database.Open();
        using var read = database.CreateCommand();
        read.CommandText = "SELECT message FROM journal ORDER BY ordering DESC LIMIT 1";
        var bytes = (byte[])read.ExecuteScalar()!;
        bytes[bytes.Length / 2] ^= 4;
        using var write = database.CreateCommand();
        write.CommandText = "UPDATE journal SET message = $bytes WHERE ordering = (SELECT max(ordering) FROM journal)";
        write.Parameters.AddWithValue("$bytes", bytes);
        Assert.Equal(1, write.ExecuteNonQuery());
    }

    private static async Task<IActorRef> PartAsync(GroupWorld world, string part)
    {
        using var deadline = new CancellationTokenSource(GroupWorld.Patience);
        while (true)
        {
            try
            {
                return await world.SystemOf(0).ActorSelection($"/user/netabase/paxos/ledger/{part}").ResolveOne(TimeSpan.FromSeconds(5), deadline.Token);
            }
            catch (ActorNotFoundException)
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
