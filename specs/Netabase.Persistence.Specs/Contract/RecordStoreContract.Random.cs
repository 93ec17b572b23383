using Xunit.Abstractions;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs.Contract;

/// <summary>Random play against the naive store: outcomes, reads, walks, counts, snapshots and transactions.</summary>
public abstract partial class RecordStoreContract(ITestOutputHelper output)
{
    private const int Steps = 150;
    private const int QuestionsPerStep = 4;

    [Fact]
    public async Task It_answers_as_the_naive_store_does_whatever_is_written()
    {
        foreach (var seed in Seeds.Take(output, count: 2, countWhenLong: 100))
        {
            await Store.WriteAsync(new StoreWrite.Clear(Message), new StoreWrite.Clear(Counter));
            var (play, oracle) = (new RandomPlay(seed), new Oracle());
            for (var step = 0; step < Steps; step++)
            {
                using var before = Store.OpenSnapshot(play.Now);
                var (frozen, frozenAt) = (oracle.Copy(), play.Now);
                await StepAsync(play, oracle, $"seed {seed} step {step}");
                var query = play.Query();
                AssertSame(frozen.Scan(query, frozenAt), before.All(query), $"seed {seed} step {step} snapshot {query}");
            }
        }
    }

    [Fact]
    public async Task A_transaction_sees_the_snapshot_with_its_own_writes_in_their_places()
    {
        foreach (var seed in Seeds.Take(output, count: 3, countWhenLong: 300))
        {
            await Store.WriteAsync(new StoreWrite.Clear(Message), new StoreWrite.Clear(Counter));
            var (play, oracle) = (new RandomPlay(seed), new Oracle());
            for (var i = 0; i < 15; i++)
            {
                await StepAsync(play, oracle, $"seed {seed}");
            }

            var now = play.Now;
            using var overlay = new TransactionOverlay(Store.OpenSnapshot(now), Layout, now, keysMax: 1000);
            var expected = oracle.Copy();
            for (var i = 0; i < 40; i++)
            {
                Write(overlay, expected, play, now);
                var query = play.Query() with { WithTombstones = false };
                AssertSame(expected.Scan(query, now), All(overlay, query), $"seed {seed} write {i} {query}");
                Assert.Equal(expected.Scan(query, now).Count, overlay.Count(query));
            }

            Assert.IsType<BatchOutcome.Written>(await Store.CommitAsync(overlay.ToBatch(), now));
            foreach (var index in new int?[] { null, ByAuthor, ByCity })
            {
                var query = new StoreQuery(Message, index, KeyRange.All);
                AssertSame(expected.Scan(query, now), Store.All(query, now), $"seed {seed} committed {query}");
            }
        }
    }

    [Fact]
    public async Task A_transaction_is_refused_when_what_it_read_or_writes_was_changed_by_another()
    {
        await Store.WriteAsync(PutMessage("read", "ada"), PutMessage("written", "ada"), PutMessage("other", "ada"));
        Assert.IsType<BatchOutcome.Written>(await RaceAsync(PutMessage("other", "eve", clock: 2)));
        Assert.IsType<BatchOutcome.ConditionFailed>(await RaceAsync(PutMessage("read", "eve", clock: 2)));
        Assert.IsType<BatchOutcome.ConditionFailed>(await RaceAsync(PutMessage("written", "eve", clock: 3)));
        Assert.IsType<BatchOutcome.ConditionFailed>(await RaceAsync(new StoreWrite.Remove(Message, Bytes("read"))));
        Assert.IsType<BatchOutcome.ConditionFailed>(await RaceAsync(PutMessage("absent", "eve")));

        async Task<BatchOutcome> RaceAsync(StoreWrite meanwhile)
        {
            using var overlay = new TransactionOverlay(Store.OpenSnapshot(0), Layout, 0, keysMax: 3);
            overlay.TryRead(Message, Bytes("read"), 0, static (int _, in StoreRow _) => true);
            overlay.TryRead(Message, Bytes("absent"), 0, static (int _, in StoreRow _) => true);
            overlay.Put(PutMessage("written", "mine", clock: 2));
            Assert.Throws<InvalidOperationException>(() => overlay.Put(PutMessage("one too many", "mine")));
            await Store.WriteAsync(meanwhile);
            return await Store.CommitAsync(overlay.ToBatch());
        }
    }

    private static void Write(TransactionOverlay overlay, Oracle expected, RandomPlay play, long now)
    {
        StoreWrite write = play.Random.Next(4) switch
        {
            0 => new StoreWrite.Remove(play.Random.Next(2), play.Key()),
            1 => new StoreWrite.Bury(play.Random.Next(2), play.Key(), play.Metadata()),
            _ => play.Put(),
        };
        switch (write)
        {
            case StoreWrite.Put put:
                overlay.Put(put);
                break;
            case StoreWrite.Remove remove:
                overlay.Remove(remove);
                break;
            case StoreWrite.Bury bury:
                overlay.Bury(bury);
                break;
        }

        expected.Apply(Batch(write), now);
        var (model, key) = (play.Random.Next(2), play.Key());
        var seen = new List<Seen>();
        overlay.TryRead(model, key, seen, static (List<Seen> seen, in StoreRow row) =>
        {
            seen.Add(Seen.Of(row));
            return true;
        });
        Assert.Equal(expected.Get(model, key, now), seen.SingleOrDefault());
    }

    private async Task StepAsync(RandomPlay play, Oracle oracle, string where)
    {
        if (play.Random.Next(12) == 0)
        {
            var model = play.Random.Next(2);
            Assert.Equal(oracle.Sweep(model, play.Now), await Store.SweepAsync(model, play.Now, 10_000, CancellationToken.None));
        }

        var batches = Enumerable.Range(0, play.Random.Next(1, 4)).Select(_ => play.Batch()).ToList();
        var outcomes = await Store.CommitAsync(batches, play.Now, CancellationToken.None).AsTask().WaitAsync(Deadline);
        foreach (var (batch, outcome) in batches.Zip(outcomes))
        {
            AssertSame(oracle.Apply(batch, play.Now), outcome, where);
        }

        var key = play.Key();
        Assert.Equal(oracle.Get(Message, key, play.Now), Store.Get(Message, key, play.Now));
        for (var i = 0; i < QuestionsPerStep; i++)
        {
            var query = play.Query();
            AssertSame(oracle.Scan(query, play.Now), Store.All(query, play.Now), $"{where} {query}");
            Assert.True(oracle.Scan(query, play.Now).Count == Store.Count(query, play.Now), $"{where} count of {query}");
        }
    }

    private static List<Seen> All(TransactionOverlay overlay, StoreQuery query)
    {
        var seen = new List<Seen>();
        var visited = overlay.Scan(query, seen, static (List<Seen> seen, in StoreRow row) =>
        {
            seen.Add(Seen.Of(row));
            return true;
        });
        Assert.Equal(visited, seen.Count);
        return seen;
    }

    private static void AssertSame(List<Seen> expected, List<Seen> actual, string where) =>
        Assert.True(expected.SequenceEqual(actual), $"{where}\nexpected {string.Join("; ", expected)}\nactual   {string.Join("; ", actual)}");

    private static void AssertSame(BatchOutcome expected, BatchOutcome actual, string where)
    {
        if (expected is BatchOutcome.Written written)
        {
            Assert.True(actual is BatchOutcome.Written other && written.Writes.SequenceEqual(other.Writes), $"{where}: {actual}");
        }
        else
        {
            Assert.True(expected == actual, $"{where}: expected {expected}, actual {actual}");
        }
    }
}
