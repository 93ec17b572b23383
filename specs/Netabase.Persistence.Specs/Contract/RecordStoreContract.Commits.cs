using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>Batches, conditions, snapshots, marks and failures.</summary>
public abstract partial class RecordStoreContract
{
    [Fact]
    public async Task A_batch_over_several_models_is_all_or_nothing()
    {
        var outcome = await Store.CommitAsync(If(
            new StoreCondition.Unchanged(Counter, Bytes("n"), At(1)), PutMessage("a", "ada"), PutCounter("n", 2), new StoreWrite.SetMark("applied", Bytes("7"))));

        Assert.Equal(new BatchOutcome.ConditionFailed(0, null), outcome);
        Assert.Null(Store.Get(Message, "a"));
        Assert.Null(Store.Get(Counter, "n"));

        await Store.WriteAsync(PutMessage("a", "ada"), PutCounter("n", 2), new StoreWrite.SetMark("applied", Bytes("7")));

        using var snapshot = Store.OpenSnapshot(0);
        Assert.NotNull(snapshot.Get(Message, Bytes("a")));
        Assert.NotNull(snapshot.Get(Counter, Bytes("n")));
        Assert.Equal(Bytes("7"), snapshot.ReadMark("applied"));
    }

    [Fact]
    public async Task Batches_of_one_commit_see_those_before_them_and_fail_alone()
    {
        var outcomes = await Store.CommitAsync(
            [
                Batch(PutMessage("a", "ada", clock: 5)),
                If(new StoreCondition.Unchanged(Message, Bytes("a"), null), PutMessage("a", "bob", clock: 6)),
                If(new StoreCondition.Unchanged(Message, Bytes("a"), At(5)), PutMessage("a", "eve", clock: 7)),
                Batch(PutMessage("b", "x", text: new string('x', Limits.ValueMax + 1))),
                Batch(PutMessage("c", "x")),
            ],
            now: 0,
            CancellationToken.None);

        Assert.IsType<BatchOutcome.Written>(outcomes[0]);
        Assert.Equal(new BatchOutcome.ConditionFailed(0, At(5)), outcomes[1]);
        Assert.IsType<BatchOutcome.Written>(outcomes[2]);
        Assert.Equal(RefusalReason.ValueTooLarge, Assert.IsType<BatchOutcome.TooLarge>(outcomes[3]).Reason);
        Assert.IsType<BatchOutcome.Written>(outcomes[4]);
        Assert.Equal(["a", "c"], Store.Keys(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal(["a"], Store.Keys(new StoreQuery(Message, ByAuthor, Exactly("eve"))));
    }

    [Fact]
    public async Task Unchanged_holds_for_the_version_that_was_read_and_for_nothing_else()
    {
        await Store.WriteAsync(PutMessage("a", "ada", metadata: At(5, publisher: 1)));

        Assert.True(await HoldsAsync(Expect(At(5, publisher: 1))));
        Assert.False(await HoldsAsync(Expect(At(5, publisher: 2))));
        Assert.False(await HoldsAsync(Expect(At(5))));
        Assert.False(await HoldsAsync(Expect(At(4, publisher: 1))));
        Assert.False(await HoldsAsync(Expect(null)));
        Assert.True(await HoldsAsync(new StoreCondition.Unchanged(Message, Bytes("none"), null)));
        Assert.False(await HoldsAsync(new StoreCondition.Unchanged(Message, Bytes("none"), At(5, publisher: 1))));

        await Store.WriteAsync(new StoreWrite.Bury(Message, Bytes("a"), At(6, publisher: 1)));

        Assert.True(await HoldsAsync(Expect(null)));
        Assert.False(await HoldsAsync(Expect(At(6, publisher: 1))));

        await Store.WriteAsync(PutMessage("a", "ada", metadata: At(7, expiresAt: 100)));

        Assert.True(await HoldsAsync(Expect(At(7)), now: 99));
        Assert.False(await HoldsAsync(Expect(At(7)), now: 100));
        Assert.True(await HoldsAsync(Expect(null), now: 100));

        static StoreCondition Expect(RecordMetadata? metadata) => new StoreCondition.Unchanged(Message, Bytes("a"), metadata);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Newer_holds_for_a_later_clock_and_for_the_larger_publisher_of_equal_clocks(bool isBuried)
    {
        var standing = At(5, publisher: 5, expiresAt: 100);
        await Store.WriteAsync(isBuried ? new StoreWrite.Bury(Message, Bytes("a"), standing) : PutMessage("a", "ada", metadata: standing));

        Assert.True(await HoldsAsync(Offer(At(6, publisher: 1))));
        Assert.True(await HoldsAsync(Offer(At(6))));
        Assert.False(await HoldsAsync(Offer(At(4, publisher: 9))));
        Assert.True(await HoldsAsync(Offer(At(5, publisher: 6))));
        Assert.False(await HoldsAsync(Offer(At(5, publisher: 5))));
        Assert.False(await HoldsAsync(Offer(At(5, publisher: 4))));
        Assert.False(await HoldsAsync(Offer(At(5))));
        Assert.True(await HoldsAsync(Offer(At(1)), now: 100));
        Assert.True(await HoldsAsync(new StoreCondition.Newer(Message, Bytes("none"), At(1))));

        var refused = await Store.CommitAsync(If(Offer(At(5)), PutMessage("a", "eve")));
        Assert.Equal(new BatchOutcome.ConditionFailed(0, standing), refused);

        static StoreCondition Offer(RecordMetadata metadata) => new StoreCondition.Newer(Message, Bytes("a"), metadata);
    }

    [Fact]
    public async Task A_snapshot_sees_one_state_while_writes_go_on()
    {
        await Store.WriteAsync(PutMessage("a", "ada"), new StoreWrite.SetMark("m", Bytes("1")));
        using var snapshot = Store.OpenSnapshot(0);

        await Store.WriteAsync(PutMessage("b", "ada"), PutMessage("a", "bob", clock: 2), PutCounter("n", 1), new StoreWrite.SetMark("m", Bytes("2")));

        Assert.Equal(["a"], snapshot.All(new StoreQuery(Message, null, KeyRange.All)).Select(row => Text(row.Key.Span)));
        Assert.Single(snapshot.All(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
        Assert.Equal(0, snapshot.Count(new StoreQuery(Counter, null, KeyRange.All)));
        Assert.Equal(Bytes("1"), snapshot.ReadMark("m"));
        Assert.Equal(2, Store.Count(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal("bob", Text(Store.All(new StoreQuery(Message, ByAuthor, Exactly("bob"))).Single().IndexKey.Span));
    }

    [Fact]
    public async Task Snapshots_are_bounded_and_given_back()
    {
        var open = Enumerable.Range(0, Limits.SnapshotsMax).Select(_ => Store.OpenSnapshot(0)).ToList();

        Assert.Equal(StoreError.Busy, Assert.Throws<StoreException>(() => Store.OpenSnapshot(0)).Error);
        await Store.WriteAsync(PutMessage("a", "ada"));
        Assert.NotNull(Store.Get(Message, "a"));

        open.ForEach(snapshot => snapshot.Dispose());
        open.ForEach(snapshot => snapshot.Dispose());
        using var again = Store.OpenSnapshot(0);
        Assert.NotNull(again.Get(Message, Bytes("a")));
        Assert.Throws<ObjectDisposedException>(() => open[0].Get(Message, Bytes("a")));
    }

    [Fact]
    public async Task Marks_are_set_replaced_and_unset()
    {
        await Store.WriteAsync(new StoreWrite.SetMark("a", Bytes("1")), new StoreWrite.SetMark("b", Payload.Empty));
        await Store.WriteAsync(new StoreWrite.SetMark("a", Bytes("2")));
        using (var snapshot = Store.OpenSnapshot(0))
        {
            Assert.Equal(Bytes("2"), snapshot.ReadMark("a"));
            Assert.Equal(Payload.Empty, snapshot.ReadMark("b"));
            Assert.Null(snapshot.ReadMark("c"));
        }

        await Store.WriteAsync(new StoreWrite.SetMark("a", null));
        using var later = Store.OpenSnapshot(0);
        Assert.Null(later.ReadMark("a"));
    }

    [Fact]
    public async Task Values_up_to_the_limit_are_taken_and_larger_ones_refused()
    {
        var largest = new byte[Limits.ValueMax];
        new Random(1).NextBytes(largest);
        await Store.WriteAsync(new StoreWrite.Put(Counter, Bytes("max"), new Payload(largest), At(1), []));
        Assert.Equal(new Payload(largest), Store.Get(Counter, "max")!.Value);

        await AssertTooLargeAsync(RefusalReason.ValueTooLarge, new StoreWrite.Put(Counter, Bytes("k"), new Payload(new byte[Limits.ValueMax + 1]), At(1), []));
        await AssertTooLargeAsync(RefusalReason.KeyTooLarge, new StoreWrite.Put(Counter, new Payload(new byte[StoreLimits.KeyMax + 1]), default, At(1), []));
        await AssertTooLargeAsync(
            RefusalReason.KeyTooLarge, new StoreWrite.Put(Message, Bytes("k"), default, At(1), [new Payload(new byte[StoreLimits.KeyMax + 1]), null]));
        await AssertTooLargeAsync(
            RefusalReason.ValueTooLarge, new StoreWrite.Put(Counter, Bytes("k"), default, At(1, signature: new string('s', StoreLimits.MetadataMax + 1)), []));
        Payload longest = new(new byte[StoreLimits.KeyMax]);
        await Store.WriteAsync(new StoreWrite.Put(Message, longest, default, At(1), [longest, longest]));
        Assert.NotNull(Store.Get(Message, longest));
        Assert.Equal(longest, Store.All(new StoreQuery(Message, ByCity, KeyRange.All)).Single().IndexKey);
    }

    [Fact]
    public async Task Marks_may_be_larger_than_any_value_up_to_a_limit_of_their_own()
    {
        var large = new byte[1 << 20];
        new Random(1).NextBytes(large);
        await Store.WriteAsync(new StoreWrite.SetMark("large", new Payload(large)));
        using (var snapshot = Store.OpenSnapshot(0))
        {
            Assert.Equal(new Payload(large), snapshot.ReadMark("large"));
        }

        await AssertTooLargeAsync(RefusalReason.ValueTooLarge, new StoreWrite.SetMark("larger", new Payload(new byte[StoreLimits.MarkMax + 1])));
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_the_layout_is_misuse()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.CommitAsync(Batch(new StoreWrite.Put(Message, Bytes("a"), default, At(1), []))));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.CommitAsync(Batch(new StoreWrite.Remove(5, Bytes("a")))));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.CommitAsync(Batch(new StoreWrite.Put(Counter, default, default, At(1), []))));
        await Store.WriteAsync(PutMessage("a", "ada"));
    }

    [Fact]
    public async Task Callers_at_once_all_get_their_own_answer()
    {
        var writes = Enumerable.Range(0, 200).Select(i => Task.Run(() => Store.CommitAsync(Batch(PutMessage($"k{i:D3}", $"author{i % 4}"), PutCounter("shared", i, i)))));

        var outcomes = await Task.WhenAll(writes).WaitAsync(Deadline);

        Assert.All(outcomes, outcome => Assert.IsType<BatchOutcome.Written>(outcome));
        Assert.Equal(199, outcomes.Sum(outcome => ((BatchOutcome.Written)outcome).Writes[1]));
        Assert.Equal(200, Store.Count(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal(50, Store.Count(new StoreQuery(Message, ByAuthor, Exactly("author2"))));
    }

    [Fact]
    public async Task Readers_at_once_see_whole_commits_only()
    {
        await Store.WriteAsync(PutCounter("a", 0), PutCounter("b", 0));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            do
            {
                using var snapshot = Store.OpenSnapshot(0);
                Assert.Equal(snapshot.Get(Counter, Bytes("a"))!.Value, snapshot.Get(Counter, Bytes("b"))!.Value);
                reads++;
            }
            while (!stop.IsCancellationRequested);
            return reads;
        })).ToList();

        for (var i = 1; i <= 200; i++)
        {
            await Store.WriteAsync(PutCounter("a", i, i), PutCounter("b", i, i));
            Assert.Equal(Number(i), Store.Get(Counter, "b")!.Value);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers).WaitAsync(Deadline), reads => Assert.True(reads > 0));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        await Store.WriteAsync(PutMessage("a", "ada"));
        await Store.DisposeAsync();

        Assert.Equal(StoreError.Closed, Assert.Throws<StoreException>(() => Store.Get(Message, "a")).Error);
        Assert.Equal(StoreError.Closed, Assert.Throws<StoreException>(() => Store.OpenSnapshot(0)).Error);
        Assert.Equal(StoreError.Closed, (await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync(Batch(PutMessage("b", "x"))))).Error);
        await Store.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_commit_is_not_begun()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.CommitAsync([Batch(PutMessage("a", "ada"))], 0, cancelled.Token).AsTask());
        await Store.WriteAsync(PutMessage("b", "ada"));
        Assert.Null(Store.Get(Message, "a"));
    }

    private async Task<bool> HoldsAsync(StoreCondition condition, long now = 0) => await Store.CommitAsync(If(condition), now) switch
    {
        BatchOutcome.Written => true,
        BatchOutcome.ConditionFailed => false,
        var other => throw new InvalidOperationException($"unexpected {other}"),
    };

    private async Task AssertTooLargeAsync(RefusalReason reason, StoreWrite write)
    {
        var outcome = await Store.CommitAsync(Batch(PutMessage("bystander", "x"), write));
        Assert.Equal(reason, Assert.IsType<BatchOutcome.TooLarge>(outcome).Reason);
        Assert.Null(Store.Get(Message, "bystander"));
    }
}
