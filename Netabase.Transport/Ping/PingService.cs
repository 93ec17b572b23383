using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Ping;

/// <summary>
/// <c>/ipfs/ping/1.0.0</c>: 32 random bytes there and back, as often as wanted on one stream. A node has at most one ping
/// stream to a peer and serves at most two of one.
/// </summary>
public sealed class PingService(IPeerNetwork network, TimeProvider? time = null)
{
    /// <summary>Its name in multistream-select.</summary>
    public static readonly ProtocolId Protocol = new("/ipfs/ping/1.0.0");

    /// <summary>Bytes of one ping.</summary>
    public const int Size = 32;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ServedIdle = TimeSpan.FromSeconds(60);
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ConcurrentDictionary<PeerId, bool> _pinged = [];

    /// <summary>Answers pings on a network.</summary>
    public static void Answer(IPeerNetwork network, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var clock = time ?? TimeProvider.System;
        network.Handle(Protocol, (stream, stopping) => EchoAsync(stream, clock, stopping), new StreamLimits(1024, 2));
    }

    /// <summary>One round trip to a peer, connecting when needed; the stream's opening is not counted.</summary>
    /// <exception cref="TransportException">
    /// No answer within 10 s, a wrong answer (<see cref="TransportError.ProtocolViolation"/>), no connection, or a ping of that
    /// peer is under way already (<see cref="TransportError.LimitReached"/>).
    /// </exception>
    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellation = default)
    {
        var trips = await PingAsync(peer, 1, cancellation).ConfigureAwait(false);
        return trips[0];
    }

    /// <summary>Several round trips, one after the other, on one stream.</summary>
    /// <exception cref="TransportException">As with one.</exception>
    public async ValueTask<IReadOnlyList<TimeSpan>> PingAsync(PeerId peer, int count, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!_pinged.TryAdd(peer, true))
        {
            throw new TransportException(TransportError.LimitReached, $"{peer} is being pinged already.");
        }

        try
        {
            await using var stream = await network.OpenStreamAsync(peer, [Protocol], cancellation).ConfigureAwait(false);
            var trips = new List<TimeSpan>(Math.Min(count, 1024));
            for (var i = 0; i < count; i++)
            {
                trips.Add(await RoundTripAsync(stream, cancellation).ConfigureAwait(false));
            }

            await stream.CloseWriteAsync(cancellation).ConfigureAwait(false);
            return trips;
        }
        finally
        {
            _pinged.TryRemove(peer, out _);
        }
    }

    private async ValueTask<TimeSpan> RoundTripAsync(IPeerStream stream, CancellationToken cancellation)
    {
        using var deadline = new Deadline(Timeout, _time, cancellation);
        var sent = RandomNumberGenerator.GetBytes(Size);
        var received = new byte[Size];
        var started = _time.GetTimestamp();
        try
        {
            await stream.WriteAsync(sent, deadline.Token).ConfigureAwait(false);
            if (await FillAsync(stream, received, deadline.Token).ConfigureAwait(false) < Size)
            {
                throw new TransportException(TransportError.ProtocolViolation, "The peer closed the stream instead of answering a ping.");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            stream.Reset();
            throw new TransportException(TransportError.TimedOut, $"No answer to a ping within {Timeout.TotalSeconds:0} s.");
        }

        return sent.AsSpan().SequenceEqual(received)
            ? _time.GetElapsedTime(started)
            : throw new TransportException(TransportError.ProtocolViolation, "The peer answered a ping with other bytes.");
    }

    private static async Task EchoAsync(IPeerStream stream, TimeProvider time, CancellationToken stopping)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Size);
        try
        {
            while (true)
            {
                using var deadline = new Deadline(ServedIdle, time, stopping);
                if (await FillAsync(stream, buffer.AsMemory(0, Size), deadline.Token).ConfigureAwait(false) < Size)
                {
                    return;
                }

                await stream.WriteAsync(buffer.AsMemory(0, Size), deadline.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<int> FillAsync(IPeerStream stream, Memory<byte> buffer, CancellationToken cancellation)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer[filled..], cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }
}
