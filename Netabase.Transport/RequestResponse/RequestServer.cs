using System.Buffers;
using System.Runtime.CompilerServices;
using Netabase.Multiformats;
using Netabase.Transport.Framing;
using Netabase.Transport.Network;

namespace Netabase.Transport.RequestResponse;

/// <summary>Answers one request of a peer; null means that this request has no answer.</summary>
public delegate ValueTask<TResponse?> RequestHandler<TRequest, TResponse>(
    PeerId peer, TRequest request, CancellationToken cancellation)
    where TResponse : class;

/// <summary>Serves a protocol of requests and answers.</summary>
public static class RequestServer
{
    /// <summary>
    /// Answers a protocol on a network: any number of requests per stream, in order. When the network stops, the request
    /// in hand is still answered.
    /// </summary>
    public static void Serve<TRequest, TResponse>(
        this IPeerNetwork network,
        RequestProtocol<TRequest, TResponse> protocol,
        RequestHandler<TRequest, TResponse> handler,
        StreamLimits? limits = null,
        RequestSettings? settings = null,
        TimeProvider? time = null)
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(handler);
        var loop = new ServingLoop<TRequest, TResponse>(protocol, handler, settings ?? new RequestSettings(), time ?? TimeProvider.System);
        network.Handle(protocol.Id, loop.RunAsync, limits);
    }
}

/// <summary>The life of one stream on the answering side.</summary>
internal sealed class ServingLoop<TRequest, TResponse>(
    RequestProtocol<TRequest, TResponse> protocol,
    RequestHandler<TRequest, TResponse> handler,
    RequestSettings settings,
    TimeProvider time)
    where TResponse : class
{
    public async Task RunAsync(IPeerStream stream, CancellationToken stopping)
    {
        using var reader = new FrameReader(stream, protocol.MaxRequest);
        var writer = new ArrayBufferWriter<byte>(256);
        while (!stopping.IsCancellationRequested)
        {
            if (await NextAsync(reader, stopping).ConfigureAwait(false) is not { } request)
            {
                return;
            }

            using var deadline = new CancellationTokenSource(settings.Timeout, time);
            var response = await handler(stream.Peer, request.Value, deadline.Token).ConfigureAwait(false);
            if (response is null)
            {
                continue;
            }

            writer.ResetWrittenCount();
            protocol.Responses.Encode(response, writer);
            await stream.WriteFrameAsync(writer.WrittenMemory, protocol.MaxResponse, deadline.Token).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Received?> NextAsync(FrameReader reader, CancellationToken stopping)
    {
        using var deadline = new Deadline(settings.ServedIdle, time, stopping);
        try
        {
            return await reader.ReadAsync(deadline.Token).ConfigureAwait(false) is { } frame
                ? new Received(protocol.Requests.Decode(frame.Span))
                : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private readonly record struct Received(TRequest Value);
}
