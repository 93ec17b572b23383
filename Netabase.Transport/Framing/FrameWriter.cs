using System.Buffers;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Framing;

/// <summary>Writes frames: an unsigned varint length, then so many bytes, in one write.</summary>
public static class FrameWriter
{
    private const int CopiedUpTo = 64 * 1024;

    /// <summary>Writes one frame; small ones leave with their length in one segment.</summary>
    /// <exception cref="ArgumentException">The frame is longer than <paramref name="maxFrame"/>.</exception>
    public static async ValueTask WriteFrameAsync(
        this IMuxedStream stream, ReadOnlyMemory<byte> frame, int maxFrame, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (frame.Length > maxFrame)
        {
            throw new ArgumentException($"A frame of {frame.Length} bytes exceeds the cap of {maxFrame}.", nameof(frame));
        }

        var copied = Math.Min(frame.Length, CopiedUpTo);
        var buffer = ArrayPool<byte>.Shared.Rent(UVarint.MaxLength + copied);
        try
        {
            var prefix = UVarint.Write(buffer, (ulong)frame.Length);
            frame.Span[..copied].CopyTo(buffer.AsSpan(prefix));
            await stream.WriteAsync(buffer.AsMemory(0, prefix + copied), cancellation).ConfigureAwait(false);
            if (copied < frame.Length)
            {
                await stream.WriteAsync(frame[copied..], cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
