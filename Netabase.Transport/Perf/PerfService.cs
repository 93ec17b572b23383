using System.Buffers;
using System.Buffers.Binary;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Network;

namespace Netabase.Transport.Perf;

/// <summary>How long a transfer took.</summary>
/// <param name="Upload">From the first byte sent to the end of our side.</param>
/// <param name="Download">From there to the last byte received.</param>
public sealed record PerfResult(TimeSpan Upload, TimeSpan Download);

/// <summary>
/// <c>/perf/1.0.0</c>: the client says how many bytes it wants (u64, big-endian), uploads and closes its side; the server
/// reads to the end and then sends them. It is a service for whoever asks: answer it only where everybody is a friend.
/// </summary>
public static class PerfService
{
    /// <summary>Its name in multistream-select.</summary>
    public static readonly ProtocolId Protocol = new("/perf/1.0.0");

    private const int Block = 64 * 1024;
    private static readonly byte[] Zeros = new byte[Block];

    /// <summary>Serves it, at most 4 transfers at once and 2 for one peer.</summary>
    public static void Answer(IPeerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Handle(Protocol, ServeAsync, new StreamLimits(4, 2));
    }

    /// <summary>Uploads and downloads so many bytes and says how long each took.</summary>
    /// <exception cref="TransportException">No connection, the peer does not serve it, or it sends more or less than asked for.</exception>
    public static async ValueTask<PerfResult> MeasureAsync(
        IPeerNetwork network, PeerId peer, long upload, long download, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(upload);
        ArgumentOutOfRangeException.ThrowIfNegative(download);
        var clock = time ?? TimeProvider.System;
        await using var stream = await network.OpenStreamAsync(peer, [Protocol], cancellation).ConfigureAwait(false);
        var started = clock.GetTimestamp();
        var wanted = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(wanted, (ulong)download);
        await stream.WriteAsync(wanted, cancellation).ConfigureAwait(false);
        await SendAsync(stream, (ulong)upload, cancellation).ConfigureAwait(false);
        await stream.CloseWriteAsync(cancellation).ConfigureAwait(false);
        var turned = clock.GetTimestamp();
        var received = await DrainAsync(stream, cancellation).ConfigureAwait(false);
        return received == download
            ? new PerfResult(clock.GetElapsedTime(started, turned), clock.GetElapsedTime(turned))
            : throw new TransportException(TransportError.ProtocolViolation, $"Asked for {download} bytes, the peer sent {received}.");
    }

    private static async Task ServeAsync(IPeerStream stream, CancellationToken stopping)
    {
        var head = new byte[sizeof(ulong)];
        for (var filled = 0; filled < head.Length;)
        {
            var read = await stream.ReadAsync(head.AsMemory(filled), stopping).ConfigureAwait(false);
            filled += read > 0
                ? read
                : throw new TransportException(TransportError.ProtocolViolation, "The client did not say how many bytes it wants.");
        }

        await DrainAsync(stream, stopping).ConfigureAwait(false);
        await SendAsync(stream, BinaryPrimitives.ReadUInt64BigEndian(head), stopping).ConfigureAwait(false);
        await stream.CloseWriteAsync(stopping).ConfigureAwait(false);
    }

    private static async ValueTask SendAsync(IPeerStream stream, ulong bytes, CancellationToken cancellation)
    {
        while (bytes > 0)
        {
            var part = (int)Math.Min(bytes, Block);
            await stream.WriteAsync(Zeros.AsMemory(0, part), cancellation).ConfigureAwait(false);
            bytes -= (ulong)part;
        }
    }

    private static async ValueTask<long> DrainAsync(IPeerStream stream, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            var total = 0L;
            while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
            {
                total += read;
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
