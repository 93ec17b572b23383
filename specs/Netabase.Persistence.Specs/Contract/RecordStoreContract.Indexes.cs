using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>Records by secondary key.</summary>
public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task Records_of_one_secondary_key_come_in_primary_key_order()
    {
        await Store.WriteAsync(PutMessage("c", "ada"), PutMessage("a", "bob"), PutMessage("b", "ada"), PutMessage("d", "ad"), PutMessage("e", "adam"));

        Assert.Equal(["b", "c"], Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
        Assert.Equal(["c", "b"], Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("ada"), IsDescending: true)));
        Assert.Equal(2, Store.Count(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
    }

    [Fact]
    public async Task A_prefix_finds_what_begins_with_it()
    {
        await Store.WriteAsync(PutMessage("1", "ad"), PutMessage("2", "ada"), PutMessage("3", "adam"), PutMessage("4", "ae"), PutMessage("5", "ada\0"));

        var query = new StoreQuery(Message, ByAuthor, KeyRange.StartingWith(Bytes("ada")));

        Assert.Equal(["2", "5", "3"], Store.Keys(query));
        Assert.Equal(["3", "5", "2"], Store.Keys(query with { IsDescending = true }));
        Assert.Equal(3, Store.Count(query));
    }

    [Fact]
    public async Task A_row_says_by_which_key_it_was_found()
    {
        await Store.WriteAsync(PutMessage("a", "ada", "paris"));

        Assert.Equal(Bytes("ada"), Store.All(new StoreQuery(Message, ByAuthor, KeyRange.All)).Single().IndexKey);
        Assert.Equal(Bytes("paris"), Store.All(new StoreQuery(Message, ByCity, KeyRange.All)).Single().IndexKey);
        Assert.True(Store.All(new StoreQuery(Message, null, KeyRange.All)).Single().IndexKey.IsEmpty);
    }

    [Fact]
    public async Task A_null_is_in_no_index()
    {
        await Store.WriteAsync(PutMessage("a", "ada"), PutMessage("b", "ada", "paris"), PutMessage("c", "ada", ""));

        Assert.Equal(["c", "b"], Store.Keys(new StoreQuery(Message, ByCity, KeyRange.All)));
        Assert.Equal(2, Store.Count(new StoreQuery(Message, ByCity, KeyRange.All)));
        await Store.WriteAsync(PutMessage("b", "ada"));
        Assert.Equal(["c"], Store.Keys(new StoreQuery(Message, ByCity, KeyRange.All)));
    }

    [Fact]
    public async Task A_put_over_a_record_moves_it_in_the_indexes()
    {
        await Store.WriteAsync(PutMessage("a", "ada", "paris"));
        await Store.WriteAsync(PutMessage("a", "bob", "paris"));

        Assert.Empty(Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("bob"))));
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, ByCity, Exactly("paris"))));
    }

    [Fact]
    public async Task Removing_and_burying_take_a_record_out_of_every_index()
    {
        await Store.WriteAsync(PutMessage("a", "ada", "paris"), PutMessage("b", "ada", "paris"));
        await Store.WriteAsync(new StoreWrite.Remove(Message, Bytes("a")), new StoreWrite.Bury(Message, Bytes("b"), At(2, expiresAt: 100)));

        foreach (var index in new[] { ByAuthor, ByCity })
        {
            Assert.Empty(Store.Keys(new StoreQuery(Message, index, KeyRange.All)));
            Assert.Equal(0, Store.Count(new StoreQuery(Message, index, KeyRange.All)));
        }
    }

    [Fact]
    public async Task Index_keys_of_every_length_and_byte_keep_their_order()
    {
        Payload[] keys =
        [
            new(Array.Empty<byte>()), new(new byte[] { 0 }), new(new byte[] { 0, 0 }), new(new byte[] { 0, 1 }), new(new byte[] { 0, 255 }), new(new byte[] { 1 }),
            new(new byte[] { 1, 0 }), new(new byte[] { 254, 255 }), new(new byte[] { 255 }), new(new byte[] { 255, 0 }), new(new byte[] { 255, 255 }),
        ];
        await Store.WriteAsync([.. keys.SelectMany((key, i) => new[]
        {
            new StoreWrite.Put(Message, Bytes($"b{i}"), Payload.Empty, At(1), [key, null]),
            new StoreWrite.Put(Message, Bytes($"a{i}"), Payload.Empty, At(1), [key, null]),
        })]);

        var rows = Store.All(new StoreQuery(Message, ByAuthor, KeyRange.All));

        Assert.Equal(keys.SelectMany(key => new[] { key, key }), rows.Select(row => row.IndexKey));
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal([$"a{i}", $"b{i}"], Store.Keys(new StoreQuery(Message, ByAuthor, KeyRange.Exactly(keys[i]))));
            Assert.Equal(2 * (keys.Length - i), Store.Count(new StoreQuery(Message, ByAuthor, new KeyRange(keys[i], true, null, false))));
            Assert.Equal(2 * i, Store.Count(new StoreQuery(Message, ByAuthor, new KeyRange(null, false, keys[i], false))));
        }
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData(ByAuthor, false)]
    [InlineData(ByAuthor, true)]
    public async Task Pages_that_go_on_from_the_last_row_make_up_the_whole_walk(int? index, bool isDescending)
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 50).Select(i => PutMessage($"k{i:D2}", $"author{i % 3}"))]);
        foreach (var range in new[]
        {
            KeyRange.All, index is null ? KeyRange.StartingWith(Bytes("k1")) : Exactly("author1"),
            index is null ? new KeyRange(Bytes("k07"), false, Bytes("k31"), true) : new KeyRange(Bytes("author0"), false, Bytes("author2"), true),
        })
        {
            var query = new StoreQuery(Message, index, range, IsDescending: isDescending);
            var whole = Store.Keys(query);
            var paged = new List<string>();
            StoreCursor? after = null;
            while (Store.All(query with { Limit = 7, After = after }) is { Count: > 0 } page)
            {
                Assert.Equal(whole.Count - paged.Count, Store.Count(query with { After = after }));
                paged.AddRange(page.Select(row => Text(row.Key.Span)));
                after = new StoreCursor(page[^1].IndexKey, page[^1].Key);
            }

            Assert.Equal(whole, paged);
        }
    }

    [Fact]
    public async Task A_cursor_outside_the_range_leaves_all_of_it_or_nothing()
    {
        await Store.WriteAsync([.. "abcde".Select(c => PutMessage($"{c}", $"{c}"))]);
        foreach (var index in new int?[] { null, ByAuthor })
        {
            var query = new StoreQuery(Message, index, new KeyRange(Bytes("b"), true, Bytes("d"), true));
            StoreCursor before = new(Bytes("a"), Bytes("a")), behind = new(Bytes("e"), Bytes("e"));

            Assert.Equal(["b", "c", "d"], Store.Keys(query with { After = before }));
            Assert.Empty(Store.Keys(query with { After = behind }));
            Assert.Equal(["d", "c", "b"], Store.Keys(query with { After = behind, IsDescending = true }));
            Assert.Empty(Store.Keys(query with { After = before, IsDescending = true }));
            var one = query with { Range = Exactly("c") };
            Assert.Equal(["c"], Store.Keys(one with { After = before }));
            Assert.Empty(Store.Keys(one with { After = behind }));
            Assert.Empty(Store.Keys(one with { After = new StoreCursor(Bytes("c"), Bytes("c")) }));
            Assert.Empty(Store.Keys(one with { After = before, IsDescending = true }));
        }
    }

    [Fact]
    public void A_query_that_cannot_be_is_misuse()
    {
        using var snapshot = Store.OpenSnapshot(0);
        Assert.ThrowsAny<ArgumentException>(() => snapshot.All(new StoreQuery(Message, 99, KeyRange.All)));
        Assert.ThrowsAny<ArgumentException>(() => snapshot.All(new StoreQuery(7, null, KeyRange.All)));
        Assert.ThrowsAny<ArgumentException>(() => snapshot.All(new StoreQuery(Message, null, KeyRange.All, Limit: -1)));
        Assert.ThrowsAny<ArgumentException>(() => snapshot.All(new StoreQuery(Message, null, KeyRange.All, Offset: -1)));
        Assert.ThrowsAny<ArgumentException>(() => snapshot.All(new StoreQuery(Message, ByAuthor, KeyRange.All, WithTombstones: true)));
    }
}
