using System.Threading.Tasks.Sources;

namespace Netabase.Actors.Events;

/// <summary>
/// A ring of the newest events for one reader. When it is full the oldest goes and is counted, and before its next event the
/// reader is told how many: the count and its place are exact, since ring and count change under one lock.
/// </summary>
internal sealed class BroadcastSubscription : IBroadcastSubscription, IValueTaskSource<bool>
{
    private const int FirstLength = 16;

    private readonly Lock _gate = new();
    private readonly int _capacity;
    private readonly Action<BroadcastSubscription> _leave;
    private NetabaseEvent[] _ring;
    private int _head;
    private int _count;
    private long _missed;
    private bool _isOver;
    private bool _isWaiting;
    private bool _hasReader;
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private NetabaseEvent _current = null!;

    public BroadcastSubscription(int capacity, Action<BroadcastSubscription> leave)
    {
        _capacity = capacity;
        _leave = leave;
        _ring = new NetabaseEvent[Math.Min(FirstLength, capacity)];
    }

    public void Offer(NetabaseEvent happened)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            if (_count == _ring.Length && !TryGrow())
            {
                // An oldest that itself tells of missed ones stands for as many.
                _missed += _ring[_head] is Lagged lagged ? lagged.Missed : 1;
                _head = Next(_head);
                _count--;
            }

            var tail = _head + _count;
            _ring[tail < _ring.Length ? tail : tail - _ring.Length] = happened;
            _count++;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _arrival.SetResult(true);
    }

    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _arrival.SetResult(true);
    }

    public IAsyncEnumerator<NetabaseEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_hasReader)
            {
                throw new InvalidOperationException("A subscription has one reader at a time; subscribe once for each.");
            }

            _hasReader = true;
            _token = cancellationToken;
        }

        return new Reader(this);
    }

    /// <summary>Ends the enumeration once what waits is read, and leaves the audience.</summary>
    public ValueTask DisposeAsync()
    {
        End();
        _leave(this);
        return ValueTask.CompletedTask;
    }

    private ValueTask<bool> MoveNextAsync()
    {
        _token.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (TryTake(out var hasOne))
            {
                return new ValueTask<bool>(hasOne);
            }

            _arrival.Reset();
            _isWaiting = true;
        }

        if (_token.CanBeCanceled)
        {
            _cancellation = _token.UnsafeRegister(static state => ((BroadcastSubscription)state!).Cancel(), this);
        }

        return new ValueTask<bool>(this, _arrival.Version);
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        _arrival.GetResult(token);
        lock (_gate)
        {
            return TryTake(out var hasOne) && hasOne;
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    /// <summary>What the reader gets now: the missed first, then the oldest event, then the end. False when it has to wait.</summary>
    private bool TryTake(out bool hasOne)
    {
        hasOne = true;
        if (_missed > 0)
        {
            _current = new Lagged(_missed) { At = _count > 0 ? _ring[_head].At : 0 };
            NodeMetrics.CountMissed(_missed);
            _missed = 0;
            return true;
        }

        if (_count > 0)
        {
            _current = _ring[_head];
            _ring[_head] = null!;
            _head = Next(_head);
            _count--;
            return true;
        }

        hasOne = false;
        return _isOver;
    }

    private bool TryGrow()
    {
        if (_ring.Length == _capacity)
        {
            return false;
        }

        var larger = new NetabaseEvent[Math.Min(_capacity, _ring.Length * 2)];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_head + i) % _ring.Length];
        }

        _ring = larger;
        _head = 0;
        return true;
    }

    private int Next(int place) => place + 1 == _ring.Length ? 0 : place + 1;

    private void Cancel()
    {
        lock (_gate)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _arrival.SetException(new OperationCanceledException(_token));
    }

    private void Release()
    {
        lock (_gate)
        {
            _hasReader = false;
            _token = default;
        }
    }

    /// <summary>One enumeration; when it ends the subscription stays, and may be read on.</summary>
    private sealed class Reader(BroadcastSubscription subscription) : IAsyncEnumerator<NetabaseEvent>
    {
        public NetabaseEvent Current => subscription._current;

        public ValueTask<bool> MoveNextAsync() => subscription.MoveNextAsync();

        public ValueTask DisposeAsync()
        {
            subscription.Release();
            return ValueTask.CompletedTask;
        }
    }
}
