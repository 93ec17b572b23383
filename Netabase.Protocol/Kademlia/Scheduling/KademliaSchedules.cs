namespace Netabase.Protocol.Kademlia.Scheduling;

/// <summary>
/// What a node does by itself and when: publish its own records again, replicate what it holds of others, announce what it provides,
/// sweep, and keep its routing table fresh. Driven as a query is: ask <see cref="Next"/> until it waits, report what is finished.
/// </summary>
/// <remarks>
/// Replication follows the paper's two optimisations (section 2.5): who receives a record assumes that the others received it too and
/// does not replicate it within the interval, so that as a rule one of its k holders does. Not thread-safe: its owner steps it.
/// </remarks>
public sealed class KademliaSchedules
{
    private readonly KademliaKey _self;
    private readonly RoutingTable _table;
    private readonly ScheduleBounds _bounds;
    private readonly SeededChance _chance;
    private readonly Dictionary<(Duty Duty, Payload Key), long> _due = [];
    private readonly PriorityQueue<(Duty Duty, Payload Key), (long At, ulong Order)> _agenda = new();
    private readonly HashSet<(Duty Duty, Payload Key)> _underWay = [];
    private readonly long[] _lookedInto = new long[RefreshTarget.BucketMax + 1];
    private readonly Queue<int> _toRefresh = new();
    private readonly int[] _counts = new int[(int)Duty.Refresh + 1];
    private ulong _order;

    /// <summary>Schedules that begin with a bootstrap at once.</summary>
    /// <param name="self">Our place.</param>
    /// <param name="table">Whose buckets are kept fresh.</param>
    /// <param name="bounds">Intervals and bounds.</param>
    /// <param name="seed">Chance for jitter and for refresh keys.</param>
    /// <param name="now">Unix milliseconds.</param>
    public KademliaSchedules(KademliaKey self, RoutingTable table, ScheduleBounds bounds, ulong seed, long now)
    {
        _self = self;
        _table = table;
        _bounds = bounds;
        _chance = new SeededChance(seed);
        Array.Fill(_lookedInto, long.MinValue);
        Plan((Duty.Bootstrap, default), now);
        Plan((Duty.Sweep, default), now + Jittered(bounds.SweepEvery));
    }

    private enum Duty
    {
        Republish,
        Replicate,
        Reprovide,
        Sweep,
        Bootstrap,
        Refresh,
    }

    /// <summary>Records of ours that are published again and again.</summary>
    public int Published => _counts[(int)Duty.Republish];

    /// <summary>Records of others that are replicated.</summary>
    public int Held => _counts[(int)Duty.Replicate];

    /// <summary>Keys we provide.</summary>
    public int Provided => _counts[(int)Duty.Reprovide];

    /// <summary>Works under way.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>A record of ours was published, or is to be as soon as <paramref name="due"/> says; false when too many are.</summary>
    /// <param name="key">The record key's bytes.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="due">When first; null for one interval from now.</param>
    public bool Publish(Payload key, long now, long? due = null) =>
        TryPlan((Duty.Republish, key), due ?? (now + Jittered(_bounds.RepublishEvery)), _bounds.PublishedMax);

    /// <summary>A record of ours is published no longer.</summary>
    public bool Unpublish(Payload key) => Cancel((Duty.Republish, key));

    /// <summary>A record of another is held, or was brought again by another replica: it is not replicated within the interval.</summary>
    public void Hold(Payload key, long now) => Plan((Duty.Replicate, key), now + Jittered(_bounds.ReplicateEvery));

    /// <summary>A record of another is held no longer.</summary>
    public bool LetGo(Payload key) => Cancel((Duty.Replicate, key));

    /// <summary>We provide a key and announce it just now, or as soon as <paramref name="due"/> says; false when we provide too many.</summary>
    /// <param name="key">What is provided.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="due">When next; null for one interval from now.</param>
    public bool Provide(Payload key, long now, long? due = null) =>
        TryPlan((Duty.Reprovide, key), due ?? (now + Jittered(_bounds.ReprovideEvery)), _bounds.ProvidedMax);

    /// <summary>We provide a key no longer.</summary>
    public bool StopProviding(Payload key) => Cancel((Duty.Reprovide, key));

    /// <summary>Whether we provide a key.</summary>
    public bool IsProvided(Payload key) => _due.ContainsKey((Duty.Reprovide, key));

    /// <summary>Every key we provide, in no order.</summary>
    public IEnumerable<Payload> ProvidedKeys => _due.Keys.Where(work => work.Duty == Duty.Reprovide).Select(work => work.Key);

    /// <summary>The application, or a first peer after none, asks for a bootstrap now.</summary>
    public void BootstrapNow(long now) => Plan((Duty.Bootstrap, default), now);

    /// <summary>Somebody searched for a place: its bucket needs no refresh for an interval.</summary>
    public void LookedInto(KademliaKey target, long now)
    {
        var bucket = _self.CommonPrefixLength(target);
        if (bucket < _lookedInto.Length)
        {
            _lookedInto[bucket] = now;
        }
    }

    /// <summary>What has come due at this time.</summary>
    public ScheduleStep Next(long now)
    {
        if (_underWay.Count >= _bounds.ParallelMax)
        {
            return new ScheduleStep.Wait(long.MaxValue);
        }

        while (_toRefresh.TryDequeue(out var bucket))
        {
            if (RefreshTarget.Find(_self, bucket, _chance.Next()) is { } key && _underWay.Add((Duty.Refresh, key)))
            {
                _lookedInto[bucket] = now;
                return new ScheduleStep.Refresh(bucket, key);
            }
        }

        while (_agenda.TryPeek(out var work, out var priority))
        {
            // An entry that was planned anew, cancelled, or is under way still is passed over.
            if (!_due.TryGetValue(work, out var due) || due != priority.At || _underWay.Contains(work))
            {
                _agenda.Dequeue();
            }
            else if (due > now)
            {
                return new ScheduleStep.Wait(due);
            }
            else
            {
                _agenda.Dequeue();
                _underWay.Add(work);
                return StepOf(work);
            }
        }

        return new ScheduleStep.Wait(long.MaxValue);
    }

    /// <summary>A work has ended, well or badly: its next time begins now.</summary>
    public void Finished(ScheduleStep step, long now)
    {
        ArgumentNullException.ThrowIfNull(step);
        var work = WorkOf(step);
        if (!_underWay.Remove(work) || !_due.ContainsKey(work))
        {
            return;
        }

        Plan(work, Math.Max(_due[work] > now ? _due[work] : 0, now + Jittered(EveryOf(work.Duty))));
        if (work.Duty == Duty.Bootstrap)
        {
            PlanRefreshes(now);
        }
    }

    private void PlanRefreshes(long now)
    {
        _toRefresh.Clear();
        foreach (var bucket in _table.OccupiedBuckets)
        {
            if (bucket < _lookedInto.Length && (_lookedInto[bucket] == long.MinValue || now - _lookedInto[bucket] >= _bounds.BootstrapEvery))
            {
                _toRefresh.Enqueue(bucket);
            }
        }
    }

    private bool TryPlan((Duty Duty, Payload Key) work, long at, int most)
    {
        if (!_due.ContainsKey(work) && _counts[(int)work.Duty] >= most)
        {
            return false;
        }

        Plan(work, at);
        return true;
    }

    private void Plan((Duty Duty, Payload Key) work, long at)
    {
        if (!_due.ContainsKey(work))
        {
            _counts[(int)work.Duty]++;
        }

        _due[work] = at;
        _agenda.Enqueue(work, (at, _order++));
        if (_agenda.Count > (2 * _due.Count) + 64)
        {
            ForgetTheOutdated();
        }
    }

    // A work that is planned anew leaves its earlier entry behind; before those outnumber the others the agenda is made again.
    private void ForgetTheOutdated()
    {
        _agenda.Clear();
        foreach (var (work, at) in _due)
        {
            _agenda.Enqueue(work, (at, _order++));
        }
    }

    private bool Cancel((Duty Duty, Payload Key) work)
    {
        if (!_due.Remove(work))
        {
            return false;
        }

        _counts[(int)work.Duty]--;
        return true;
    }

    private long Jittered(long every) => every - _chance.Below(every * _bounds.JitterPerMille / 1000);

    private long EveryOf(Duty duty) => duty switch
    {
        Duty.Republish => _bounds.RepublishEvery,
        Duty.Replicate => _bounds.ReplicateEvery,
        Duty.Reprovide => _bounds.ReprovideEvery,
        Duty.Sweep => _bounds.SweepEvery,
        _ => _bounds.BootstrapEvery,
    };

    private static ScheduleStep StepOf((Duty Duty, Payload Key) work) => work.Duty switch
    {
        Duty.Republish => new ScheduleStep.Republish(work.Key),
        Duty.Replicate => new ScheduleStep.Replicate(work.Key),
        Duty.Reprovide => new ScheduleStep.Reprovide(work.Key),
        Duty.Sweep => new ScheduleStep.Sweep(),
        _ => new ScheduleStep.SearchSelf(),
    };

    private static (Duty Duty, Payload Key) WorkOf(ScheduleStep step) => step switch
    {
        ScheduleStep.Republish work => (Duty.Republish, work.Key),
        ScheduleStep.Replicate work => (Duty.Replicate, work.Key),
        ScheduleStep.Reprovide work => (Duty.Reprovide, work.Key),
        ScheduleStep.Sweep => (Duty.Sweep, default),
        ScheduleStep.Refresh work => (Duty.Refresh, work.Key),
        _ => (Duty.Bootstrap, default),
    };
}
