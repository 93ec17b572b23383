using Akka.Streams;
using Akka.Streams.Dsl;
using Netabase.Actors.Events;

namespace Netabase.Actors.Specs;

/// <summary>What a node's audience hears of its stores.</summary>
public sealed class EventSpecs : NodeSpec
{
    private readonly GatedBackend _backend = new();

    [Fact]
    public async Task Puts_removals_and_clears_are_told_in_their_order()
    {
        var node = await StartAsync(_backend);
        await using var events = node.SubscribeToBroadcasts();
        var stored = Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Note(1)));
        await node.PutRecordLocallyAsync(Note(1, "bob"));
        await node.RemoveRecordAsync(new Notes.Note.Key(1));
        await node.RemoveRecordAsync(new Notes.Note.Key(1));
        await node.PutRecordLocallyAsync(Note(2));
        await node.Records<Notes.Note>().ClearAsync();

        var key = RecordKey.Derive("notes", 1, ModelCodec.Encode(new Notes.Note.Key(1)).Span);
        var heard = await ReadAsync(events, 5);
        var first = Assert.IsType<StoreEvent.RecordStored>(heard[0]);
        Assert.Equal((key, stored.Metadata, false), (first.Key, first.Metadata, first.Replaced));
        Assert.True(Assert.IsType<StoreEvent.RecordStored>(heard[1]).Replaced);
        Assert.Equal(key, Assert.IsType<StoreEvent.RecordRemoved>(heard[2]).Key);
        Assert.IsType<StoreEvent.RecordStored>(heard[3]);
        Assert.Equal(1, Assert.IsType<StoreEvent.ModelCleared>(heard[4]).Records);
        Assert.All(heard, happened => Assert.True(happened.At > 0));
    }

    [Fact]
    public async Task A_subscriber_from_before_the_start_hears_every_run()
    {
        var node = Create(_backend);
        await using var events = node.SubscribeToBroadcasts();
        await node.StartAsync(Sys);
        await node.PutRecordLocallyAsync(Note(1));
        await node.StopAsync();
        await node.StartAsync(Sys);
        await node.PutRecordLocallyAsync(Note(2));

        var keys = (await ReadAsync(events, 2)).Cast<StoreEvent.RecordStored>().Select(stored => stored.Key);
        Assert.Equal([.. new[] { 1, 2 }.Select(id => RecordKey.Derive("notes", 1, ModelCodec.Encode(new Notes.Note.Key(id)).Span))], keys);
    }

    [Fact]
    public async Task An_event_is_not_told_before_its_fact_is_on_disk()
    {
        var node = await StartAsync(_backend);
        await using var events = node.SubscribeToBroadcasts();
        await using var reader = events.GetAsyncEnumerator(Soon());
        _backend.CloseGate();
        var put = node.PutRecordLocallyAsync(Note(1)).AsTask();
        await _backend.Arrived.WaitAsync(Soon());
        var next = reader.MoveNextAsync();
        Assert.False(next.IsCompleted);

        _backend.OpenGate();
        Assert.True(await next);
        Assert.NotNull((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
        await put;
    }

    [Fact]
    public async Task A_write_that_failed_is_not_told()
    {
        var node = await StartAsync(_backend);
        await using var events = node.SubscribeToBroadcasts();
        _backend.FailNextCommit(new Netabase.Persistence.StoreException(Netabase.Persistence.StoreError.Full, "full"));
        await node.PutRecordLocallyAsync(Note(1));
        await node.PutRecordLocallyAsync(Note(2));

        var only = Assert.IsType<StoreEvent.RecordStored>((await ReadAsync(events, 1))[0]);
        Assert.Equal(RecordKey.Derive("notes", 1, ModelCodec.Encode(new Notes.Note.Key(2)).Span), only.Key);
    }

    [Fact]
    public async Task A_subscriber_that_never_reads_slows_no_writer_and_learns_what_it_missed()
    {
        var node = await StartAsync(_backend);
        await using var never = node.SubscribeToBroadcasts(8);
        await using var reads = node.SubscribeToBroadcasts(1000);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask())).WaitAsync(Patience);

        Assert.Equal(500, (await ReadAsync(reads, 500)).OfType<StoreEvent.RecordStored>().Count());
        var late = await ReadAsync(never, 9);
        Assert.Equal(492, Assert.IsType<Lagged>(late[0]).Missed);
    }

    [Fact]
    public async Task All_subscribers_hear_the_same_in_the_same_order()
    {
        var node = await StartAsync(_backend);
        await using var one = node.SubscribeToBroadcasts();
        await using var other = node.SubscribeToBroadcasts();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(id => Task.WhenAll(
            node.PutRecordLocallyAsync(Note(id)).AsTask(),
            node.PutRecordLocallyAsync(new Shop.Item { Sku = $"{id}" }).AsTask()))).WaitAsync(Patience);

        var heard = await ReadAsync(one, 200);
        Assert.Equal(heard, await ReadAsync(other, 200));

        // Of one model in the order of its clock, which is the order of the disk.
        foreach (var model in heard.Cast<StoreEvent.RecordStored>().GroupBy(stored => stored.Key.ToString().Split('/')[0]))
        {
            Assert.Equal(model.OrderBy(stored => stored.Metadata.Clock).ToList(), model.ToList());
        }
    }

    [Fact]
    public async Task Events_are_a_source_of_akka_streams()
    {
        var node = await StartAsync(_backend);
        using var materializer = Sys.Materializer();
        var (probe, done) = node.ToSource(16)
            .Select(happened => ((StoreEvent.RecordStored)happened).Key)
            .Take(3)
            .ViaMaterialized(KillSwitches.Single<RecordKey>(), Keep.Right)
            .ToMaterialized(Sink.Seq<RecordKey>(), Keep.Both)
            .Run(materializer);

        // The stream subscribes when it is run; wait for that, not for a while.
        await AwaitConditionAsync(() => Task.FromResult(node.HasAudience), Patience);
        for (var id = 0; id < 3; id++)
        {
            await node.PutRecordLocallyAsync(Note(id));
        }

        Assert.Equal(3, (await done.WaitAsync(Patience)).Count);
        await AwaitConditionAsync(() => Task.FromResult(!node.HasAudience), Patience);
        Assert.NotNull(probe);
    }

    [Fact]
    public async Task Disposing_the_node_ends_every_subscription()
    {
        var node = await StartAsync(_backend);
        var events = node.SubscribeToBroadcasts();
        await node.PutRecordLocallyAsync(Note(1));
        await node.DisposeAsync();

        var heard = 0;
        await foreach (var happened in events.WithCancellation(Soon()))
        {
            heard++;
        }

        Assert.Equal(1, heard);
        Assert.Throws<ObjectDisposedException>(() => node.SubscribeToBroadcasts());
    }
}
