using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Netabase.Persistence;

namespace Netabase.Actors.Specs.Network;

/// <summary>What a node does by itself: gives its records again, announces what it provides, looks for peers that were lost.</summary>
public sealed class UpkeepSpecs : NetSpec
{
    /// <summary>Nothing times out because the spec's clock moves on while a request is on its way.</summary>
    private const string HalfHour = """
        netabase.kademlia { replication-interval = 30m, publication-interval = 22h, peer-timeout = 1h, request-timeout = 1h, query-timeout = 1h }
        """;

    [Fact]
    public async Task Own_records_are_given_again_after_a_restart_but_not_all_at_once()
    {
        const int Records = 60;
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var backend = new GatedBackend();
        var first = await CreateAsync(HalfHour, backend: backend, time: time);
        await Task.WhenAll(Enumerable.Range(0, Records).Select(i => first.Node.PutRecordAsync(Note(i)).AsTask()));
        await first.Node.StopAsync();
        await first.Node.StartAsync(first.System);

        var other = await CreateAsync(HalfHour, time: time);
        await other.Node.StartSwarmAsync();
        await first.Node.StartSwarmAsync();
        await first.Node.AddAddressAsync(other.Id, other.Address);
        await first.Node.BootstrapAsync();

        // What is due before anybody is known is given to nobody, and again only after ever longer waits.
        await AwaitAssertAsync(async () => Assert.Single(await first.Node.GetRoutesAsync()), Patience, TimeSpan.FromMilliseconds(20));

        // They fall anywhere in the half hour. In its first third one time out of ten billion none does, and never nearly all.
        time.Advance(TimeSpan.FromMinutes(10));
        await AwaitAssertAsync(async () => Assert.InRange(await CountAsync(other), 1, Records * 3 / 4), Patience, TimeSpan.FromMilliseconds(50));
        time.Advance(TimeSpan.FromMinutes(30));
        await AwaitAssertAsync(async () => Assert.Equal(Records, await CountAsync(other)), Patience, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_put_that_found_too_few_peers_is_repeated_soon_and_not_only_after_the_interval()
    {
        const string Soon = "netabase.kademlia.retry-interval = 200ms";
        var alone = await JoinAsync(Soon);
        Assert.IsType<PutResult.StoredLocally>(await alone.Node.PutRecordAsync(Note(1)));
        Assert.IsType<PutResult.StoredLocally>(await alone.Node.PutRecordAsync(Note(2), TimeSpan.FromMinutes(5)));
        await using var events = alone.Node.SubscribeToBroadcasts();
        var other = await JoinAsync("", alone);
        await AwaitAssertAsync(async () => Assert.Equal(2, await CountAsync(other)), Patience, TimeSpan.FromMilliseconds(20));

        // It lives here as long as there: nothing was sealed anew so shortly after the put.
        var (mine, theirs) = (await MetadataAsync(alone, 2), await MetadataAsync(other, 2));
        Assert.Equal(mine.ExpiresAt, theirs.ExpiresAt);
    }

    [Fact]
    public async Task A_put_that_found_too_few_peers_is_tried_ever_more_seldom()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var node = await CreateAsync("netabase.kademlia.retry-interval = 30s", time: time);
        await node.Node.StartSwarmAsync();
        await using var events = node.Node.SubscribeToBroadcasts(1 << 12);
        await node.Node.PutRecordAsync(Note(1));
        var tries = new ConcurrentQueue<DateTimeOffset>();
        var counting = CountPutsAsync(events, tries, time);
        var started = time.GetUtcNow();
        for (var due = 1; due <= 4; due++)
        {
            // 30 s after the put, then 60, 120 and 240 s after the last.
            time.Advance(TimeSpan.FromSeconds(30 * Math.Pow(2, due - 1)) + TimeSpan.FromSeconds(1));
            await AwaitAssertAsync(() => Assert.Equal(due + 1, tries.Count), Patience, TimeSpan.FromMilliseconds(20));
        }

        Assert.True(time.GetUtcNow() - started > TimeSpan.FromMinutes(7));
        await node.Node.DisposeAsync();
        await counting;
    }

    [Fact]
    public async Task What_is_provided_is_provided_over_a_restart_and_what_is_no_longer_is_not()
    {
        const string Often = "netabase.kademlia { replication-interval = 500ms, provider-interval = 1h }";
        var backend = new GatedBackend();
        var one = await CreateAsync(Often, backend: backend);
        await one.Node.StartSwarmAsync();
        foreach (var id in Enumerable.Range(1, 40))
        {
            await one.Node.StartProvidingAsync(Key(id));
        }

        Assert.True(await one.Node.StopProvidingAsync(Key(40)));
        await one.Node.StopAsync();
        await one.Node.StartAsync(one.System);
        await one.Node.StartSwarmAsync();

        var other = await JoinAsync("", one);
        foreach (var id in Enumerable.Range(1, 39))
        {
            await AwaitAssertAsync(
                async () => Assert.Equal(one.Id, Assert.Single((await other.Node.GetProvidersAsync(Key(id))).Providers)), Patience, TimeSpan.FromMilliseconds(50));
        }

        Assert.Empty((await other.Node.GetProvidersAsync(Key(40))).Providers);
        Assert.True(await one.Node.StopProvidingAsync(Key(1)));
        Assert.False(await one.Node.StopProvidingAsync(Key(40)));
    }

    [Fact]
    public async Task What_cannot_be_written_is_not_provided()
    {
        var backend = new GatedBackend();
        var one = await CreateAsync(backend: backend);
        backend.FailNextCommit(new StoreException(StoreError.Full, "no room"));
        Assert.Equal(RefusalReason.StoreFull, Assert.IsType<ProvideResult.Refused>(await one.Node.StartProvidingAsync(Key(1))).Reason);
        Assert.False(await one.Node.StopProvidingAsync(Key(1)));
    }

    [Fact]
    public async Task A_peer_that_was_lost_is_not_given_up_however_long_it_is_away()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var one = await CreateAsync($"{Hasty}\nnetabase.kademlia.rejoin-interval-max = 5s", time: time);
        await one.Node.StartSwarmAsync();
        var other = await JoinAsync("", one);
        await KnowAsync(1, one, other);
        World.Cut(one.Id, other.Id);
        await AwaitAssertAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await one.Node.GetRecordAsync(Key(1));
                Assert.Empty(await one.Node.GetRoutesAsync());
            },
            Patience,
            TimeSpan.FromMilliseconds(20));

        // Days: more than any number of tries in a row.
        for (var hour = 0; hour < 100; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
        }

        World.HealAll();
        await AwaitAssertAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                Assert.Single(await one.Node.GetRoutesAsync());
            },
            Patience,
            TimeSpan.FromMilliseconds(50));
    }

    private static async Task<long> CountAsync(NetNode node) => await node.Node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All);

    private static async Task<RecordMetadata> MetadataAsync(NetNode node, int id) =>
        Assert.IsType<GetResult<Notes.Note>.Found>(await node.Node.GetRecordAsync(Key(id))).Metadata;

    private static async Task CountPutsAsync(IBroadcastSubscription events, ConcurrentQueue<DateTimeOffset> tries, TimeProvider time)
    {
        await foreach (var happened in events)
        {
            if (happened is QueryEvent.QueryFinished { Kind: DhtQueryKind.Put })
            {
                tries.Enqueue(time.GetUtcNow());
            }
        }
    }
}
