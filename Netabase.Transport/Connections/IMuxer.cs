namespace Netabase.Transport.Connections;

/// <summary>Turns one secured connection into many streams (<c>/yamux/1.0.0</c>).</summary>
public interface IMuxer
{
    /// <summary>Its name in multistream-select and in early muxer negotiation.</summary>
    ProtocolId Id { get; }

    /// <summary>Takes over the connection and starts its receive loop and its send loop.</summary>
    IMuxedConnection Start(SecuredConnection connection, ConnectionRole role);
}

/// <summary>A connection that carries streams. It owns everything below it; its end ends them all.</summary>
public interface IMuxedConnection : IAsyncDisposable
{
    /// <summary>Streams open now, both directions, half-closed ones included.</summary>
    int StreamCount { get; }

    /// <summary>The newest measured round trip, or null before the first.</summary>
    TimeSpan? RoundTrip { get; }

    /// <summary>Completes, never faults, once the connection is over; the result says why it ended.</summary>
    Task<ConnectionEnd> Ended { get; }

    /// <summary>Opens a stream; nothing is sent before its first write, close or waiting read, so that the opening rides on the first data.</summary>
    /// <exception cref="TransportException">The connection is over, or its stream limit is reached until the deadline.</exception>
    ValueTask<IMuxedStream> OpenAsync(CancellationToken cancellation);

    /// <summary>The next stream the peer opened, or null once the connection is over. Several may wait at once.</summary>
    ValueTask<IMuxedStream?> AcceptAsync(CancellationToken cancellation);

    /// <summary>Says goodbye, lets what is queued leave within the deadline, and closes.</summary>
    ValueTask CloseAsync(CancellationToken cancellation);

    /// <summary>Cuts at once; every stream ends with this error.</summary>
    void Abort(TransportException reason);
}

/// <summary>
/// A two-way byte stream with its own flow control. One reader and one writer at a time. Buffers are pooled and bounded by
/// the stream's window: a peer that does not read stalls only this stream's writer, and a reader that does not read costs
/// at most one window. Disposal closes our side in order and gives up reading; a peer that does not finish within the
/// muxer's linger time is reset.
/// </summary>
public interface IMuxedStream : IAsyncDisposable
{
    /// <summary>The muxer's number for it.</summary>
    uint Id { get; }

    /// <summary>
    /// Reads at least one byte, or 0 after the peer closed its side. With an empty buffer it waits until there is something
    /// to read (or the end) and returns 0. A cancelled read loses nothing: the next one goes on where it stood.
    /// </summary>
    /// <exception cref="TransportException">The stream was reset, or its connection ended.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>
    /// Queues every byte for sending, in order; waits while the peer grants no window. The bytes are the writer's again when
    /// it completes. A cancelled write may have sent a part: reset the stream then.
    /// </summary>
    /// <exception cref="TransportException">The stream was reset, or its connection ended.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Half-close: the peer reads to the end of what was written; we may go on reading. Completes once it is queued.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellation);

    /// <summary>Aborts both directions with a code for the peer.</summary>
    void Reset(uint code = 0);
}

/// <summary>How a connection ended: without an error after a goodbye of either side, else with the first thing that went wrong.</summary>
/// <param name="Error">Null after an orderly close.</param>
public sealed record ConnectionEnd(TransportException? Error);
