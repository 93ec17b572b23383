namespace Netabase.Transport.Yamux;

/// <summary>One timer for everything that has a deadline; an idle connection's timer fires once per keep-alive.</summary>
internal sealed partial class YamuxConnection
{
    private readonly ITimer _timer;
    private long? _dueAt;
    private long? _acksAt;
    private long? _sendStalledAt;
    private long? _askedAt;
    private long? _lingerAt;
    private long? _cutAt;
    private long? _heardOutAt;

    internal void AbandonUnderGate(StreamState stream)
    {
        Session.Abandon(stream, Now, Ticks(Options.Linger));
        if (stream.Closed)
            return;
        _lingerAt ??= After(Options.Linger);
        RearmUnderGate();
    }

    private void ScheduleAcksUnderGate()
    {
        if (_acksAt is not null)
            return;
        _acksAt = After(Options.AckDelay);
        RearmUnderGate();
    }

    private void OnTimer()
    {
        TransportException? expired = null;
        var cut = false;
        lock (Gate)
        {
            var now = Now;
            _dueAt = null;
            if (_over)
            {
                cut = _cutAt <= now;
            }
            else
            {
                if (_acksAt <= now)
                {
                    _acksAt = null;
                    Session.FlushAcks();
                }

                expired = JudgeSilenceUnderGate(now);
                if (_sendStalledAt + Ticks(Options.WriteTimeout) <= now)
                    expired ??= new TransportException(TransportError.TimedOut, "the connection took no bytes within the write time-out");
                if (_heardOutAt <= now)
                    expired = _sendFailure;
                if (_lingerAt <= now)
                    ResetLingeringUnderGate(now);
            }

            if (!cut && expired is null)
                RearmUnderGate();
        }

        if (expired is not null)
            End(expired, null);
        if (cut)
            _secured.Raw.Abort();
        Wake();
    }

    private TransportException? JudgeSilenceUnderGate(long now)
    {
        if (Options.KeepAlive == TimeSpan.Zero)
            return null;
        var heard = Volatile.Read(ref _receivedAt);
        if (_askedAt is { } asked)
        {
            if (heard > asked)
                _askedAt = null;
            else if (asked + Ticks(Options.PingTimeout) <= now)
                return new TransportException(TransportError.TimedOut, "the peer did not answer the keep-alive");
        }
        else if (heard + Ticks(Options.KeepAlive) <= now)
        {
            _askedAt = now;
            Session.RequestPing();
        }

        return null;
    }

    private void ResetLingeringUnderGate(long now)
    {
        long? next = null;
        List<StreamState>? late = null;
        foreach (var stream in Session.Streams)
        {
            if (!stream.Abandoned)
                continue;
            if (stream.LingersUntil <= now)
                (late ??= []).Add(stream);
            else if (next is null || stream.LingersUntil < next)
                next = stream.LingersUntil;
        }

        _lingerAt = next;
        foreach (var stream in late ?? [])
        {
            Session.Reset(stream, 0);
            stream.Owner?.FailUnderGate(new TransportException(TransportError.TimedOut, "the peer did not finish the stream"), keepUnread: false);
        }

        WakeOpenersUnderGate();
    }

    /// <summary>Sets the timer to the earliest deadline, if that is earlier than what it is set to.</summary>
    private void RearmUnderGate()
    {
        long? due = _over ? _cutAt : null;
        if (!_over)
        {
            due = Earlier(_acksAt, _lingerAt);
            due = Earlier(due, _sendStalledAt + Ticks(Options.WriteTimeout));
            due = Earlier(due, _heardOutAt);
            if (Options.KeepAlive > TimeSpan.Zero)
                due = Earlier(due, _askedAt is { } asked ? asked + Ticks(Options.PingTimeout) : Volatile.Read(ref _receivedAt) + Ticks(Options.KeepAlive));
        }

        if (due is not { } at || _dueAt <= at)
            return;
        _dueAt = at;
        var wait = Math.Max(0, at - Now) * TimeSpan.TicksPerSecond / Time.TimestampFrequency;

        // Rounded up: a timer that fires a little early would only have to be set again.
        _timer.Change(TimeSpan.FromTicks(wait) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private static long? Earlier(long? one, long? other) => one is null || other < one ? other ?? one : one;

    private long After(TimeSpan delay) => Now + Ticks(delay);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Time.TimestampFrequency);
}
