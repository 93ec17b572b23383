using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>Expiry, tombstones and sweeps.</summary>
public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task An_expired_record_is_hidden_from_reads_walks_and_counts()
    {
        await Store.WriteAsync(PutMessage("a", "ada", expiresAt: 100), PutMessage("b", "ada", expiresAt: 200), PutMessage("c", "ada"));

        Assert.NotNull(Store.Get(Message, "a", now: 99));
        Assert.Null(Store.Get(Message, "a", now: 100));
        foreach (var index in new int?[] { null, ByAuthor })
        {
            var query = new StoreQuery(Message, index, KeyRange.All);
            Assert.Equal(["a", "b", "c"], Store.Keys(query, now: 99));
            Assert.Equal(["b", "c"], Store.Keys(query, now: 100));
            Assert.Equal(["c"], Store.Keys(query, now: 200));
            Assert.Equal(2, Store.Count(query, now: 100));
            Assert.Equal(1, Store.Count(query with { Offset = 1 }, now: 100));
            Assert.Equal(["c"], Store.Keys(query with { Offset = 1, Limit = 1 }, now: 100));
        }
    }

    [Fact]
    public async Task A_put_over_an_expired_record_replaces_nothing_that_was_there()
    {
        await Store.WriteAsync(PutMessage("a", "ada", expiresAt: 100));

        var outcome = await Store.CommitAsync(Batch(PutMessage("a", "bob"), new StoreWrite.Remove(Message, Bytes("b"))), now: 100);

        Assert.Equal([0L, 0L], Assert.IsType<BatchOutcome.Written>(outcome).Writes.AsEnumerable());
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.All), now: 500));
    }

    [Fact]
    public async Task A_tombstone_is_seen_by_those_who_ask_for_it_only()
    {
        await Store.WriteAsync(PutMessage("a", "ada"), PutMessage("b", "ada"), PutMessage("c", "ada"));
        Assert.Equal([1], await Store.WriteAsync(new StoreWrite.Bury(Message, Bytes("b"), At(9, publisher: 3, expiresAt: 100, signature: "s"))));

        Assert.Null(Store.Get(Message, "b"));
        var all = new StoreQuery(Message, null, KeyRange.All);
        Assert.Equal(["a", "c"], Store.Keys(all));
        Assert.Equal(2, Store.Count(all));
        Assert.Equal(3, Store.Count(all with { WithTombstones = true }));
        var tombstone = Store.All(all with { WithTombstones = true })[1];
        Assert.Equal(RowState.Tombstone, tombstone.State);
        Assert.True(tombstone.Value.IsEmpty);
        Assert.Equal(At(9, publisher: 3, expiresAt: 100, signature: "s"), tombstone.Metadata);
        Assert.Equal(2, Store.All(all with { WithTombstones = true }, now: 100).Count);
        Assert.Equal(["b"], Store.Keys(all with { WithTombstones = true, Range = Exactly("b") }));
    }

    [Fact]
    public async Task Tombstones_can_be_put_where_nothing_was_replaced_and_removed()
    {
        Assert.Equal([0], await Store.WriteAsync(new StoreWrite.Bury(Message, Bytes("a"), At(1))));
        Assert.Equal([0], await Store.WriteAsync(PutMessage("a", "ada")));
        Assert.Equal([1], await Store.WriteAsync(new StoreWrite.Bury(Message, Bytes("a"), At(2))));
        Assert.Equal([0], await Store.WriteAsync(new StoreWrite.Remove(Message, Bytes("a"))));
        Assert.Empty(Store.Keys(new StoreQuery(Message, null, KeyRange.All, WithTombstones: true)));
    }

    [Fact]
    public async Task A_sweep_deletes_what_has_expired_up_to_its_limit_and_tells_records_from_tombstones()
    {
        await Store.WriteAsync(
            [.. Enumerable.Range(0, 10).Select(i => PutMessage($"k{i}", "ada", "paris", expiresAt: 100 + i)), PutMessage("stays", "ada", "paris")]);
        await Store.WriteAsync(new StoreWrite.Bury(Message, Bytes("k0"), At(2, expiresAt: 50)), new StoreWrite.Bury(Message, Bytes("forever"), At(2)));

        Assert.Equal(new SweepOutcome(0, 0, false), await Store.SweepAsync(Message, 49, 100, CancellationToken.None));
        Assert.Equal(new SweepOutcome(2, 1, true), await Store.SweepAsync(Message, 105, 3, CancellationToken.None));
        Assert.Equal(new SweepOutcome(3, 0, false), await Store.SweepAsync(Message, 105, 100, CancellationToken.None));
        Assert.Equal(new SweepOutcome(0, 0, false), await Store.SweepAsync(Message, 105, 100, CancellationToken.None));

        var all = new StoreQuery(Message, null, KeyRange.All, WithTombstones: true);
        Assert.Equal(["forever", "k6", "k7", "k8", "k9", "stays"], Store.Keys(all));
        Assert.Equal(["k6", "k7", "k8", "k9", "stays"], Store.Keys(new StoreQuery(Message, ByCity, KeyRange.All)));
        Assert.Equal(new SweepOutcome(4, 0, false), await Store.SweepAsync(Message, long.MaxValue, 100, CancellationToken.None));
        Assert.Equal(["stays"], Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.All)));
    }

    [Fact]
    public async Task An_expiry_that_was_put_off_is_the_one_that_counts()
    {
        await Store.WriteAsync(PutMessage("a", "ada", expiresAt: 100), PutMessage("b", "ada", expiresAt: 100));
        await Store.WriteAsync(PutMessage("a", "ada", expiresAt: 300), PutMessage("b", "ada"));

        Assert.Equal(new SweepOutcome(0, 0, false), await Store.SweepAsync(Message, 200, 100, CancellationToken.None));
        Assert.Equal(["a", "b"], Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.All), now: 200));
        Assert.Equal(["b"], Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.All), now: 300));
    }
}
