using Netabase.Multiformats;
using Netabase.Transport;
using Netabase.Transport.Connections;

namespace Netabase.Actors.Paxos.Links;

/// <summary>Reads one small frame and not a byte more.</summary>
internal static class LinkHelloReader
{
    /// <exception cref="RecordFormatException">Longer than a hello, or no length.</exception>
    /// <exception cref="TransportException">The stream ended or failed.</exception>
    public static async Task<byte[]> ReadAsync(IMuxedStream stream, CancellationToken cancellation)
    {
        var prefix = new byte[2];
        for (var read = 0; read < prefix.Length;)
        {
            await FillAsync(stream, prefix.AsMemory(read, 1), cancellation).ConfigureAwait(false);
            read++;
            if (UVarint.TryRead(prefix.AsSpan(0, read), out var length, out _) == UVarintStatus.Ok)
            {
                if (length > LinkHello.BytesMax)
                {
                    break;
                }

                var frame = new byte[length];
                await FillAsync(stream, frame, cancellation).ConfigureAwait(false);
                return frame;
            }
        }

        throw new RecordFormatException("The stream does not begin with a hello.");
    }

    private static async Task FillAsync(IMuxedStream stream, Memory<byte> into, CancellationToken cancellation)
    {
        while (into.Length > 0)
        {
            var received = await stream.ReadAsync(into, cancellation).ConfigureAwait(false);
            into = received > 0 ? into[received..] : throw new TransportException(TransportError.ProtocolViolation, "The stream ended before its hello.");
        }
    }
}
