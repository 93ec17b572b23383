namespace Netabase.Transport.Yamux;

/// <summary>What the peer may do to us: the only place that judges its frames.</summary>
internal sealed partial class YamuxSession
{
    /// <summary>Half a window in less than so many round trips: the window doubles.</summary>
    private const int SlowRoundTrips = 4;

    /// <summary>Half a window in less than so many round trips: it grows by <see cref="FastFactor"/> at least and <see cref="BurstFactor"/> at most.</summary>
    private const int FastRoundTrips = 2;
    private const int FastFactor = 4;
    private const int BurstFactor = 16;

    /// <summary>A reader that gets nothing for this part of a round trip has seen the end of a burst: what comes then is a new one.</summary>
    private const int PauseShare = 4;

    /// <summary>Whether the peer asked for no further streams.</summary>
    internal bool PeerSaidGoodbye { get; private set; }

    /// <summary>Takes the next header. A violation leaves the session as it was; its owner ends it.</summary>
    internal Reception OnHeader(in YamuxHeader header, long now) => header.Type switch
    {
        YamuxType.Data or YamuxType.WindowUpdate => OnStreamFrame(header, now),
        YamuxType.Ping => OnPing(header, now),
        YamuxType.GoAway => OnGoAway(header),
        _ => Reception.Violation("unknown frame type"),
    };

    /// <summary>The reader took bytes; when half a window was read, the peer may send more.</summary>
    internal void OnConsumed(StreamState stream, int count, long now)
    {
        stream.Buffered = Math.Max(0, stream.Buffered - count);
        if (stream.Consumed == 0 || now - stream.ConsumedAt > Trip / PauseShare)
            (stream.BurstAt, stream.BurstHead) = (now, stream.Consumed + count);
        stream.Consumed += count;
        stream.ConsumedAt = now;
        if (stream.Closed || stream.FinReceived || stream.Abandoned || stream.CreditDue || stream.Consumed < stream.Window / 2)
            return;
        Grow(stream, now);
        if (now - _pingedAt > _pingInterval)
            RequestPing();
        stream.Consumed = 0;
        stream.Epoch = now;
        stream.CreditDue = true;
        MakeReady(stream);
    }

    private Reception OnStreamFrame(in YamuxHeader header, long now)
    {
        if (header.StreamId == 0)
            return Reception.Violation("a stream frame for the session");
        var payload = header.Type == YamuxType.Data ? header.Length : 0;
        if (payload > (uint)_options.MaxFrame)
            return Reception.Violation("a frame larger than allowed");

        _streams.TryGetValue(header.StreamId, out var stream);
        if (header.Has(YamuxFlags.Syn))
            return OnSyn(header, stream, (int)payload, now);
        if (stream is null)
            return OnUnknown(header, (int)payload, now);
        return OnKnown(header, stream, (int)payload, ReceptionEvents.None, now);
    }

    private Reception OnSyn(in YamuxHeader header, StreamState? stream, int payload, long now)
    {
        // The dialer's ids are odd.
        if ((header.StreamId & 1) == (_dialer ? 1u : 0u))
            return Reception.Violation("a stream opened with an id of our side");
        if (stream is not null)
            return Reception.Violation("a stream opened twice");
        if (payload > YamuxOptions.InitialWindow)
            return Reception.Violation("more data than the initial window");
        if (header.Has(YamuxFlags.Rst))
            return OnUnknown(header, payload, now);

        if (GoodbyeWanted || _incoming >= _options.MaxIncomingStreams || _unaccepted >= _options.AcceptBacklog)
        {
            if (_queuedResets >= _options.MaxQueuedResets)
                return Reception.Flood("streams opened beyond the limit, and resets not read");
            _queuedResets++;
            _answers.Enqueue(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, header.StreamId, 0));
            _unknownAllowance += YamuxOptions.InitialWindow;
            return OnUnknown(header, payload, now);
        }

        stream = new StreamState(header.StreamId, outbound: false, now);
        _streams.Add(stream.Id, stream);
        _incoming++;
        _unaccepted++;
        return OnKnown(header, stream, payload, ReceptionEvents.Opened, now);
    }

    private Reception OnKnown(in YamuxHeader header, StreamState stream, int payload, ReceptionEvents events, long now)
    {
        if (!TakePayload(stream, payload, out var violation))
            return violation;
        if (header.Has(YamuxFlags.Rst))
            return OnReset(header, stream, payload, now);
        if (header.Type == YamuxType.WindowUpdate)
            OnWindow(stream, header.Length);

        var moved = payload > 0 || events != ReceptionEvents.None;
        if (header.Has(YamuxFlags.Ack))
            moved |= Acknowledge(stream);
        if (header.Has(YamuxFlags.Fin) && !stream.FinReceived)
        {
            moved = true;
            stream.FinReceived = true;
            stream.CreditDue = false;
            events |= ReceptionEvents.Finished;
            RemoveWhenOver(stream);
        }

        ResetWhenStuck(stream);
        if (!moved && !_flood.TrySpend(now))
            return Reception.Flood("a flood of frames that move nothing");
        return payload == 0
            ? new Reception(ReceptionKind.Done, stream, 0, events)
            : new Reception(stream.Abandoned ? ReceptionKind.Discard : ReceptionKind.Payload, stream, payload, events);
    }

    private bool TakePayload(StreamState stream, int payload, out Reception violation)
    {
        violation = default;
        if (payload == 0)
            return true;
        if (stream.FinReceived)
            violation = Reception.Violation("data behind the end of a stream");
        else if (payload > stream.Granted)
            violation = Reception.Violation("more data than the window allows");
        if (violation.Kind == ReceptionKind.Violation)
            return false;
        stream.Granted -= payload;
        if (!stream.Abandoned)
            stream.Buffered += payload;
        _flood.EarnBytes(payload);
        return true;
    }

    /// <summary>A stream of the peer's that it resets before we could say a word cost us as much as one that was used, and was not.</summary>
    private Reception OnReset(in YamuxHeader header, StreamState stream, int payload, long now)
    {
        if (stream is { Outbound: false, Answered: false } && !_flood.TrySpend(now))
            return Reception.Flood("a flood of streams that are opened and reset");
        stream.FinReceived = true;
        Remove(stream);
        var code = header.Type == YamuxType.WindowUpdate ? header.Length : 0;
        return new Reception(payload == 0 ? ReceptionKind.Done : ReceptionKind.Discard, stream, payload, ReceptionEvents.Reset, code);
    }

    private void OnWindow(StreamState stream, uint increment)
    {
        if (increment == 0)
            return;
        stream.SendWindow = Math.Min(stream.SendWindow + increment, uint.MaxValue);
        MakeReady(stream);
    }

    /// <summary>A frame for a stream that is over, or never was: tolerated while it can be the tail of a stream that just closed.</summary>
    private Reception OnUnknown(in YamuxHeader header, int payload, long now)
    {
        if (payload > _unknownAllowance)
            return Reception.Violation("data for unknown streams");
        _unknownAllowance -= payload;
        if (payload == 0 && !_flood.TrySpend(now))
            return Reception.Flood("a flood of frames for unknown streams");
        return payload == 0 ? Reception.Nothing : new Reception(ReceptionKind.Discard, null, payload);
    }

    private Reception OnPing(in YamuxHeader header, long now)
    {
        if (header.StreamId != 0)
            return Reception.Violation("a ping for a stream");
        if (!_flood.TrySpend(now))
            return Reception.Flood("a flood of pings");
        if (header.Has(YamuxFlags.Syn))
        {
            if (_queuedPongs >= _options.MaxQueuedAnswers)
                return Reception.Flood("pings whose answers are not read");
            _queuedPongs++;
            _answers.Enqueue(new YamuxHeader(YamuxType.Ping, YamuxFlags.Ack, 0, header.Length));
        }
        else if (header.Has(YamuxFlags.Ack) && _pingSentAt is { } sent && header.Length == _pingValue)
        {
            RoundTrip = Math.Max(1, now - sent);
            _pingSentAt = null;
        }

        return Reception.Nothing;
    }

    private Reception OnGoAway(in YamuxHeader header)
    {
        if (header.StreamId != 0)
            return Reception.Violation("a goodbye for a stream");
        PeerSaidGoodbye = true;
        return new Reception(ReceptionKind.Done, Events: ReceptionEvents.GoAway, Code: header.Length);
    }

    /// <summary>
    /// A reader that takes half a window within few round trips is held up by the window and not by itself: let it grow,
    /// faster the faster it reads, within the bounds of the stream, the session and the node. What was taken since the burst began
    /// shows what the line carries; twice that for a round trip is where the window belongs, at most so far in one step. A burst is
    /// what comes without a pause: between the tail of one window and the first bytes of the next one the line is silent, not slow.
    /// </summary>
    private void Grow(StreamState stream, long now)
    {
        if (Trip == 0 || stream.Window >= _options.MaxStreamWindow)
            return;
        var elapsed = now - stream.Epoch;
        if (elapsed >= SlowRoundTrips * Trip)
            return;
        var target = stream.Window * 2;
        if (elapsed < FastRoundTrips * Trip)
        {
            var took = now - stream.BurstAt;
            var carried = took > 0 ? (double)(stream.Consumed - stream.BurstHead) / took * Trip : 0;
            target = (long)Math.Clamp(2 * carried, stream.Window * FastFactor, stream.Window * BurstFactor);
        }

        target = Math.Min(target, _options.MaxStreamWindow);
        var growth = _budget.Grow(Math.Min(target - stream.Window, _options.MaxWindowGrowth - _windowGrowth));
        stream.Window += growth;
        _windowGrowth += growth;
    }
}
