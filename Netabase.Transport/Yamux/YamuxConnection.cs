using System.Threading.Channels;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>
/// One session over one connection: a receive loop, a send loop and a timer around the pure <see cref="YamuxSession"/>.
/// One gate guards the session and what the streams remember; nothing that may run somebody else's code is called while
/// it is held, and all waiters continue on the thread pool.
/// </summary>
internal sealed partial class YamuxConnection : IMuxedConnection
{
    private readonly SecuredConnection _secured;
    private readonly SendSignal _signal = new();
    private readonly Channel<YamuxStream> _accepted;
    private readonly LinkedList<TaskCompletionSource<YamuxStream>> _openers = new();
    private readonly Task _receiving;
    private readonly Task _sending;

    internal YamuxConnection(
        SecuredConnection secured, ConnectionRole role, YamuxOptions options, TimeProvider time, BlockPool pool, ReceiveBudget? budget = null)
    {
        _secured = secured;
        Options = options;
        Time = time;
        Pool = pool;
        _budget = budget ?? options.Budget();
        Session = new YamuxSession(
            options, role, time.TimestampFrequency, Now, _budget, (long)(secured.Handshake.TotalSeconds * time.TimestampFrequency));
        _accepted = Channel.CreateBounded<YamuxStream>(options.AcceptBacklog);
        _packer = new FramePacker(secured.Codec, pool);
        _receivedAt = Now;
        _timer = time.CreateTimer(static self => ((YamuxConnection)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (Gate)
            RearmUnderGate();
        _lender = secured.Raw as ILendsThreads;
        if (_lender is not null)
            _lender.AfterReceive = ContinueReader;
        _sending = SendLoopAsync();
        _receiving = Task.Run(ReceiveLoopAsync);
        Ended = EndAsync();
    }

    /// <inheritdoc/>
    public int StreamCount
    {
        get
        {
            lock (Gate)
                return Session.StreamCount;
        }
    }

    /// <inheritdoc/>
    public TimeSpan? RoundTrip
    {
        get
        {
            lock (Gate)
                return Session.RoundTrip == 0 ? null : Time.GetElapsedTime(0, Session.RoundTrip);
        }
    }

    /// <inheritdoc/>
    public Task<ConnectionEnd> Ended { get; }

    /// <summary>Guards the session and the streams.</summary>
    internal Lock Gate { get; } = new();

    internal YamuxSession Session { get; }

    internal YamuxOptions Options { get; }

    internal BlockPool Pool { get; }

    internal long Now => Time.GetTimestamp();

    private TimeProvider Time { get; }

    /// <inheritdoc/>
    public ValueTask<IMuxedStream> OpenAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<IMuxedStream>(cancellation);
        LinkedListNode<TaskCompletionSource<YamuxStream>> place;
        lock (Gate)
        {
            if (_over || Session.IsClosing)
                return ValueTask.FromException<IMuxedStream>(ClosedUnderGate());
            if (_openers.Count == 0 && TryOpenUnderGate() is { } stream)
                return new ValueTask<IMuxedStream>(stream);
            if (Session.IsClosing || _openers.Count >= Options.MaxWaitingOpeners)
                return ValueTask.FromException<IMuxedStream>(new TransportException(TransportError.LimitReached, "too many streams are waiting to be opened"));
            place = _openers.AddLast(new TaskCompletionSource<YamuxStream>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return WaitForPlaceAsync(place, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<IMuxedStream?> AcceptAsync(CancellationToken cancellation)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            while (_accepted.Reader.TryRead(out var stream))
            {
                bool dead;
                lock (Gate)
                {
                    Session.OnAccepted(stream.State);
                    dead = stream.IsDead;
                    if (!dead)
                        ScheduleAcksUnderGate();
                }

                if (!dead)
                    return stream;
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        lock (Gate)
        {
            if (!_over)
                Session.SayGoodbye(GoAwayCode.Normal, atOnce: false);
            FailOpenersUnderGate();
        }

        Wake();
        using var deadline = new Deadline(Options.CloseTimeout, Time, cancellation);
        try
        {
            await Ended.WaitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            End(null, GoAwayCode.Normal);
            await Ended.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Abort(TransportException reason) => End(reason, null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(new TransportException(TransportError.ConnectionClosed, "the connection was disposed"), null);
        await Ended.ConfigureAwait(false);
    }

    /// <summary>Wakes the send loop when there is something to send. Never called under the gate.</summary>
    internal void Wake()
    {
        bool work;
        lock (Gate)
            work = Session.HasWork && !_over;
        if (work)
            _signal.Raise(queued: Volatile.Read(ref _crowd) > 1);
    }

    /// <summary>A place for an opener may have become free.</summary>
    internal void WakeOpenersUnderGate()
    {
        while (_openers.First is { } first)
        {
            if (!first.Value.Task.IsCompleted)
            {
                if (TryOpenUnderGate() is not { } stream)
                    return;
                if (!first.Value.TrySetResult(stream))
                    Session.Reset(stream.State, 0);
            }

            _openers.RemoveFirst();
        }
    }

    private async ValueTask<IMuxedStream> WaitForPlaceAsync(
        LinkedListNode<TaskCompletionSource<YamuxStream>> place, CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(
            static place => ((TaskCompletionSource<YamuxStream>)place!).TrySetException(
                new TransportException(TransportError.LimitReached, "no place for a further stream became free in time")),
            place.Value);
        try
        {
            return await place.Value.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (Gate)
            {
                if (place.List is not null)
                    _openers.Remove(place);
            }
        }
    }

    private YamuxStream? TryOpenUnderGate()
    {
        if (Session.TryOpen(Now, out var state) != YamuxSession.Refusal.None || state is null)
            return null;
        return state.Owner = new YamuxStream(this, state);
    }

    private void FailOpenersUnderGate()
    {
        foreach (var opener in _openers)
            opener.TrySetException(ClosedUnderGate());
        _openers.Clear();
    }
}
