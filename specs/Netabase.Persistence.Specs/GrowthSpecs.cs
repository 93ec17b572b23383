using System.Text;
using Netabase.Persistence.Specs.Contract;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>What happens to the records of a model that has changed.</summary>
public sealed class GrowthSpecs : IDisposable
{
    private static readonly FieldSchema Id = new(1, "Id", FieldRole.PrimaryKey, "bytes");
    private static readonly FieldSchema Author = new(2, "Author", FieldRole.SecondaryKey, "string");
    private static readonly FieldSchema Text = new(4, "Text", FieldRole.Field, "string");

    private readonly TempFolder _temp = new();

    public static TheoryData<string> Persistent => Backends.Persistent;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task Records_indexes_and_marks_are_there_again_after_closing_and_opening(string backend)
    {
        await using (var open = await Backends.OpenAsync(backend, _temp["data"]))
        {
            await open.Store.WriteAsync(PutMessage("a", "ada", "paris", expiresAt: 900), PutMessage("b", "bob"), new StoreWrite.SetMark("m", Bytes("1")));
            Assert.True(open.Folder.HasStore);
        }

        await using var again = await Backends.OpenAsync(backend, _temp["data"]);
        Assert.Equal("hello", Sample.Text(again.Store.Get(Message, "a")!.Value.Span));
        Assert.Equal(["a"], again.Store.Keys(new StoreQuery(Message, ByCity, Exactly("paris"))));
        Assert.Equal(2, again.Store.Count(new StoreQuery(Message, ByAuthor, KeyRange.All)));
        Assert.Equal([1], await again.Store.WriteAsync(PutMessage("a", "eve")));
        using var snapshot = again.Store.OpenSnapshot(0);
        Assert.Equal(Bytes("1"), snapshot.ReadMark("m"));
    }

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task A_secondary_key_that_a_model_gets_later_finds_the_records_that_were_there(string backend)
    {
        const int Records = 2500;
        await using (var open = await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([Schema("M", 1, Id, Author, Text)])))
        {
            await open.Store.WriteAsync([.. Enumerable.Range(0, Records).Select(i =>
                new StoreWrite.Put(0, Bytes($"k{i:D5}"), Bytes($"t{i % 10}"), At(1, expiresAt: i == 0 ? 100 : null), [Bytes("ada")]))]);
            await open.Store.WriteAsync(new StoreWrite.Bury(0, Bytes("k00001"), At(2)), new StoreWrite.Put(0, Bytes("broken"), Bytes("!"), At(1), [Bytes("ada")]));
        }

        var grown = Schema("M", 1, Id, Author, Text with { Role = FieldRole.SecondaryKey }, new(5, "More", FieldRole.Field, "int64"));
        await using (var open = await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([grown], ReadText)))
        {
            Assert.Equal(Records / 10, open.Store.Count(new StoreQuery(0, 4, Exactly("t3"))));
            Assert.Equal(Records - 1, open.Store.Count(new StoreQuery(0, 4, KeyRange.All)));
            Assert.Equal(Records - 2, open.Store.Count(new StoreQuery(0, 4, KeyRange.All), now: 100));
            Assert.Equal(Records, open.Store.Count(new StoreQuery(0, 2, Exactly("ada"))));
            Assert.NotNull(open.Store.Get(0, "broken"));
            await open.Store.WriteAsync(new StoreWrite.Put(0, Bytes("k00013"), Bytes("t4"), At(2), [Bytes("ada"), Bytes("t4")]));
            Assert.Equal((Records / 10) - 1, open.Store.Count(new StoreQuery(0, 4, Exactly("t3"))));
        }
    }

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task A_secondary_key_that_went_and_came_back_is_filled_anew(string backend)
    {
        var with = new StoreLayout([Schema("M", 1, Id, Author, Text with { Role = FieldRole.SecondaryKey })], ReadText);
        var without = new StoreLayout([Schema("M", 1, Id, Author, Text)]);
        await using (var open = await Backends.OpenAsync(backend, _temp["data"], with))
        {
            await open.Store.WriteAsync(new StoreWrite.Put(0, Bytes("a"), Bytes("t1"), At(1), [Bytes("x"), Bytes("t1")]), new StoreWrite.Put(0, Bytes("b"), Bytes("t1"), At(1), [Bytes("x"), Bytes("t1")]));
        }

        await using (var open = await Backends.OpenAsync(backend, _temp["data"], without))
        {
            await open.Store.WriteAsync(new StoreWrite.Put(0, Bytes("a"), Bytes("t2"), At(1), [Bytes("x")]), new StoreWrite.Remove(0, Bytes("b")));
        }

        await using var again = await Backends.OpenAsync(backend, _temp["data"], with);
        Assert.Equal(["a"], again.Store.Keys(new StoreQuery(0, 4, KeyRange.All)));
        Assert.Equal(["a"], again.Store.Keys(new StoreQuery(0, 4, Exactly("t2"))));
    }

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task Without_a_codec_a_new_secondary_key_over_records_is_refused_and_nothing_changes(string backend)
    {
        var before = new StoreLayout([Schema("M", 1, Id, Author, Text)]);
        await using (var open = await Backends.OpenAsync(backend, _temp["data"], before))
        {
            await open.Store.WriteAsync(new StoreWrite.Put(0, Bytes("a"), Bytes("t"), At(1), [Bytes("ada")]));
        }

        var grown = new StoreLayout([Schema("M", 1, Id, Author, Text with { Role = FieldRole.SecondaryKey })]);
        Assert.Equal(StoreError.Incompatible, (await Assert.ThrowsAsync<StoreException>(() => Backends.OpenAsync(backend, _temp["data"], grown))).Error);

        await using var again = await Backends.OpenAsync(backend, _temp["data"], before);
        Assert.Equal(["a"], again.Store.Keys(new StoreQuery(0, 2, Exactly("ada"))));
    }

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task Models_that_are_not_asked_for_keep_their_records(string backend)
    {
        await using (var open = await Backends.OpenAsync(backend, _temp["data"]))
        {
            await open.Store.WriteAsync(PutMessage("a", "ada"), PutCounter("n", 1));
        }

        await using (var open = await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([CounterSchema])))
        {
            Assert.Equal(1, open.Store.Count(new StoreQuery(0, null, KeyRange.All)));
        }

        await using var again = await Backends.OpenAsync(backend, _temp["data"]);
        Assert.Equal(["a"], again.Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
    }

    [Theory]
    [InlineData("sqlite", "the primary key's type")]
    [InlineData("sqlite", "a field's type")]
    [InlineData("sqlite", "no longer optional")]
    [InlineData("rocksdb", "the primary key's type")]
    [InlineData("rocksdb", "a field's type")]
    [InlineData("rocksdb", "no longer optional")]
    public async Task A_change_that_old_records_cannot_bear_is_refused_by_name(string backend, string change)
    {
        var note = new FieldSchema(5, "Note", FieldRole.Field, "optional<string>");
        await (await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([Schema("M", 1, Id, Author, Text, note)]))).DisposeAsync();
        var changed = change switch
        {
            "the primary key's type" => Schema("M", 1, Id with { Type = "int64" }, Author, Text, note),
            "a field's type" => Schema("M", 1, Id, Author, Text with { Type = "int64" }, note),
            _ => Schema("M", 1, Id, Author, Text, note with { Type = "string" }),
        };

        var refused = await Assert.ThrowsAsync<StoreException>(() => Backends.OpenAsync(backend, _temp["data"], new StoreLayout([changed])));

        Assert.Equal(StoreError.Incompatible, refused.Error);
        Assert.Contains("sample/1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task Fields_may_come_go_and_become_optional(string backend)
    {
        await (await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([Schema("M", 1, Id, Author, Text)]))).DisposeAsync();
        var changed = Schema("Renamed", 1, Id, Author with { Type = "optional<string>" }, new(9, "New", FieldRole.Field, "list<int64>"));
        await using var open = await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([changed]));
        Assert.Equal(0, open.Store.Count(new StoreQuery(0, 2, KeyRange.All)));
    }

    private static bool ReadText(int model, int index, ReadOnlySpan<byte> value, ref KeyWriter key)
    {
        if (Encoding.UTF8.GetString(value) == "!")
        {
            throw new RecordFormatException("no value of this model");
        }

        value.CopyTo(key.Claim(value.Length));
        return true;
    }
}
