using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Records;

/// <summary>Kulkarni et al., 2014: "HLC captures the causality relationship, and is close to the physical clock".</summary>
public sealed class HybridClockSpecs
{
    [Fact]
    public void A_reading_is_wall_time_while_that_moves_on() =>
        Assert.Equal(HybridTimestamp.Create(1001, 0), HybridClock.Tick(HybridTimestamp.Create(1000, 7), now: 1001));

    [Fact]
    public void Within_a_millisecond_and_behind_a_clock_set_back_readings_count_on()
    {
        Assert.Equal(HybridTimestamp.Create(1000, 8), HybridClock.Tick(HybridTimestamp.Create(1000, 7), now: 1000));
        Assert.Equal(HybridTimestamp.Create(1000, 8), HybridClock.Tick(HybridTimestamp.Create(1000, 7), now: 900));
        Assert.Equal(HybridTimestamp.Create(1000, 8), HybridClock.Tick(HybridTimestamp.Create(1000, 7), now: long.MinValue));
    }

    [Fact]
    public void A_full_counter_runs_over_into_the_next_millisecond() =>
        Assert.Equal(HybridTimestamp.Create(1001, 0), HybridClock.Tick(HybridTimestamp.Create(1000, HybridTimestamp.CounterMax), now: 1000));

    [Fact]
    public void Behind_the_last_reading_of_all_there_is_none()
    {
        var last = new HybridTimestamp(ulong.MaxValue);
        Assert.Throws<InvalidOperationException>(() => HybridClock.Tick(last, now: long.MaxValue));
    }

    [Fact]
    public void What_is_written_after_a_reading_was_seen_is_later_than_it()
    {
        var seen = HybridTimestamp.Create(5000, 3);
        Assert.True(HybridClock.TryMerge(HybridTimestamp.Create(1000, 0), seen, now: 1000, aheadMax: 10_000, out var merged));
        Assert.Equal(HybridTimestamp.Create(5000, 4), HybridClock.Tick(merged, now: 1001));
    }

    [Fact]
    public void An_older_reading_changes_nothing()
    {
        Assert.True(HybridClock.TryMerge(HybridTimestamp.Create(1000, 5), HybridTimestamp.Create(10, 0), now: 1000, aheadMax: 0, out var merged));
        Assert.Equal(HybridTimestamp.Create(1000, 5), merged);
    }

    [Fact]
    public void A_reading_too_far_ahead_is_refused_and_leaves_the_clock_alone()
    {
        Assert.True(HybridClock.TryMerge(default, HybridTimestamp.Create(1500, 0), now: 1000, aheadMax: 500, out _));
        Assert.False(HybridClock.TryMerge(HybridTimestamp.Create(1, 1), HybridTimestamp.Create(1501, 0), now: 1000, aheadMax: 500, out var merged));
        Assert.Equal(HybridTimestamp.Create(1, 1), merged);
        Assert.False(HybridClock.TryMerge(default, new HybridTimestamp(ulong.MaxValue), now: 1000, aheadMax: 500, out _));
    }
}
