namespace Netabase.Transport.Yamux;

/// <summary>What leaves, in which order: session frames first, then one frame of each stream in turn, the goodbye last.</summary>
internal sealed partial class YamuxSession
{
    /// <summary>A payload piece smaller than this is not worth a header while the next buffer has room for all of it.</summary>
    private const int SmallPiece = 1024;

    private long? _pingSentAt;
    private uint _pingValue;
    private bool _pingQueued = true;
    private bool _goodbyeAtOnce;
    private GoAwayCode _goodbye;
    private long _pingedAt;

    /// <summary>A ping is to be sent with the next frames.</summary>
    internal bool PingWanted => _pingQueued && _pingSentAt is null;

    /// <summary>A goodbye follows what is queued.</summary>
    internal bool GoodbyeWanted { get; private set; }

    /// <summary>The goodbye has left; nothing follows it.</summary>
    internal bool GoodbyeSent { get; private set; }

    /// <summary>Nothing that could go out stands before the goodbye.</summary>
    private bool GoodbyeReady => GoodbyeWanted && !GoodbyeSent && (_unsentStreams == 0 || _goodbyeAtOnce);

    /// <summary>Asks for a round trip; one at a time. The first is asked with the first frame that leaves.</summary>
    internal void RequestPing() => _pingQueued = true;

    /// <summary>Says goodbye: behind what is queued, or before everything else.</summary>
    internal void SayGoodbye(GoAwayCode code, bool atOnce)
    {
        GoodbyeWanted = true;
        _goodbye = code;
        _goodbyeAtOnce |= atOnce;
    }

    /// <summary>The next frame that fits, or false when there is none or the room is used up.</summary>
    /// <param name="room">Bytes left for headers and payload.</param>
    /// <param name="now">The time, for the ping's round trip.</param>
    /// <param name="next">The header, and how many bytes of which stream follow it; they count as sent from here on.</param>
    internal bool TryNext(int room, long now, out Outgoing next)
    {
        next = default;
        if (room < YamuxHeader.Size || GoodbyeSent)
            return false;
        if (GoodbyeWanted && _goodbyeAtOnce)
            return SendGoodbye(out next);
        if (TrySessionFrame(now, out next))
            return true;

        while (TakeReady() is { } stream)
        {
            if (!stream.HasWork)
                continue;
            if (!TryFrame(stream, room - YamuxHeader.Size, out next))
            {
                ReturnReady(stream);
                return false;
            }

            MakeReady(stream);
            return true;
        }

        return GoodbyeReady && SendGoodbye(out next);
    }

    private bool TrySessionFrame(long now, out Outgoing next)
    {
        next = default;
        if (_answers.TryDequeue(out var answer))
        {
            if (answer.Type == YamuxType.Ping)
                _queuedPongs--;
            else
                _queuedResets--;
            next = new Outgoing(answer, null, 0);
            return true;
        }

        if (!PingWanted)
            return false;
        _pingQueued = false;
        _pingSentAt = now;
        _pingedAt = now;
        next = new Outgoing(new YamuxHeader(YamuxType.Ping, YamuxFlags.Syn, 0, ++_pingValue), null, 0);
        return true;
    }

    private bool SendGoodbye(out Outgoing next)
    {
        GoodbyeSent = true;
        next = new Outgoing(new YamuxHeader(YamuxType.GoAway, YamuxFlags.None, 0, (uint)_goodbye), null, 0);
        return true;
    }

    private bool TryFrame(StreamState stream, int room, out Outgoing next)
    {
        if (stream.ResetDue is { } code)
        {
            stream.ResetDue = null;
            next = Update(stream, YamuxFlags.Rst, code);
            return true;
        }

        if (stream.CreditDue)
        {
            stream.CreditDue = false;
            var credit = Math.Max(0, stream.Window - stream.Granted - stream.Buffered);
            stream.Granted += credit;
            next = Update(stream, TakeFlags(stream), (uint)credit);
            return true;
        }

        if (stream.Unsent > 0 && stream.SendWindow > 0)
            return TryData(stream, room, out next);

        // The end has a frame of its own: some implementations tell their reader of it before they take the payload.
        var flags = TakeFlags(stream);
        if (stream is { FinDue: true, FinSent: false, Unsent: 0 })
        {
            flags |= YamuxFlags.Fin;
            stream.FinSent = true;
            RemoveWhenOver(stream);
            ResetWhenStuck(stream);
        }

        next = Update(stream, flags, 0);
        return true;
    }

    private bool TryData(StreamState stream, int room, out Outgoing next)
    {
        next = default;
        var sendable = (int)Math.Min(Math.Min(stream.Unsent, stream.SendWindow), _options.MaxFrameSent);
        if (room < Math.Min(sendable, SmallPiece))
            return false;
        var count = Math.Min(sendable, room);
        stream.Unsent -= count;
        stream.SendWindow -= count;
        stream.Answered = true;
        if (stream.Unsent == 0)
            _unsentStreams--;
        _flood.EarnBytes(count);
        next = new Outgoing(new YamuxHeader(YamuxType.Data, TakeFlags(stream), stream.Id, (uint)count), stream, count);
        return true;
    }

    private static YamuxFlags TakeFlags(StreamState stream)
    {
        var flags = (stream.SynDue ? YamuxFlags.Syn : YamuxFlags.None) | (stream.AckDue ? YamuxFlags.Ack : YamuxFlags.None);
        stream.SynDue = stream.AckDue = stream.FlagsUrgent = false;
        return flags;
    }

    private static Outgoing Update(StreamState stream, YamuxFlags flags, uint length) =>
        new(new YamuxHeader(YamuxType.WindowUpdate, flags, stream.Id, length), stream, 0);

    private void ReturnReady(StreamState stream)
    {
        stream.IsQueued = true;
        stream.NextReady = _readyHead;
        _readyHead = stream;
        _readyTail ??= stream;
    }
}
