using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Netabase.Multiformats;
using Netabase.Transport.Framing;
using Netabase.Transport.Network;

namespace Netabase.Transport.RequestResponse;

/// <summary>
/// Sends requests to peers: bounded in number per peer, each with a deadline, retried with growing pauses, over streams
/// that are kept and used again.
/// </summary>
public sealed class RequestClient<TRequest, TResponse> : IAsyncDisposable
{
    private readonly IPeerNetwork _network;
    private readonly RequestProtocol<TRequest, TResponse> _protocol;
    private readonly RequestSettings _settings;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<PeerId, RequestLane> _lanes = [];
    private readonly ITimer _sweeper;
    private volatile bool _disposed;

    /// <summary>A client of one protocol.</summary>
    public RequestClient(
        IPeerNetwork network,
        RequestProtocol<TRequest, TResponse> protocol,
        RequestSettings? settings = null,
        TimeProvider? time = null)
    {
        _network = network;
        _protocol = protocol;
        _settings = settings ?? new RequestSettings();
        _time = time ?? TimeProvider.System;
        _sweeper = _time.CreateTimer(_ => Sweep(), null, _settings.StreamIdle, _settings.StreamIdle);
    }

    /// <summary>Streams kept for later, over all peers.</summary>
    public int IdleStreams => _lanes.Values.Sum(lane => lane.IdleCount);

    /// <summary>Asks a peer and waits for its answer.</summary>
    /// <exception cref="TransportException">
    /// What the last attempt met. Answers that are no such message, protocols that are not spoken and full queues are not retried.
    /// </exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TResponse> SendAsync(PeerId peer, TRequest request, CancellationToken cancellation = default)
    {
        var answer = await AttemptAsync(peer, request, expectsAnswer: true, cancellation).ConfigureAwait(false);
        return answer.Value!;
    }

    /// <summary>Tells a peer something that has no answer (a DHT's ADD_PROVIDER); completes once it is queued for sending.</summary>
    /// <exception cref="TransportException">What the last attempt met.</exception>
    public async ValueTask TellAsync(PeerId peer, TRequest request, CancellationToken cancellation = default) =>
        await AttemptAsync(peer, request, expectsAnswer: false, cancellation).ConfigureAwait(false);

    /// <summary>Closes the kept streams; requests under way end with the network or their deadline.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        foreach (var lane in _lanes.Values)
        {
            await lane.CloseAsync().ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer> AttemptAsync(PeerId peer, TRequest request, bool expectsAnswer, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var bytes = Encode(request);
        var lane = _lanes.GetOrAdd(peer, static (_, settings) => new RequestLane(settings), _settings);
        var pause = _settings.RetryPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(peer, lane, bytes, expectsAnswer, cancellation).ConfigureAwait(false);
            }
            catch (TransportException failure) when (attempt < _settings.Attempts && MayPass(failure.Error))
            {
                await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer> OnceAsync(
        PeerId peer, RequestLane lane, ReadOnlyMemory<byte> request, bool expectsAnswer, CancellationToken cancellation)
    {
        using var deadline = new Deadline(_settings.Timeout, _time, cancellation);
        try
        {
            using var turn = await lane.EnterAsync(deadline.Token).ConfigureAwait(false);
            if (lane.TryTakeIdle(_time) is { } kept)
            {
                try
                {
                    return await ExchangeAsync(lane, kept, request, expectsAnswer, deadline.Token).ConfigureAwait(false);
                }
                catch (TransportException failure) when (IsStale(failure.Error) && !kept.Answered)
                {
                    // The peer closed the kept stream in the meantime and cannot have served this: a fresh one is no retry.
                }
            }

            var stream = await _network.OpenStreamAsync(peer, [_protocol.Id], deadline.Token).ConfigureAwait(false);
            var fresh = new RequestStream(stream, _protocol.MaxResponse);
            return await ExchangeAsync(lane, fresh, request, expectsAnswer, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransportException(TransportError.TimedOut, $"{peer} did not answer within {_settings.Timeout.TotalSeconds:0.#} s.");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer> ExchangeAsync(
        RequestLane lane, RequestStream stream, ReadOnlyMemory<byte> request, bool expectsAnswer, CancellationToken cancellation)
    {
        var intact = false;
        try
        {
            stream.Answered = false;
            await stream.Stream.WriteFrameAsync(request, _protocol.MaxRequest, cancellation).ConfigureAwait(false);
            var answer = default(Answer);
            if (expectsAnswer)
            {
                var frame = await stream.Reader.ReadAsync(cancellation).ConfigureAwait(false)
                    ?? throw new TransportException(TransportError.ConnectionClosed, "The peer closed the stream instead of answering.");
                stream.Answered = true;
                answer = new Answer(_protocol.Responses.Decode(frame.Span));
            }

            intact = true;
            return answer;
        }
        finally
        {
            if (!intact || _disposed || !lane.TryKeep(stream, _time.GetTimestamp()))
            {
                await stream.CloseAsync(intact).ConfigureAwait(false);
            }
        }
    }

    private byte[] Encode(TRequest request)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        _protocol.Requests.Encode(request, writer);
        return writer.WrittenCount <= _protocol.MaxRequest
            ? writer.WrittenSpan.ToArray()
            : throw new TransportException(
                TransportError.LimitReached, $"A request of {writer.WrittenCount} bytes exceeds {_protocol.Id}'s cap of {_protocol.MaxRequest}.");
    }

    private void Sweep()
    {
        foreach (var (peer, lane) in _lanes)
        {
            lane.CloseIdle(_time);
            if (lane.IsUnused)
            {
                _lanes.TryRemove(new KeyValuePair<PeerId, RequestLane>(peer, lane));
            }
        }
    }

    private static bool IsStale(TransportError error) => error is TransportError.StreamReset or TransportError.ConnectionClosed;

    private static bool MayPass(TransportError error) =>
        error is TransportError.TimedOut or TransportError.StreamReset or TransportError.ConnectionClosed or TransportError.Unreachable;

    private readonly record struct Answer(TResponse? Value);
}
