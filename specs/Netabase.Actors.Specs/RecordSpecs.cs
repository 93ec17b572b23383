using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Netabase.Persistence;

namespace Netabase.Actors.Specs;

/// <summary>What a program sees of its local records.</summary>
public sealed class RecordSpecs : NodeSpec
{
    private readonly GatedBackend _backend = new();

    [Fact]
    public async Task A_record_that_was_put_is_got_with_its_metadata()
    {
        var node = await StartAsync(_backend);

        var stored = Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(7, "ada", "hello")));
        var found = Assert.IsType<GetResult<Notes.Note>.Found>(await node.GetRecordAsync(new Notes.Note.Key(7)));

        Assert.Equal(Note(7, "ada", "hello"), found.Record);
        Assert.Equal(stored.Metadata, found.Metadata);
        Assert.Equal(RecordSource.Local, found.Source);
        Assert.True(stored.Metadata.Clock > HybridTimestamp.Zero);
    }

    [Fact]
    public async Task A_record_that_was_never_put_is_not_found_at_nobody() =>
        Assert.Equal(0, Assert.IsType<GetResult<Notes.Note>.NotFound>(await (await StartAsync(_backend)).GetRecordAsync(new Notes.Note.Key(1))).PeersAsked);

    [Fact]
    public async Task A_second_put_replaces_the_first_and_its_clock_is_later()
    {
        var node = await StartAsync(_backend);
        var first = Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(1, "ada")));
        var second = Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(1, "bob")));

        Assert.True(second.Metadata.Clock > first.Metadata.Clock);
        Assert.Equal("bob", (await node.GetRecordAsync(new Notes.Note.Key(1))).Value!.Author);
        Assert.Equal(1, await node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
    }

    [Fact]
    public async Task Removing_says_whether_it_was_there_and_succeeds_either_way()
    {
        var node = await StartAsync(_backend);
        await node.PutRecordLocallyAsync(Note(1));

        Assert.True(Assert.IsType<RemoveResult.Removed>(await node.RemoveRecordAsync(new Notes.Note.Key(1))).Existed);
        Assert.False(Assert.IsType<RemoveResult.Removed>(await node.RemoveRecordAsync(new Notes.Note.Key(1))).Existed);
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
    }

    [Fact]
    public async Task Records_are_put_got_and_removed_in_bulk()
    {
        var notes = (await StartAsync(_backend)).Records<Notes.Note>();

        Assert.IsType<PutResult.Stored>(await notes.PutManyAsync([Note(1), Note(2), Note(3)]));
        Assert.Equal(
            [3, null, 1],
            (await notes.GetManyAsync([new Notes.Note.Key(3), new Notes.Note.Key(9), new Notes.Note.Key(1)])).Select(note => note?.Id));
        Assert.True(Assert.IsType<RemoveResult.Removed>(await notes.RemoveManyAsync([new Notes.Note.Key(1), new Notes.Note.Key(9)])).Existed);
        Assert.Equal([Note(2), Note(3)], (await notes.QueryAsync(ModelQuery<Notes.Note>.All)).ToArray());
        Assert.True(Assert.IsType<RemoveResult.Removed>(await notes.ClearAsync()).Existed);
        Assert.Equal(0, await notes.CountAsync(ModelQuery<Notes.Note>.All));
    }

    [Fact]
    public async Task Records_are_found_by_secondary_key_paged_and_counted()
    {
        var notes = (await StartAsync(_backend)).Records<Notes.Note>();
        await notes.PutManyAsync([.. Enumerable.Range(0, 10).Select(id => Note(id, id % 2 == 0 ? "even" : "odd"))]);
        var even = Notes.Note.Indexes.Author.EqualTo("even");

        Assert.Equal([0, 2, 4, 6, 8], (await notes.QueryAsync(even)).Select(note => note.Id));
        Assert.Equal([4, 6], (await notes.QueryAsync(even.Skip(2).Take(2))).Select(note => note.Id));
        Assert.Equal([8, 6], (await notes.QueryAsync(even.Descending().Take(2))).Select(note => note.Id));
        Assert.Equal(5, await notes.CountAsync(even));
        Assert.Empty(await notes.QueryAsync(even.Take(0)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task A_walk_crosses_pages_without_a_gap_or_a_repeat(int pageSize)
    {
        var notes = (await StartAsync(_backend, $"netabase.stores.page-size = {pageSize}")).Records<Notes.Note>();
        await notes.PutManyAsync([.. Enumerable.Range(0, 20).Select(id => Note(id, id % 3 == 0 ? "a" : "b"))]);

        var seen = new List<int>();
        await foreach (var note in notes.IterateAsync(Notes.Note.Indexes.Author.All.Skip(2).Take(15)))
        {
            seen.Add(note.Id);
        }

        Assert.Equal([.. Enumerable.Range(0, 20).OrderBy(id => id % 3 == 0 ? 0 : 1).ThenBy(id => id).Skip(2).Take(15)], seen);
    }

    [Fact]
    public async Task The_first_records_of_all_models_come_by_definition_tag_and_key()
    {
        var node = await StartAsync(_backend);
        await node.PutRecordLocallyAsync(new Shop.Item { Sku = "a" });
        await node.PutRecordLocallyAsync(new Notes.Page { Title = "p" });
        await node.PutRecordLocallyAsync(Note(2));
        await node.PutRecordLocallyAsync(Note(1));

        Assert.Equal(
            [Note(1), Note(2), new Notes.Page { Title = "p" }, new Shop.Item { Sku = "a" }],
            (await node.QueryLocalRecordsAsync(10)).Records.ToArray());
        Assert.Equal([Note(1), Note(2), new Notes.Page { Title = "p" }], (await node.QueryLocalRecordsAsync(3)).Records.ToArray());
    }

    [Fact]
    public async Task Rows_that_are_no_value_of_their_model_are_passed_over_and_counted()
    {
        var node = await StartAsync(_backend);
        await node.PutRecordLocallyAsync(Note(1));
        await node.PutRecordLocallyAsync(Note(3));
        await _backend.Inner.CommitAsync(
            [new StoreBatch([new StoreWrite.Put(0, ModelCodec.Encode(new Notes.Note.Key(2)), Payload.Copy([0xFF, 0xFF]), new RecordMetadata(new(1)), [ModelCodec.Encode(new Notes.Note.Key(2))])], [])],
            0,
            CancellationToken.None);

        var all = await node.QueryLocalRecordsAsync(2);
        Assert.Equal([Note(1), Note(3)], all.Records.ToArray());
        Assert.Equal(1, all.Undecodable);
        Assert.Equal([Note(1), Note(3)], (await node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All.Take(2))).ToArray());
        Assert.Equal(RefusalReason.Undecodable, Assert.IsType<GetResult<Notes.Note>.Refused>(await node.GetRecordAsync(new Notes.Note.Key(2))).Reason);
        var thrown = await Assert.ThrowsAsync<NetabaseException>(async () => await node.Records<Notes.Note>().GetAsync(new Notes.Note.Key(2)));
        Assert.Equal(RefusalReason.Undecodable, thrown.Reason);
    }

    [Fact]
    public async Task A_record_is_gone_from_the_moment_it_expires_and_swept_out_with_an_event()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        var node = await StartAsync(_backend, "netabase.stores.sweep-interval = 100ms", time);
        await using var events = node.SubscribeToBroadcasts();
        await node.PutRecordLocallyAsync(Note(1), TimeSpan.FromMinutes(1));
        await node.PutRecordLocallyAsync(Note(2));

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.NotNull((await node.GetRecordAsync(new Notes.Note.Key(2))).Value);
        var swept = Assert.IsType<StoreEvent.RecordsExpired>((await ReadAsync(events, 3))[2]);
        Assert.Equal(("notes", (ushort)1, 1), (swept.Definition, swept.Tag, swept.Records));
    }

    [Fact]
    public async Task A_record_over_the_limit_is_refused_with_the_reason()
    {
        var node = await StartAsync(_backend, "netabase.stores.value-size-max = 128");

        var refused = Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(1, text: new string('x', 200))));
        Assert.Equal(RefusalReason.ValueTooLarge, refused.Reason);
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
    }

    [Fact]
    public async Task Ten_operations_at_once_all_succeed()
    {
        var node = await StartAsync(_backend);

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()));

        Assert.All(results, result => Assert.IsType<PutResult.Stored>(result));
        Assert.Equal(10, results.Cast<PutResult.Stored>().Select(stored => stored.Metadata.Clock).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 10), (await node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id));
    }

    [Fact]
    public async Task Misuse_is_an_exception_that_says_what_was_wrong()
    {
        var node = await StartAsync(_backend);

        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.PutRecordLocallyAsync<Notes.Note>(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await node.GetRecordAsync<Notes.Note>(null!));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.PutRecordLocallyAsync(Note(1), TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.QueryLocalRecordsAsync(0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await node.Records<Notes.Note>().PutManyAsync([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => node.SubscribeToBroadcasts(0));
        Assert.Contains("Stray", Assert.Throws<ArgumentException>(() => node.Records<Strays.Stray>()).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync(Sys));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await node.PutRecordLocallyAsync(Note(1), cancellation: new CancellationToken(true)));
        var ungoverned = Assert.IsType<ConsensusResult.Refused>(await node.PutRecordConsensusAsync(Note(1)));
        Assert.Equal(RefusalReason.NotAllowed, ungoverned.Reason);
        Assert.Contains("netabase.paxos.groups", ungoverned.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_definitions_of_one_name_do_not_go_together() => Assert.Throws<ArgumentException>(() =>
        new Node.NetabaseNode(new(Settings.NetabaseSettings.Create(Akka.Configuration.Config.Empty), ImmutableArray.Create(Notes.Definition, Notes.Definition), _backend)));

    [Fact]
    public async Task Before_the_start_and_after_the_stop_everything_says_that_the_node_is_not_running()
    {
        var node = Create(_backend);
        Assert.Equal(0, _backend.Opened);
        await SaysNotRunning(node);

        await node.StartAsync(Sys);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(1)));
        await node.StopAsync();
        await node.StopAsync();
        await SaysNotRunning(node);

        await node.StartAsync(Sys);
        Assert.Equal(Note(1), (await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
    }

    [Fact]
    public async Task A_record_with_an_empty_key_is_its_callers_mistake_and_nobody_elses()
    {
        var node = await StartAsync(_backend);
        var nameless = new Shop.Item { Sku = string.Empty };

        await Assert.ThrowsAsync<ArgumentException>(async () => await node.PutRecordLocallyAsync(nameless));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.Records<Shop.Item>().PutManyAsync([nameless]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.RemoveRecordAsync(new Shop.Item.Key(string.Empty)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await node.Records<Shop.Item>().RemoveManyAsync([new Shop.Item.Key(string.Empty)]));
        await using var transaction = await node.BeginTransactionAsync();
        Assert.Throws<ArgumentException>(() => transaction.Put(nameless));
        Assert.Throws<ArgumentException>(() => transaction.Remove(new Shop.Item.Key(string.Empty)));
        Assert.Null(await node.Records<Shop.Item>().GetAsync(new Shop.Item.Key(string.Empty)));
    }

    private static async Task SaysNotRunning(Node.NetabaseNode node)
    {
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<PutResult.Refused>(await node.PutRecordLocallyAsync(Note(1))).Reason);
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<GetResult<Notes.Note>.Refused>(await node.GetRecordAsync(new Notes.Note.Key(1))).Reason);
        Assert.Equal(RefusalReason.NotRunning, Assert.IsType<RemoveResult.Refused>(await node.RemoveRecordAsync(new Notes.Note.Key(1))).Reason);
        Assert.Equal(RefusalReason.NotRunning, (await Assert.ThrowsAsync<NetabaseException>(async () => await node.BeginTransactionAsync())).Reason);
        Assert.Equal(RefusalReason.NotRunning, (await Assert.ThrowsAsync<NetabaseException>(async () => await node.QueryLocalRecordsAsync(1))).Reason);
    }
}

/// <summary>A definition that no node here has.</summary>
[NetabaseDefinition("strays")]
public static partial class Strays
{
    [NetabaseModel(1)]
    public sealed partial record Stray
    {
        [PrimaryKey(1)]
        public required int Id { get; init; }
    }
}
