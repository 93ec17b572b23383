using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>Kademlia, section 2.5: each node republishes what it holds once an hour; who receives a record assumes the others did too.</summary>
public sealed class KademliaSchedulesSpecs
{
    private const long Now = 1_800_000_000_000;
    private const long Hour = 3_600_000;

    private static readonly ScheduleBounds Bounds = new(
        RepublishEvery: 22 * Hour, ReplicateEvery: Hour, ReprovideEvery: 12 * Hour, SweepEvery: 2 * Hour, BootstrapEvery: Hour / 12,
        JitterPerMille: 0, ParallelMax: 2, PublishedMax: 2, ProvidedMax: 2);

    private readonly SplitMix64 _random = new(101);
    private readonly RoutingTable _table;
    private readonly KademliaSchedules _schedules;
    private readonly KademliaPeer _self;

    public KademliaSchedulesSpecs()
    {
        _self = Peers.Random(_random);
        _table = new RoutingTable(_self.Key, Peers.Bounds);
        _schedules = new KademliaSchedules(_self.Key, _table, Bounds, seed: 5, Now);
    }

    [Fact]
    public void It_begins_with_a_search_for_ourselves_and_then_looks_into_each_bucket_that_somebody_is_in()
    {
        foreach (var peer in Peers.Many(_random, 200))
        {
            _table.Offer(peer, Now);
        }

        var search = Assert.IsType<ScheduleStep.SearchSelf>(_schedules.Next(Now));
        Assert.IsType<ScheduleStep.Wait>(_schedules.Next(Now));
        _schedules.LookedInto(_self.Key.InBucket(1, _random.Bytes(32)), Now);
        _schedules.Finished(search, Now);

        var refreshed = new List<int>();
        while (_schedules.Next(Now) is ScheduleStep.Refresh refresh)
        {
            Assert.Equal(refresh.Bucket, _self.Key.CommonPrefixLength(KademliaKey.Of(refresh.Key.Span)));
            refreshed.Add(refresh.Bucket);
            _schedules.Finished(refresh, Now);
        }

        Assert.Equal(_table.OccupiedBuckets.Where(bucket => bucket != 1 && bucket <= RefreshTarget.BucketMax), refreshed);
        Assert.Equal(new ScheduleStep.Wait(Now + Bounds.BootstrapEvery), _schedules.Next(Now));
    }

    [Fact]
    public void A_held_record_is_replicated_every_hour_unless_another_replica_brought_it_again()
    {
        Quiet();
        var key = new Payload(_random.Bytes(20));
        _schedules.Hold(key, Now);
        Assert.Equal([], DueAt(Now + Hour - 1));
        _schedules.Hold(key, Now + (Hour / 2));
        Assert.Equal([], DueAt(Now + Hour));
        Assert.Equal([new ScheduleStep.Replicate(key)], DueAt(Now + (Hour / 2) + Hour));
        Assert.Equal([], DueAt(Now + (Hour / 2) + Hour));
        Assert.Equal([new ScheduleStep.Replicate(key)], DueAt(Now + (Hour / 2) + (2 * Hour)));
        Assert.True(_schedules.LetGo(key));
        Assert.Equal([], DueAt(Now + (10 * Hour)));
        Assert.Equal(0, _schedules.Held);
    }

    [Fact]
    public void Our_own_records_are_published_again_and_what_we_provide_is_announced_again()
    {
        Quiet();
        var (record, provided) = (new Payload(_random.Bytes(20)), new Payload(_random.Bytes(20)));
        Assert.True(_schedules.Publish(record, Now));
        Assert.True(_schedules.Provide(provided, Now));
        Assert.Equal([new ScheduleStep.Reprovide(provided)], DueAt(Now + (12 * Hour)));
        Assert.Equal([new ScheduleStep.Republish(record)], DueAt(Now + (22 * Hour)));
        Assert.True(_schedules.IsProvided(provided));
        Assert.True(_schedules.StopProviding(provided) && _schedules.Unpublish(record));
        Assert.False(_schedules.StopProviding(provided) || _schedules.Unpublish(record));
        Assert.Equal([], DueAt(Now + (100 * Hour)));
    }

    [Fact]
    public void Everything_is_bounded()
    {
        Quiet();
        var keys = Enumerable.Range(0, 3).Select(_ => new Payload(_random.Bytes(20))).ToArray();
        Assert.Equal([true, true, false], keys.Select(key => _schedules.Provide(key, Now)));
        Assert.Equal([true, true, false], keys.Select(key => _schedules.Publish(key, Now, due: Now)));
        Assert.True(_schedules.Provide(keys[0], Now));
        Assert.Equal(2, _schedules.Provided);

        Assert.Equal([keys[0], keys[1]], new[] { _schedules.Next(Now), _schedules.Next(Now) }.Cast<ScheduleStep.Republish>().Select(step => step.Key));
        Assert.Equal(new ScheduleStep.Wait(long.MaxValue), _schedules.Next(Now + (100 * Hour)));
        Assert.Equal(2, _schedules.UnderWay);
    }

    [Fact]
    public void Jitter_moves_a_time_forward_by_no_more_than_its_share_and_a_seed_replays_it()
    {
        var jittered = Bounds with { JitterPerMille = 200 };
        var (one, other) = (new KademliaSchedules(_self.Key, _table, jittered, 9, Now), new KademliaSchedules(_self.Key, _table, jittered, 9, Now));
        var times = new HashSet<long>();
        for (var i = 0; i < 50; i++)
        {
            foreach (var schedules in new[] { one, other })
            {
                schedules.Finished(Assert.IsType<ScheduleStep.SearchSelf>(schedules.Next(Now + (i * Hour))), Now + (i * Hour));
                while (schedules.Next(Now + (i * Hour)) is ScheduleStep.Sweep sweep)
                {
                    schedules.Finished(sweep, Now + (i * Hour));
                }
            }

            var wait = Assert.IsType<ScheduleStep.Wait>(one.Next(Now + (i * Hour)));
            Assert.Equal(wait, other.Next(Now + (i * Hour)));
            var after = wait.Until - (Now + (i * Hour));
            times.Add(after);
            Assert.InRange(after, 0, Bounds.BootstrapEvery);
        }

        Assert.True(times.Count > 10, $"{times.Count} different times");
    }

    /// <summary>No bootstrap and no sweep while the others are looked at.</summary>
    private void Quiet()
    {
        var step = _schedules.Next(Now);
        Assert.IsType<ScheduleStep.SearchSelf>(step);
        _schedules.Finished(step, Now);
    }

    private List<ScheduleStep> DueAt(long now)
    {
        var due = new List<ScheduleStep>();
        for (var step = _schedules.Next(now); step is not ScheduleStep.Wait; step = _schedules.Next(now))
        {
            if (step is not (ScheduleStep.SearchSelf or ScheduleStep.Sweep))
            {
                due.Add(step);
            }

            _schedules.Finished(step, now);
        }

        return due;
    }
}
