using Netabase.Consensus.Specs.Records;
using static Netabase.Consensus.Specs.Groups.GroupActorSpecs;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>A read may be content with less than the log vouches for, and is told so; a write never is.</summary>
public sealed class StaleReadSpecs
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Without_a_majority_a_stale_read_may_fall_back_and_says_where_its_record_came_from_and_a_write_does_not()
    {
        await using var world = new GroupWorld(3);
        for (var node = 0; node < 3; node++)
        {
            await world.StartAsync(node);
        }

        await PutUntilThereAsync(world[0], Account("ada", 1));
        var vouched = await world[0].GetRecordAsync(Key("ada"), Consistency.Linearizably);
        Assert.Equal(RecordSource.Consensus, Assert.IsType<GetResult<Ledger.Account>.Found>(vouched).Source);
        Assert.Equal(
            RecordSource.Consensus,
            Assert.IsType<GetResult<Ledger.Account>.Found>(await world[0].GetRecordAsync(Key("ada"), new Consistency.Stale(Long, OrEventual: true))).Source);
        await world.StopAsync(0);
        await world.StopAsync(1);
        await world.StopAsync(2);

        // Alone after a start, it has never heard how far the log is: nobody vouches for any age.
        await world.StartAsync(0, hocon: "netabase.paxos.defaults.call-timeout = 1s");
        Assert.IsType<GetResult<Ledger.Account>.TimedOut>(await world[0].GetRecordAsync(Key("ada"), new Consistency.Stale(Long)));
        var eventual = Assert.IsType<GetResult<Ledger.Account>.Found>(await world[0].GetRecordAsync(Key("ada"), new Consistency.Stale(Long, OrEventual: true)));
        Assert.Equal((1, RecordSource.Local), (eventual.Record.Balance, eventual.Source));
        Assert.IsNotType<ConsensusResult.Applied>(await world[0].PutRecordConsensusAsync(Account("ada", 2)));
        Assert.Equal(1, (await world[0].Records<Ledger.Account>().GetAsync(Key("ada")))!.Balance);
    }
}
