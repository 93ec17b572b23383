using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>
/// The bytes of one stream on their way between the application and the connection's two loops. Everything it remembers
/// is guarded by the connection's gate; bytes are copied outside of it, by the one reader, the one writer and the loops,
/// each marking what it is about to touch, so that a reset in the middle waits with giving the blocks back.
/// </summary>
internal sealed partial class YamuxStream(YamuxConnection connection, StreamState state) : IMuxedStream
{
    private TransportException? _failure;
    private bool _disposed;

    /// <summary>What the session knows of it.</summary>
    internal StreamState State => state;

    /// <inheritdoc/>
    public uint Id => state.Id;

    /// <summary>Nothing can be read from it any more and nothing was left: no acceptor wants it.</summary>
    internal bool IsDead => _failure is not null && _unread == 0;

    /// <inheritdoc/>
    public void Reset(uint code = 0)
    {
        lock (connection.Gate)
        {
            connection.Session.Reset(state, code);
            FailUnderGate(new TransportException(TransportError.StreamReset, "the stream was reset by us"), keepUnread: false);
            connection.WakeOpenersUnderGate();
        }

        connection.Wake();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (connection.Gate)
        {
            if (_disposed)
                return ValueTask.CompletedTask;
            _disposed = true;
            _writeClosed = true;
            var disposed = new TransportException(TransportError.StreamReset, "the stream was disposed");
            var unheardOf = state is { SynDue: true, Unsent: 0, FinDue: false };
            if (_writePending || unheardOf)
            {
                connection.Session.Reset(state, 0);
                FailUnderGate(disposed, keepUnread: false);
            }
            else
            {
                connection.Session.CloseWrite(state);
                connection.AbandonUnderGate(state);
                _failure ??= disposed;
                ReleaseInboxUnderGate();
                FailReaderUnderGate();
            }

            connection.WakeOpenersUnderGate();
        }

        connection.Wake();
        return ValueTask.CompletedTask;
    }

    /// <summary>The peer, we or the connection's end stopped both directions; the first reason stays.</summary>
    internal void FailUnderGate(TransportException reason, bool keepUnread)
    {
        _failure ??= reason;
        if (!keepUnread)
            ReleaseInboxUnderGate();
        FailReaderUnderGate();
        FailWriterUnderGate(_failure);
        ReleaseOutboxUnderGate();
    }

    /// <summary>Every waiter gets an exception of its own, so that their stack traces do not mix.</summary>
    private static TransportException Fresh(TransportException reason) => new(reason.Error, reason.Message, reason);
}
