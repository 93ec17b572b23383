using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>How a session ends, for whichever reason: once, with everybody told and everything given back.</summary>
internal sealed partial class YamuxConnection
{
    private bool _over;
    private bool _farewell;
    private TransportException? _reason;

    /// <summary>Ends the session; the first call decides the reason.</summary>
    /// <param name="reason">What went wrong, or null after a goodbye.</param>
    /// <param name="farewell">A goodbye to send before the connection closes, or null to cut it.</param>
    private void End(TransportException? reason, GoAwayCode? farewell)
    {
        lock (Gate)
        {
            if (_over)
                return;
            _over = true;
            _reason = reason;
            _farewell = farewell is not null && !Session.GoodbyeSent;
            var failure = ClosedUnderGate();
            foreach (var stream in Session.Streams)
                stream.Owner?.FailUnderGate(failure, keepUnread: true);
            Session.CloseAll();
            if (_farewell)
                Session.SayGoodbye(farewell!.Value, atOnce: true);
            _cutAt = After(Options.FarewellTimeout);
            _dueAt = null;
            RearmUnderGate();
            FailOpenersUnderGate();
            _accepted.Writer.TryComplete();
        }

        // After a goodbye that has left, the send loop is through and the connection is closed in order.
        if (reason is not null && farewell is null)
            _secured.Raw.Abort();
        _signal.Raise();
    }

    private async Task<ConnectionEnd> EndAsync()
    {
        await _sending.ConfigureAwait(false);
        Exception? closing = null;
        try
        {
            // Closing ends a pending receive.
            await _secured.Raw.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            closing = failure;
        }

        await _receiving.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _secured.Codec.Dispose();
        while (_accepted.Reader.TryRead(out var stream))
            await stream.DisposeAsync().ConfigureAwait(false);
        lock (Gate)
        {
            if (closing is not null)
                _reason ??= new TransportException(TransportError.ConnectionClosed, "the connection could not be closed", closing);
            return new ConnectionEnd(_reason);
        }
    }

    private TransportException ClosedUnderGate() => _reason is null
        ? new TransportException(TransportError.ConnectionClosed, "the connection is closed")
        : new TransportException(TransportError.ConnectionClosed, "the connection has ended: " + _reason.Message, _reason);
}
