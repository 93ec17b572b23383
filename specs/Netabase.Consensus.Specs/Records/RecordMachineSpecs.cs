using Netabase.Actors.Node;
using Netabase.Actors.Paxos.Records;
using Netabase.Persistence;
using Netabase.Persistence.Memory;

namespace Netabase.Consensus.Specs.Records;

/// <summary>The models these specs speak of.</summary>
[NetabaseDefinition("ledger")]
public static partial class Ledger
{
    [NetabaseModel(1)]
    public sealed partial record Account
    {
        [PrimaryKey(1)]
        public required string Name { get; init; }

        [SecondaryKey(2)]
        public string Owner { get; init; } = string.Empty;

        [Field(3)]
        public long Balance { get; init; }
    }
}

/// <summary>What a log of record commands does to a store.</summary>
public sealed class RecordMachineSpecs : IAsyncLifetime
{
    private readonly ModelCatalog _catalog = new([Ledger.Definition]);
    private IRecordStore _store = null!;
    private RecordMachine _machine = null!;

    public async Task InitializeAsync()
    {
        _store = await OpenAsync();
        _machine = new RecordMachine(_catalog, _store, 1024);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task A_put_is_in_the_store_with_the_clock_that_its_result_tells()
    {
        var result = _machine.Apply(Put("a", 1), 1000);
        await CommitAsync();
        Assert.Equal(new RecordResult(true, HybridTimestamp.Create(1000, 0)), result);
        Assert.Equal(result.Clock, ClockOf("a"));
    }

    [Fact]
    public void A_comparison_sees_what_was_written_just_before_it()
    {
        var first = _machine.Apply(Put("a", 1), 1000);
        Assert.True(_machine.Apply(Put("a", 2) with { Expects = Expectation.Version, Version = first.Clock }, 1000).IsApplied);
        var late = _machine.Apply(Put("a", 3) with { Expects = Expectation.Version, Version = first.Clock }, 1000);
        Assert.Equal(new RecordResult(false, HybridTimestamp.Create(1000, 1), RefusalReason.Conflict), late);
        Assert.Equal(RefusalReason.Conflict, _machine.Apply(Put("a", 4) with { Expects = Expectation.Absence }, 1000).Reason);
        _machine.Apply(new RecordCommand(Key("a"), null), 1000);
        Assert.True(_machine.Apply(Put("a", 5) with { Expects = Expectation.Absence }, 1000).IsApplied);
    }

    [Fact]
    public async Task Two_members_that_apply_the_same_log_in_other_portions_agree()
    {
        await using var otherStore = await OpenAsync();
        var other = new RecordMachine(_catalog, otherStore, 1024);
        for (var i = 0; i < 200; i++)
        {
            var command = Put($"{i % 7}", i) with { Expects = (Expectation)(i % 2), Version = HybridTimestamp.Zero };
            Assert.Equal(_machine.Apply(command, 1000 + (i / 50)), other.Apply(command, 1000 + (i / 50)));
            if (i % 3 == 0)
            {
                await CommitAsync();
            }

            if (i % 5 == 0)
            {
                await CommitAsync(other, otherStore);
            }
        }

        Assert.Equal(_machine.Clock, other.Clock);
    }

    [Fact]
    public void What_no_member_could_store_is_refused_by_all()
    {
        Assert.Equal(RefusalReason.NotAllowed, _machine.Apply(new RecordCommand(RecordKey.Derive("other", 1, [1]), Payload.Copy([1])), 1).Reason);
        Assert.Equal(RefusalReason.NotAllowed, _machine.Apply(Put("a", 1) with { Key = Key("b") }, 1).Reason);
        Assert.Equal(RefusalReason.Undecodable, _machine.Apply(new RecordCommand(Key("a"), Payload.Copy([0xff])), 1).Reason);
        Assert.Equal(RefusalReason.ValueTooLarge, _machine.Apply(new RecordCommand(Key("a"), Payload.Copy(new byte[1025])), 1).Reason);
        Assert.Equal(0, _machine.Count);
    }

    [Fact]
    public void Clocks_rise_along_the_log_even_when_a_leaders_stamp_does_not()
    {
        var clocks = new[] { 1000L, 1000, 900, 1001, 1001 }.Select(stamp => _machine.Apply(Put("a", stamp), stamp).Clock).ToArray();
        Assert.Equal(clocks.Order().Distinct(), clocks);
    }

    private static RecordKey Key(string name) => RecordKey.Derive("ledger", 1, ModelCodec.EncodePrimaryKey(new Ledger.Account { Name = name }).Span);

    private static RecordCommand Put(string name, long balance) =>
        new(Key(name), ModelCodec.Encode(new Ledger.Account { Name = name, Balance = balance, Owner = "x" }));

    private async Task<IRecordStore> OpenAsync() => await new MemoryBackend(1 << 24).OpenAsync(
        null, _catalog.Layout, new StoreLimits(1024, 16, 16, TimeSpan.FromSeconds(1)), CancellationToken.None);

    private Task CommitAsync() => CommitAsync(_machine, _store);

    private static async Task CommitAsync(RecordMachine machine, IRecordStore store)
    {
        var outcomes = await store.CommitAsync([new StoreBatch(machine.Take(), [])], 0, CancellationToken.None);
        Assert.All(outcomes, outcome => Assert.IsType<BatchOutcome.Written>(outcome));
    }

    private HybridTimestamp? ClockOf(string name)
    {
        HybridTimestamp[] found = [default];
        return _store.TryRead(0, ModelCodec.EncodePrimaryKey(new Ledger.Account { Name = name }).Span, 0, found, static (HybridTimestamp[] into, in StoreRow row) =>
        {
            into[0] = row.Metadata.Clock;
            return true;
        }) ? found[0] : null;
    }
}
