using System.Buffers;
using Netabase.Transport.Connections;

namespace Netabase.Transport.RequestResponse;

/// <summary>Turns messages of one kind into bytes and back.</summary>
public interface IMessageCodec<T>
{
    /// <summary>Appends the message's bytes.</summary>
    void Encode(T message, IBufferWriter<byte> writer);

    /// <summary>Reads a message; it may not keep the span.</summary>
    /// <exception cref="TransportException">The bytes are no such message (<see cref="TransportError.InvalidData"/>).</exception>
    T Decode(ReadOnlySpan<byte> bytes);
}

/// <summary>
/// A protocol of requests and answers, each one frame (varint length, then the message); a stream carries any number of
/// them, one after the other.
/// </summary>
/// <typeparam name="TRequest">What is asked.</typeparam>
/// <typeparam name="TResponse">What is answered.</typeparam>
/// <param name="Id">Its name in multistream-select.</param>
/// <param name="Requests">The requests' encoding.</param>
/// <param name="Responses">The answers' encoding.</param>
public sealed record RequestProtocol<TRequest, TResponse>(
    ProtocolId Id, IMessageCodec<TRequest> Requests, IMessageCodec<TResponse> Responses)
{
    /// <summary>Bytes of one request; more is refused by its length alone.</summary>
    public int MaxRequest { get; init; } = 64 * 1024;

    /// <summary>Bytes of one answer; more is refused by its length alone.</summary>
    public int MaxResponse { get; init; } = 4 * 1024 * 1024;
}

/// <summary>How requests are sent.</summary>
public sealed record RequestSettings
{
    /// <summary>One attempt, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a request is sent in all; more than 1 only where it may be served twice.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>Pause before the second attempt; doubles with each further one.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Requests under way to one peer, each on a stream of its own; js-libp2p's DHT takes 32 streams of one peer.</summary>
    public int ParallelPerPeer { get; init; } = 16;

    /// <summary>Requests that wait for one peer; more is <see cref="TransportError.LimitReached"/>.</summary>
    public int QueuePerPeer { get; init; } = 256;

    /// <summary>An unused stream is closed after so long; go-libp2p's DHT closes its end after a minute.</summary>
    public TimeSpan StreamIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server waits for the next request on a stream.</summary>
    public TimeSpan ServedIdle { get; init; } = TimeSpan.FromSeconds(60);
}
