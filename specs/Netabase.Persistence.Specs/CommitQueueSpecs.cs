using System.Collections.Immutable;
using Netabase.Persistence.Writing;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>Whose trouble a failure is, and what may be said of it.</summary>
public sealed class CommitQueueSpecs
{
    [Fact]
    public async Task A_commit_that_fails_while_it_is_made_durable_is_unknown_and_is_not_tried_again()
    {
        var target = new Target { CommitFailure = new StoreException(StoreError.Unavailable, "the disk did not sync") };
        await using var queue = new CommitQueue(target, Layout, Limits, "store");

        var told = await Assert.ThrowsAsync<StoreException>(async () => await queue.CommitAsync([Batch(PutCounter("a", 1)), Batch(PutCounter("b", 2))], 0, default));

        Assert.Equal(StoreError.OutcomeUnknown, told.Error);
        Assert.Equal(1, target.Commits);
    }

    [Theory]
    [InlineData(StoreError.Full)]
    [InlineData(StoreError.Busy)]
    public async Task A_commit_that_found_no_room_or_no_turn_was_not_written(StoreError error)
    {
        var target = new Target { CommitFailure = new StoreException(error, "no") };
        await using var queue = new CommitQueue(target, Layout, Limits, "store");

        Assert.Equal(error, (await Assert.ThrowsAsync<StoreException>(async () => await queue.CommitAsync([Batch(PutCounter("a", 1))], 0, default))).Error);
    }

    [Fact]
    public async Task Callers_who_only_shared_a_commit_with_damage_are_written_without_it()
    {
        var target = new Target { DamagedModel = Counter };
        await using var queue = new CommitQueue(target, Layout, Limits, "store");
        target.Hold();
        var first = queue.CommitAsync([Batch(PutMessage("first", "ada"))], 0, default).AsTask();
        await target.Arrived.WaitAsync(TimeSpan.FromSeconds(20));
        var whole = queue.CommitAsync([Batch(PutMessage("whole", "ada"))], 0, default).AsTask();
        var damaged = queue.CommitAsync([Batch(PutCounter("damaged", 1))], 0, default).AsTask();
        target.LetGo();

        await Task.WhenAll(first, whole).WaitAsync(TimeSpan.FromSeconds(20));
        var told = await Assert.ThrowsAsync<StoreException>(() => damaged.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal((StoreError.Damaged, Counter), (told.Error, told.Model));
        Assert.Equal(["first", "whole"], target.Written);
    }

    [Fact]
    public async Task A_group_waits_for_the_disk_unless_all_of_it_can_be_repeated()
    {
        var target = new Target();
        await using var queue = new CommitQueue(target, Layout, Limits, "store");
        var repeatable = Batch(PutCounter("a", 1)) with { IsRepeatable = true };

        await queue.CommitAsync([repeatable, repeatable], 0, default);
        await queue.CommitAsync([repeatable, Batch(PutCounter("b", 1))], 0, default);
        target.Hold();
        var first = queue.CommitAsync([repeatable], 0, default).AsTask();
        Assert.True(await target.Arrived.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(await target.Arrived.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(await target.Arrived.WaitAsync(TimeSpan.FromSeconds(60)));
        var shared = new[] { queue.CommitAsync([repeatable], 0, default).AsTask(), queue.CommitAsync([Batch(PutCounter("c", 1))], 0, default).AsTask() };
        target.LetGo();
        await Task.WhenAll([first, .. shared]);

        Assert.Equal([false, true, false, true], target.Synced);
    }

    /// <summary>A writing side that keeps nothing but the keys of what it committed, and fails as it is told to.</summary>
    private sealed class Target : CommitTarget
    {
        private readonly List<string> _group = [];
        private readonly ManualResetEventSlim _gate = new(initialState: true);

        public StoreException? CommitFailure { get; init; }

        public int? DamagedModel { get; init; }

        public int Commits { get; private set; }

        public List<string> Written { get; } = [];

        public SemaphoreSlim Arrived { get; } = new(0);

        public void Hold() => _gate.Reset();

        public void LetGo() => _gate.Set();

        public List<bool> Synced { get; } = [];

        public override void Begin(bool isSynced)
        {
            _group.Clear();
            Synced.Add(isSynced);
        }

        public override void Commit()
        {
            Commits++;
            Arrived.Release();
            _gate.Wait(TimeSpan.FromSeconds(20));
            Written.AddRange(CommitFailure is null ? _group : throw CommitFailure);
        }

        public override void Rollback() => _group.Clear();

        public override void Dispose() => _gate.Dispose();

        protected override bool TryVisit<TState>(int model, Payload key, TState state, RowVisitor<TState> visit) => false;

        protected override long Put(
            int model, Payload key, Payload value, RecordMetadata metadata, RowState state, ImmutableArray<Payload?> indexKeys, long now)
        {
            _group.Add(model == DamagedModel ? throw new StoreException(StoreError.Damaged, "a page") : Text(key.Span));
            return 0;
        }

        protected override long Remove(int model, Payload key, long now) => 0;

        protected override long Clear(int model, long now) => 0;

        protected override void SetMark(string name, Payload? value)
        {
        }

        protected override SweepOutcome SweepModel(int model, long now, int limit) => default;
    }
}
