using Netabase.Transport.Connections;

namespace Netabase.Transport.Yamux;

/// <summary>
/// Collects headers and payloads in one pooled buffer, where they are sealed in place: several frames of the muxer in a
/// frame of the security layer, several of those in one send.
/// </summary>
internal sealed class FramePacker(IFrameCodec codec, BlockPool pool)
{
    /// <summary>Bytes of one send.</summary>
    internal const int BufferSize = 128 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _filled;

    /// <summary>Plaintext bytes that still fit.</summary>
    internal int Room
    {
        get
        {
            var room = -_filled;
            for (var left = BufferSize - _start; left > codec.Overhead;)
            {
                var text = Math.Min(codec.MaxPlaintext, left - codec.Overhead);
                room += text;
                left -= text + codec.Overhead;
            }

            return Math.Max(0, room);
        }
    }

    /// <summary>Appends a header.</summary>
    internal void Write(in YamuxHeader header)
    {
        Span<byte> bytes = stackalloc byte[YamuxHeader.Size];
        header.Write(bytes);
        Write(bytes);
    }

    /// <summary>Appends bytes; at most <see cref="Room"/>.</summary>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        _buffer ??= pool.RentBuffer(BufferSize);
        while (!bytes.IsEmpty)
        {
            var free = Math.Min(codec.MaxPlaintext, BufferSize - _start - codec.Overhead) - _filled;
            if (free == 0)
            {
                Seal();
                continue;
            }

            var count = Math.Min(free, bytes.Length);
            bytes[..count].CopyTo(_buffer.AsSpan(_start + codec.Prefix + _filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Seals what is left; the result is valid until the next write.</summary>
    internal ReadOnlyMemory<byte> Finish()
    {
        Seal();
        var sealedBytes = _buffer.AsMemory(0, _start);
        _start = 0;
        return sealedBytes;
    }

    /// <summary>Gives the buffer back until it is needed again.</summary>
    internal void Release()
    {
        _start = _filled = 0;
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        pool.ReturnBuffer(buffer);
    }

    private void Seal()
    {
        if (_filled == 0)
            return;
        _start += codec.Seal(_buffer.AsSpan(_start, _filled + codec.Overhead), _filled);
        _filled = 0;
    }
}
