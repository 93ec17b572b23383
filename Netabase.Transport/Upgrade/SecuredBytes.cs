using System.Buffers;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Upgrade;

/// <summary>
/// The plaintext of a secured connection as a byte pipe, for the few messages of the muxer's negotiation; after it the muxer calls
/// the codec itself, and gets what was opened or received too much.
/// </summary>
internal sealed class SecuredBytes(SecuredConnection secured) : IRawConnection
{
    /// <summary>A negotiation's message fits in the smallest frames; a peer that fills a large one gets room for it.</summary>
    private const int FirstSize = 2048;

    private byte[] _received = [.. secured.Leftover.Span];
    private byte[] _opened = [];

    public Multiaddr LocalAddress => secured.Raw.LocalAddress;

    public Multiaddr RemoteAddress => secured.Raw.RemoteAddress;

    /// <summary>Received and not opened.</summary>
    public byte[] Leftover => _received;

    /// <summary>Opened and not given.</summary>
    public byte[] Opened => _opened;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (_opened.Length == 0 && !TryOpen())
        {
            var room = Math.Min(Math.Max(FirstSize, _received.Length), secured.Codec.MaxPlaintext + secured.Codec.Overhead);
            var larger = ArrayPool<byte>.Shared.Rent(_received.Length + room);
            try
            {
                var read = await secured.Raw.ReceiveAsync(larger.AsMemory(0, room), cancellation).ConfigureAwait(false);
                if (read == 0) return 0;
                _received = [.. _received, .. larger.AsSpan(0, read)];
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(larger);
            }
        }

        var given = Math.Min(buffer.Length, _opened.Length);
        _opened.AsSpan(0, given).CopyTo(buffer.Span);
        _opened = _opened[given..];
        return given;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var codec = secured.Codec;
        var frame = new byte[bytes.Length + codec.Overhead];
        bytes.Span.CopyTo(frame.AsSpan(codec.Prefix));
        await secured.Raw.SendAsync(frame.AsMemory(0, codec.Seal(frame, bytes.Length)), cancellation).ConfigureAwait(false);
    }

    public void Abort() => secured.Raw.Abort();

    public ValueTask DisposeAsync() => secured.Raw.DisposeAsync();

    private bool TryOpen()
    {
        if (!secured.Codec.TryOpen(_received, out var consumed, out var plaintext)) return false;
        _opened = _received[plaintext];
        _received = _received[consumed..];
        return true;
    }
}
