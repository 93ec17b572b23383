using Akka.Actor;
using Microsoft.Extensions.Time.Testing;
using Netabase.Actors.Node;

namespace Netabase.Actors.Specs;

/// <summary>Several models as one.</summary>
public sealed class TransactionSpecs : NodeSpec
{
    private readonly GatedBackend _backend = new();

    [Fact]
    public async Task A_transaction_writes_several_models_at_once_or_not_at_all()
    {
        var node = await StartAsync(_backend);
        await using var events = node.SubscribeToBroadcasts();
        await using var transaction = await node.BeginTransactionAsync();
        transaction.Put(Note(1));
        transaction.Put(new Notes.Page { Title = "p", Notes = 1 });
        transaction.Put(new Shop.Item { Sku = "s" });
        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);

        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync());
        Assert.NotNull((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.NotNull((await node.GetRecordAsync(new Notes.Page.Key("p"))).Value);
        Assert.NotNull((await node.GetRecordAsync(new Shop.Item.Key("s"))).Value);
        Assert.Equal([3], Assert.Single(_backend.Commits).ToArray());
        Assert.Equal(3, (await ReadAsync(events, 3)).Count);
    }

    [Fact]
    public async Task What_is_not_committed_is_rolled_back()
    {
        var node = await StartAsync(_backend);
        await using (var transaction = await node.BeginTransactionAsync())
        {
            transaction.Put(Note(1));
            Assert.NotNull(await transaction.GetAsync(new Notes.Note.Key(1)));
        }

        Assert.Null((await node.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.Empty(_backend.Commits);
    }

    [Fact]
    public async Task It_reads_the_state_of_its_beginning_with_its_own_writes_over_it()
    {
        var node = await StartAsync(_backend);
        await node.Records<Notes.Note>().PutManyAsync([Note(1), Note(2)]);
        await using var transaction = await node.BeginTransactionAsync();
        await node.PutRecordLocallyAsync(Note(3));
        await node.RemoveRecordAsync(new Notes.Note.Key(1));
        transaction.Put(Note(4));
        transaction.Remove(new Notes.Note.Key(2));

        Assert.NotNull(await transaction.GetAsync(new Notes.Note.Key(1)));
        Assert.Null(await transaction.GetAsync(new Notes.Note.Key(2)));
        Assert.Null(await transaction.GetAsync(new Notes.Note.Key(3)));
        Assert.Equal([1, 4], (await transaction.QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id));
        Assert.Equal([4], (await transaction.QueryAsync(Notes.Note.Indexes.Author.EqualTo("ada").Descending().Take(1))).Select(note => note.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_committer_wins_and_the_second_is_told_of_the_conflict(bool overSeveralModels)
    {
        var node = await StartAsync(_backend);
        await node.PutRecordLocallyAsync(new Shop.Item { Sku = "s", Stock = 1 });
        await using var one = await node.BeginTransactionAsync();
        await using var other = await node.BeginTransactionAsync();
        foreach (var transaction in new[] { one, other })
        {
            var item = await transaction.GetAsync(new Shop.Item.Key("s"));
            transaction.Put(item! with { Stock = item.Stock - 1 });
            if (overSeveralModels)
            {
                transaction.Put(new Notes.Page { Title = "sold" });
            }
        }

        Assert.IsType<CommitResult.Committed>(await one.CommitAsync());
        Assert.Equal(RefusalReason.Conflict, Assert.IsType<CommitResult.Refused>(await other.CommitAsync()).Reason);
        Assert.Equal(0, (await node.GetRecordAsync(new Shop.Item.Key("s"))).Value!.Stock);
    }

    [Fact]
    public async Task Retried_increments_of_many_add_up()
    {
        // Turns asked for and writers about to rest meet in ever new ways: a turn that wakes nobody stops everything.
        var node = await StartAsync(_backend);
        for (var round = 1; round <= 60; round++)
        {
            await AddUpAsync(node);
        }
    }

    private static async Task AddUpAsync(NetabaseNode node)
    {
        await node.PutRecordLocallyAsync(new Shop.Item { Sku = "s" });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                await using var transaction = await node.BeginTransactionAsync();
                var item = await transaction.GetAsync(new Shop.Item.Key("s"));
                transaction.Put(item! with { Stock = item.Stock + 1 });
                transaction.Put(new Notes.Page { Title = "count", Notes = item.Stock + 1 });
                done += await transaction.CommitAsync() is CommitResult.Committed ? 1 : 0;
            }
        }))).WaitAsync(Patience);

        Assert.Equal(80, (await node.GetRecordAsync(new Shop.Item.Key("s"))).Value!.Stock);
        Assert.Equal(80, (await node.GetRecordAsync(new Notes.Page.Key("count"))).Value!.Notes);
    }

    [Fact]
    public async Task A_transaction_that_only_reads_commits_without_a_write()
    {
        var node = await StartAsync(_backend);
        await using var transaction = await node.BeginTransactionAsync();
        Assert.Null(await transaction.GetAsync(new Notes.Note.Key(1)));

        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync());
        Assert.Empty(_backend.Commits);
    }

    [Fact]
    public async Task After_its_end_a_transaction_is_misused()
    {
        var node = await StartAsync(_backend);
        var transaction = await node.BeginTransactionAsync();
        await transaction.CommitAsync();

        Assert.Throws<InvalidOperationException>(() => transaction.Put(Note(1)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await transaction.CommitAsync());
        await transaction.DisposeAsync();
        await transaction.DisposeAsync();
    }

    [Fact]
    public async Task Too_many_open_transactions_are_refused_until_one_ends()
    {
        var node = await StartAsync(_backend, "netabase.stores.snapshots-max = 2");
        var one = await node.BeginTransactionAsync();
        await using var other = await node.BeginTransactionAsync();
        var refused = await Assert.ThrowsAsync<NetabaseException>(async () => await node.BeginTransactionAsync());
        Assert.Equal(RefusalReason.StoreBusy, refused.Reason);

        await one.DisposeAsync();
        await using var third = await node.BeginTransactionAsync();
        Assert.NotNull(third);
    }

    [Fact]
    public async Task A_forgotten_transaction_is_closed_when_it_is_too_old_and_says_so()
    {
        var time = new FakeTimeProvider();
        var node = await StartAsync(_backend, "netabase.stores { snapshots-max = 2, transaction-age-max = 60s }", time);
        await using var one = await node.BeginTransactionAsync();
        await using var other = await node.BeginTransactionAsync();
        other.Put(Note(1));
        time.Advance(TimeSpan.FromSeconds(59));
        await Assert.ThrowsAsync<NetabaseException>(async () => await node.BeginTransactionAsync());

        time.Advance(TimeSpan.FromSeconds(2));
        ITransaction? third = null;
        await AwaitAssertAsync(async () => third = await node.BeginTransactionAsync(), Patience);
        Assert.Equal(RefusalReason.TransactionTooOld, (await Assert.ThrowsAsync<NetabaseException>(async () => await one.GetAsync(new Notes.Note.Key(1)))).Reason);
        Assert.Equal(RefusalReason.TransactionTooOld, Assert.IsType<CommitResult.Refused>(await other.CommitAsync()).Reason);
        third!.Put(Note(2));
        Assert.IsType<CommitResult.Committed>(await third.CommitAsync());
    }

    [Fact]
    public async Task A_transaction_that_is_open_when_its_node_stops_holds_nothing_any_more()
    {
        var node = await StartAsync(_backend);
        var transaction = await node.BeginTransactionAsync();
        await node.StopAsync();

        Assert.Equal(RefusalReason.NotRunning, Assert.Throws<NetabaseException>(() => transaction.Put(Note(1))).Reason);
        await transaction.DisposeAsync();
    }

    [Fact]
    public async Task Transactions_and_single_writes_of_the_same_models_get_past_each_other()
    {
        var node = await StartAsync(_backend, "netabase.supervision { restart-delay-min = 10ms, restart-delay-max = 20ms }");
        var puts = Task.WhenAll(Enumerable.Range(0, 300).Select(id => node.PutRecordLocallyAsync(Note(id)).AsTask()));
        var transactions = Task.WhenAll(Enumerable.Range(0, 60).Select(async id =>
        {
            await using var transaction = await node.BeginTransactionAsync();
            transaction.Put(new Notes.Page { Title = $"{id}" });
            transaction.Put(Note(1000 + id));
            return await transaction.CommitAsync();
        }));
        (await RoleAsync("stores/transactions")).Tell(Kill.Instance);

        Assert.All(await puts.WaitAsync(Patience), result => Assert.IsType<PutResult.Stored>(result));
        Assert.All(await transactions.WaitAsync(Patience), result => Assert.IsType<CommitResult.Committed>(result));
        Assert.Equal(360, await node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
    }
}
