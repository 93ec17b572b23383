namespace Netabase.Protocol.Paxos;

/// <summary>
/// The reads of this node's clients. All that wait share one question to the leader, put after they came; the next ones share the
/// next. An answer also says how fresh the state is, for reads that allow for age.
/// </summary>
internal sealed class GatewayReads(NodeId self, PaxosSettings settings, Jitter jitter, Work work)
{
    private readonly Dictionary<ulong, Waiting> _reads = [];
    private readonly Alarms<ulong> _deadlines = new();
    private readonly PriorityQueue<ulong, Slot> _indexed = new();
    private readonly List<ulong> _unasked = [];
    private readonly List<ulong> _asked = [];
    private Ballot _leader;
    private Slot _applied;
    private ulong _request = jitter.FirstNumber();
    private long _askedAt;
    private long _retryAt = long.MaxValue;
    private int _attempts;
    private long? _freshAt;
    private (Slot Slot, long At)? _fresherAfter;

    /// <summary>Reads under way.</summary>
    public int Count => _reads.Count;

    /// <summary>When something is due.</summary>
    public long WakeAt => Math.Min(_deadlines.WakeAt, _unasked.Count + _asked.Count > 0 ? _retryAt : long.MaxValue);

    /// <summary>Takes a client's read.</summary>
    public void Read(PaxosInput.Read read, bool isFull, long now)
    {
        if (read.Kind is ReadKind.Stale stale && (stale.AgeMax == long.MaxValue || (_freshAt is { } at && now - at <= stale.AgeMax)))
        {
            work.Read(new ReadAnswer.Ready(read.Number, _applied, long.MaxValue));
        }
        else if (isFull || now >= read.Deadline || !_reads.TryAdd(read.Number, new Waiting(read.Deadline)))
        {
            work.Read(new ReadAnswer.Failed(read.Number));
        }
        else
        {
            _deadlines.Set(read.Number, read.Deadline);
            _unasked.Add(read.Number);
            if (_asked.Count == 0)
            {
                Ask(now);
            }
        }
    }

    /// <summary>Somebody else leads, or nobody.</summary>
    public void Follow(Ballot leader, long now)
    {
        if (leader != _leader)
        {
            _leader = leader;
            _attempts = 0;
            AskAgain(now);
        }
    }

    /// <summary>The question, if it was to the proposer here, is lost with its earlier life.</summary>
    public void ProposerBegan(long now)
    {
        if (_leader.Owner == self)
        {
            AskAgain(now);
        }
    }

    /// <summary>The leader's answer.</summary>
    /// <param name="request">The question.</param>
    /// <param name="slot">What the state must reach; <see cref="Slot.Last"/> when who was asked does not lead.</param>
    /// <param name="leaseUntil">When the answer is over.</param>
    /// <param name="now">The owner's clock.</param>
    public void Indexed(ulong request, Slot slot, long leaseUntil, long now)
    {
        if (request != _request || _asked.Count == 0)
        {
            return;
        }

        if (slot == Slot.Last)
        {
            Await(now);
            return;
        }

        _attempts = 0;
        _fresherAfter = (slot, _askedAt);
        foreach (var number in _asked)
        {
            if (_reads.TryGetValue(number, out var read))
            {
                read.LeaseUntil = leaseUntil;
                read.Index = slot;
                _indexed.Enqueue(number, slot);
            }
        }

        _asked.Clear();
        _retryAt = long.MaxValue;
        Release(now);
    }

    /// <summary>The state has moved.</summary>
    public void Applied(Slot through, long now)
    {
        _applied = Slot.Max(_applied, through);
        Release(now);
    }

    /// <summary>Deadlines, and a question that was not answered.</summary>
    public void Tick(long now)
    {
        while (_deadlines.TryRing(now, out var number))
        {
            if (_reads.TryGetValue(number, out var read) && now >= read.Deadline)
            {
                _reads.Remove(number);
                work.Read(new ReadAnswer.Failed(number));
            }
        }

        if (_deadlines.AreMostlyOver(_reads.Count))
        {
            _deadlines.Clear();
            foreach (var (number, read) in _reads)
            {
                _deadlines.Set(number, read.Deadline);
            }
        }

        if (_indexed.Count > (2 * _reads.Count) + 64)
        {
            _indexed.Clear();
            _indexed.EnqueueRange(_reads.Where(static read => read.Value.Index is not null).Select(static read => (read.Key, read.Value.Index!.Value)));
        }

        if (now >= _retryAt && _unasked.Count + _asked.Count > 0)
        {
            _attempts++;
            AskAgain(now);
        }
    }

    private void Release(long now)
    {
        if (_fresherAfter is { } fresher && _applied >= fresher.Slot)
        {
            _freshAt = fresher.At;
            _fresherAfter = null;
        }

        while (_indexed.TryPeek(out var number, out var slot) && slot <= _applied)
        {
            _indexed.Dequeue();
            if (!_reads.TryGetValue(number, out var read) || read.Index != slot)
            {
                continue;
            }

            if (read.LeaseUntil <= now)
            {
                // The lease ran out before the state was there: the reader would find so, and ask once more.
                read.Index = null;
                _unasked.Add(number);
                continue;
            }

            _reads.Remove(number);
            work.Read(new ReadAnswer.Ready(number, slot, read.LeaseUntil));
        }

        if (_unasked.Count > 0 && _asked.Count == 0 && _retryAt == long.MaxValue)
        {
            Ask(now);
        }
    }

    /// <summary>A question put later is good for everybody who waits.</summary>
    private void AskAgain(long now)
    {
        _unasked.AddRange(_asked);
        _asked.Clear();
        if (_unasked.Count > 0)
        {
            Ask(now);
        }
    }

    private void Ask(long now)
    {
        _unasked.RemoveAll(number => !_reads.ContainsKey(number));
        if (_leader.IsNone || _unasked.Count == 0)
        {
            Await(now);
            return;
        }

        _asked.AddRange(_unasked);
        _unasked.Clear();
        _request++;
        _askedAt = now;
        if (_leader.Owner == self)
        {
            work.Tell(Part.Proposer, new PaxosInput.WantReadIndex(_request));
        }
        else
        {
            work.Send(_leader.Owner, new PaxosMessage.ReadIndex(_request));
        }

        Await(now);
    }

    private void Await(long now) =>
        _retryAt = now + jitter.Around(Math.Min(settings.ResendAfter << Math.Min(_attempts, 16), settings.ElectionTimeout));

    private sealed class Waiting(long deadline)
    {
        public long Deadline { get; } = deadline;

        public Slot? Index { get; set; }

        public long LeaseUntil { get; set; }
    }
}
