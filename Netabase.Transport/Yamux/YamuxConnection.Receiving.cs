using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>The receive loop: reads, opens security frames in place, parses headers across them, hands payload to the streams.</summary>
internal sealed partial class YamuxConnection
{
    private readonly List<YamuxStream> _touched = [];
    private readonly ILendsThreads? _lender;
    private YamuxStream? _ready;
    private int _crowd;
    private readonly byte[] _header = new byte[YamuxHeader.Size];
    private int _headerFilled;
    private YamuxStream? _payloadStream;
    private int _payloadLeft;
    private bool _finishBehindPayload;
    private long _receivedAt;
    private readonly ReceiveBudget _budget;
    private long _unread;

    /// <summary>The receive loop has begun to fill this stream's reader, and completes it behind the batch.</summary>
    internal void Touched(YamuxStream stream) => _touched.Add(stream);

    /// <summary>Makes room for bytes that wait for a reader; false when this connection or the whole node holds too many.</summary>
    internal bool TryHoldUnderGate(int bytes)
    {
        if (_unread + bytes > _budget.UnreadPerSession || !_budget.TryHold(bytes))
            return false;
        _unread += bytes;
        return true;
    }

    /// <summary>So many of them wait no more.</summary>
    internal void ReleaseUnderGate(int bytes)
    {
        _unread -= bytes;
        _budget.Release(bytes);
    }

    private async Task ReceiveLoopAsync()
    {
        using var buffer = new ReceiveBuffer(Pool);
        try
        {
            buffer.Append(_secured.Leftover.Span);
            var alive = _secured.Opened.IsEmpty || Parse(_secured.Opened.Span, Now);
            while (alive && Process(buffer))
            {
                if (buffer.ShouldRelease)
                {
                    buffer.Release();
                    var waiting = _secured.Raw.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
                    if (waiting.IsCompleted)
                        QueueReader();
                    await waiting.ConfigureAwait(false);
                }

                var free = buffer.Prepare();
                if (free.IsEmpty)
                    throw new TransportException(TransportError.InvalidData, "a security frame larger than the receive buffer");
                var receiving = _secured.Raw.ReceiveAsync(free, CancellationToken.None);
                if (receiving.IsCompleted)
                    QueueReader();
                var count = await receiving.ConfigureAwait(false);
                if (count == 0)
                {
                    EndAtEndOfStream();
                    return;
                }

                Volatile.Write(ref _receivedAt, Now);
                buffer.Advance(count);
            }
        }
        catch (TransportException failure)
        {
            End(failure, null);
        }
        catch (Exception failure)
        {
            // Whatever a transport or codec throws beyond its contract ends this connection and nothing else.
            End(new TransportException(TransportError.ConnectionClosed, "the connection failed while receiving", failure), null);
        }
        finally
        {
            CompleteReaders();
        }
    }

    /// <summary>Takes every complete frame; false when the session is over.</summary>
    private bool Process(ReceiveBuffer buffer)
    {
        var now = Now;
        try
        {
            while (_secured.Codec.TryOpen(buffer.Received, out var consumed, out var plaintext))
            {
                var alive = Parse(buffer.Received[plaintext], now);
                buffer.Take(consumed);
                if (!alive)
                    return false;
            }
        }
        finally
        {
            CompleteReaders();
        }

        var (over, done) = AfterBatch();
        if (done)
            End(null, null);
        Wake();
        return !over && !done;
    }

    private (bool Over, bool Done) AfterBatch()
    {
        lock (Gate)
        {
            WakeOpenersUnderGate();
            return (_over, Session is { PeerSaidGoodbye: true, StreamCount: 0 });
        }
    }

    private void CompleteReaders()
    {
        if (_touched.Count == 0)
            return;

        // The last reader goes on in this thread when the loop lets go of it, the others in threads of the pool: none of them waits
        // for another one, or holds up the loop.
        Volatile.Write(ref _crowd, _touched.Count);
        var last = _lender is { IsLending: true } ? _touched[^1] : null;
        lock (Gate)
        {
            foreach (var stream in _touched)
                stream.CompleteReaderUnderGate(hold: stream == last);
        }

        if (last is not null)
            Interlocked.Exchange(ref _ready, last)?.ContinueReader(inline: false);

        _touched.Clear();
    }

    /// <summary>In the thread that a receive has lent: the loop waits for the next one.</summary>
    private void ContinueReader() => Interlocked.Exchange(ref _ready, null)?.ContinueReader(inline: true);

    /// <summary>The loop goes on itself: the reader gets another thread.</summary>
    private void QueueReader() => Interlocked.Exchange(ref _ready, null)?.ContinueReader(inline: false);

    private bool Parse(ReadOnlySpan<byte> bytes, long now)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                var count = Math.Min(_payloadLeft, bytes.Length);
                _payloadStream?.Deliver(bytes[..count], now);
                _payloadLeft -= count;
                bytes = bytes[count..];
                if (_payloadLeft == 0)
                    FinishPayload();
                continue;
            }

            var taken = Math.Min(YamuxHeader.Size - _headerFilled, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
            _headerFilled += taken;
            bytes = bytes[taken..];
            if (_headerFilled < YamuxHeader.Size)
                return true;
            _headerFilled = 0;
            if (!YamuxHeader.TryRead(_header, out var header))
                return Violate(TransportError.ProtocolViolation, "a frame of an unknown version or type");
            if (!OnHeader(header, now))
                return false;
        }

        return true;
    }

    private bool OnHeader(in YamuxHeader header, long now)
    {
        Reception reception;
        lock (Gate)
        {
            if (_over)
                return false;
            reception = Session.OnHeader(header, now);
            if (reception.Kind != ReceptionKind.Violation)
                ActUnderGate(reception);
        }

        if (reception.Kind == ReceptionKind.Violation)
            return Violate(reception.Error, reception.Reason ?? "a broken rule");
        if (!reception.Has(ReceptionEvents.GoAway) || reception.Code == (uint)GoAwayCode.Normal)
            return true;
        End(new TransportException(TransportError.ConnectionClosed, $"the peer ended the session with code {reception.Code}"), null);
        return false;
    }

    private void ActUnderGate(in Reception reception)
    {
        if (reception.Has(ReceptionEvents.Opened))
        {
            var opened = new YamuxStream(this, reception.Stream!);
            reception.Stream!.Owner = opened;

            // The session refuses what exceeds the backlog, so there is always a place.
            if (!_accepted.Writer.TryWrite(opened))
                throw new InvalidOperationException("The accept backlog holds more than the session counts.");
        }

        if (reception.Has(ReceptionEvents.GoAway))
            FailOpenersUnderGate();
        var owner = reception.Stream?.Owner;
        if (reception.Has(ReceptionEvents.Reset))
            owner?.FailUnderGate(new TransportException(TransportError.StreamReset, $"the peer reset the stream with code {reception.Code}"), keepUnread: false);
        if (reception.Kind is ReceptionKind.Payload or ReceptionKind.Discard)
        {
            _payloadStream = reception.Kind == ReceptionKind.Payload ? owner : null;
            _payloadLeft = reception.Length;
            _finishBehindPayload = reception.Has(ReceptionEvents.Finished);
        }
        else if (reception.Has(ReceptionEvents.Finished))
        {
            owner?.FinishUnderGate();
        }
    }

    private void FinishPayload()
    {
        if (_finishBehindPayload && _payloadStream is { } stream)
        {
            lock (Gate)
                stream.FinishUnderGate();
        }

        _payloadStream = null;
        _finishBehindPayload = false;
    }

    private bool Violate(TransportError error, string reason)
    {
        End(new TransportException(error, "yamux: " + reason), GoAwayCode.ProtocolError);
        return false;
    }

    private void EndAtEndOfStream()
    {
        bool orderly;
        lock (Gate)
            orderly = Session.PeerSaidGoodbye || Session.GoodbyeSent;
        End(orderly ? null : new TransportException(TransportError.ConnectionClosed, "the peer closed the connection without a goodbye"), null);
    }
}
