using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>What every store keeps: one suite, a subclass an adapter. This part: records by primary key.</summary>
public abstract partial class RecordStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private protected IRecordStore Store { get; private set; } = null!;

    public async Task InitializeAsync() => Store = await OpenAsync(Layout, Limits);

    public virtual async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>Opens an empty store of the adapter under test.</summary>
    protected abstract Task<IRecordStore> OpenAsync(StoreLayout layout, StoreLimits limits);

    [Fact]
    public async Task What_was_put_is_got_byte_for_byte()
    {
        var put = PutMessage("a", "ada", "paris", "bytes of any kind \0 here", metadata: At(7, publisher: 9, expiresAt: 5000, signature: "signed"));
        await Store.WriteAsync(put);

        var seen = Store.Get(Message, "a");

        Assert.NotNull(seen);
        Assert.Equal(put.Value, seen.Value);
        Assert.Equal(put.Key, seen.Key);
        Assert.Equal(put.Metadata, seen.Metadata);
        Assert.Equal(RowState.Live, seen.State);
    }

    [Fact]
    public async Task A_clock_of_all_ones_and_an_empty_value_survive()
    {
        var put = new StoreWrite.Put(Counter, Bytes("max"), Payload.Empty, new RecordMetadata(new HybridTimestamp(ulong.MaxValue)), []);
        await Store.WriteAsync(put);

        var seen = Store.Get(Counter, "max")!;

        Assert.Equal(put.Metadata, seen.Metadata);
        Assert.True(seen.Value.IsEmpty);
    }

    [Fact]
    public async Task A_put_over_a_record_replaces_it_and_says_so()
    {
        Assert.Equal([0], await Store.WriteAsync(PutMessage("a", "ada", text: "one")));
        Assert.Equal([1], await Store.WriteAsync(PutMessage("a", "bob", text: "two")));

        Assert.Equal("two", Text(Store.Get(Message, "a")!.Value.Span));
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, null, KeyRange.All)));
    }

    [Fact]
    public async Task Removing_says_how_much_was_there_and_nothing_there_is_no_error()
    {
        await Store.WriteAsync(PutMessage("a", "ada"));

        Assert.Equal([1, 0], await Store.WriteAsync(new StoreWrite.Remove(Message, Bytes("a")), new StoreWrite.Remove(Message, Bytes("never"))));
        Assert.Null(Store.Get(Message, "a"));
    }

    [Fact]
    public async Task The_last_write_of_a_key_in_a_batch_wins()
    {
        var counts = await Store.WriteAsync(
            PutMessage("a", "ada", text: "one"), PutMessage("a", "bob", text: "two"), new StoreWrite.Remove(Message, Bytes("a")), PutMessage("a", "eve", text: "three"));

        Assert.Equal([0, 1, 1, 0], counts);
        Assert.Equal("three", Text(Store.Get(Message, "a")!.Value.Span));
        Assert.Equal(["eve"], Store.All(new StoreQuery(Message, ByAuthor, KeyRange.All)).Select(row => Text(row.IndexKey.Span)));
    }

    [Fact]
    public async Task Records_are_walked_in_key_order_whatever_the_order_of_writing()
    {
        await Store.WriteAsync(PutMessage("b", "x"), PutMessage("aa", "x"), PutMessage("c", "x"), PutMessage("a", "x"), PutMessage("a\0", "x"));

        Assert.Equal(["a", "a\0", "aa", "b", "c"], Store.Keys(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal(["c", "b", "aa", "a\0", "a"], Store.Keys(new StoreQuery(Message, null, KeyRange.All, IsDescending: true)));
    }

    [Fact]
    public async Task Key_bytes_compare_unsigned()
    {
        Payload low = new(new byte[] { 0x7f }), high = new(new byte[] { 0x80 }), highest = new(new byte[] { 0xff });
        await Store.WriteAsync(
            new StoreWrite.Put(Counter, highest, Payload.Empty, At(1), []), new StoreWrite.Put(Counter, low, Payload.Empty, At(1), []),
            new StoreWrite.Put(Counter, high, Payload.Empty, At(1), []));

        Assert.Equal([low, high, highest], Store.All(new StoreQuery(Counter, null, KeyRange.All)).Select(row => row.Key));
    }

    [Theory]
    [InlineData(null, false, null, false, "a b c d")]
    [InlineData("b", true, null, false, "b c d")]
    [InlineData("b", false, null, false, "c d")]
    [InlineData(null, false, "c", true, "a b c")]
    [InlineData(null, false, "c", false, "a b")]
    [InlineData("b", true, "c", true, "b c")]
    [InlineData("b", false, "c", false, "")]
    [InlineData("d", true, "a", true, "")]
    [InlineData("b", true, "b", true, "b")]
    public async Task Ranges_are_open_or_closed_at_either_end(string? lower, bool lowerIncluded, string? upper, bool upperIncluded, string expected)
    {
        foreach (var id in new[] { "a", "b", "c", "d" })
        {
            await Store.WriteAsync(PutMessage(id, id, id));
        }

        var range = new KeyRange(lower is null ? null : Bytes(lower), lowerIncluded, upper is null ? null : Bytes(upper), upperIncluded);
        var keys = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var index in new int?[] { null, ByAuthor, ByCity })
        {
            Assert.Equal(keys, Store.Keys(new StoreQuery(Message, index, range)));
            Assert.Equal(keys.Reverse(), Store.Keys(new StoreQuery(Message, index, range, IsDescending: true)));
            Assert.Equal(keys.Length, Store.Count(new StoreQuery(Message, index, range)));
        }
    }

    [Fact]
    public async Task Limit_and_offset_page_through_a_walk_and_a_count()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 10).Select(i => PutMessage($"k{i}", "ada"))]);
        var all = new StoreQuery(Message, null, KeyRange.All);

        Assert.Equal(["k0", "k1", "k2"], Store.Keys(all with { Limit = 3 }));
        Assert.Equal(["k3", "k4", "k5"], Store.Keys(all with { Limit = 3, Offset = 3 }));
        Assert.Equal(["k9"], Store.Keys(all with { Limit = 3, Offset = 9 }));
        Assert.Empty(Store.Keys(all with { Limit = 3, Offset = 10 }));
        Assert.Empty(Store.Keys(all with { Limit = 0 }));
        Assert.Equal(["k8", "k9"], Store.Keys(all with { Offset = 8 }));
        Assert.Equal(["k6", "k5"], Store.Keys(all with { Limit = 2, Offset = 3, IsDescending = true }));
        Assert.Equal(3, Store.Count(all with { Limit = 3, Offset = 3 }));
        Assert.Equal(1, Store.Count(all with { Limit = 3, Offset = 9 }));
        Assert.Equal(0, Store.Count(all with { Limit = 0 }));
        Assert.Equal(10, Store.Count(all));
    }

    [Fact]
    public async Task A_visitor_ends_a_walk_and_may_read_the_snapshot_again()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 5).Select(i => PutMessage($"k{i}", "ada"))]);
        using var snapshot = Store.OpenSnapshot(0);
        var query = new StoreQuery(Message, null, KeyRange.All);
        var seen = new List<string>();

        var visited = snapshot.Scan(query, (snapshot, seen), static ((IStoreSnapshot Snapshot, List<string> Seen) state, in StoreRow row) =>
        {
            state.Seen.Add(Text(row.Key));
            Assert.Equal(5, state.Snapshot.All(new StoreQuery(Message, null, KeyRange.All)).Count);
            Assert.NotNull(state.Snapshot.Get(Message, Payload.Copy(row.Key)));
            return state.Seen.Count < 2;
        });

        Assert.Equal(2, visited);
        Assert.Equal(["k0", "k1"], seen);
    }

    [Fact]
    public async Task Clearing_a_model_empties_it_with_its_indexes_and_leaves_the_others()
    {
        await Store.WriteAsync(PutMessage("a", "ada", "paris"), PutMessage("b", "bob"), PutCounter("n", 1));

        Assert.Equal([2], await Store.WriteAsync(new StoreWrite.Clear(Message)));

        Assert.Empty(Store.Keys(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Empty(Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.All)));
        Assert.Equal(0, Store.Count(new StoreQuery(Message, ByCity, KeyRange.All)));
        Assert.NotNull(Store.Get(Counter, "n"));
        await Store.WriteAsync(PutMessage("a", "eve"));
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("eve"))));
    }

    [Fact]
    public async Task Many_records_in_one_batch_are_all_there()
    {
        const int Records = 3000;
        var counts = await Store.WriteAsync([.. Enumerable.Range(0, Records).Select(i => PutMessage($"k{i:D5}", $"author{i % 10}"))]);

        Assert.Equal(Records, counts.Count);
        Assert.Equal(Records, Store.Count(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal(Records / 10, Store.Count(new StoreQuery(Message, ByAuthor, Exactly("author3"))));
    }
}
