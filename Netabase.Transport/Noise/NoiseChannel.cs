using System.Buffers;
using System.Buffers.Binary;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Noise;

/// <summary>The handshake's messages on a raw connection: each behind two bytes of length, big endian.</summary>
internal sealed class NoiseChannel(IRawConnection raw) : IDisposable
{
    /// <summary>
    /// The longest handshake message that is read; the greatest honest one, with an RSA key of 8,192 bits, takes about 2.5 KiB.
    /// </summary>
    public const int MaxMessage = 16 * 1024;

    private const int LengthSize = sizeof(ushort);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _start;
    private int _end;

    /// <summary>What was received behind the last message read.</summary>
    public ReadOnlyMemory<byte> Leftover => _buffer.AsMemory(_start, _end - _start);

    /// <summary>The next message; valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellation)
    {
        await FillAsync(LengthSize, cancellation).ConfigureAwait(false);
        int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
        if (length > MaxMessage)
            throw new TransportException(TransportError.ProtocolViolation, $"Noise: a handshake message of {length} bytes.");

        await FillAsync(LengthSize + length, cancellation).ConfigureAwait(false);
        var message = _buffer.AsMemory(_start + LengthSize, length);
        _start += LengthSize + length;
        return message;
    }

    /// <summary>Writes our next message with this payload.</summary>
    public async ValueTask SendAsync(NoiseHandshake handshake, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LengthSize + payload.Length + NoiseHandshake.MaxOverhead);
        try
        {
            var length = handshake.WriteMessage(payload.Span, buffer.AsSpan(LengthSize));
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
            await raw.SendAsync(buffer.AsMemory(0, LengthSize + length), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    private async ValueTask FillAsync(int wanted, CancellationToken cancellation)
    {
        if (_buffer.Length - _start < wanted)
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _start, _end) = (larger, 0, _end - _start);
        }

        while (_end - _start < wanted)
        {
            var read = await raw.ReceiveAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0) throw new TransportException(TransportError.ConnectionClosed, "Noise: the peer closed the connection during the handshake.");
            _end += read;
        }
    }
}
