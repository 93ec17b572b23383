using System.Buffers;
using System.Runtime.CompilerServices;
using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Framing;

/// <summary>
/// Reads frames (an unsigned varint length, then so many bytes) from a stream into one pooled buffer that grows with what
/// arrives, not with what a length promises. One reader at a time. It does not own the stream.
/// </summary>
public sealed class FrameReader : IDisposable
{
    private const int InitialBuffer = 1024;
    private const int KeptBuffer = 64 * 1024;
    private readonly IMuxedStream _stream;
    private readonly int _maxFrame;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Reads from <paramref name="stream"/>; a frame of more than <paramref name="maxFrame"/> bytes is refused by its length alone.</summary>
    public FrameReader(IMuxedStream stream, int maxFrame)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrame, 1);
        _stream = stream;
        _maxFrame = maxFrame;
    }

    /// <summary>Bytes of pooled memory held now.</summary>
    public int Held => _buffer.Length;

    /// <summary>The next frame, which stays valid until the next call, or null when the peer has closed its side between two frames.</summary>
    /// <exception cref="TransportException">
    /// The length is malformed (<see cref="TransportError.ProtocolViolation"/>) or above the cap
    /// (<see cref="TransportError.LimitReached"/>), the stream ends inside a frame, or the stream failed.
    /// </exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            if (TryTakeFrame(out var frame))
            {
                return frame;
            }

            MakeRoom();
            var received = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (received == 0)
            {
                if (_start == _end)
                {
                    Release();
                    return null;
                }

                throw new TransportException(TransportError.ProtocolViolation, "The stream ended inside a frame.");
            }

            _end += received;
        }
    }

    /// <summary>Gives the pooled memory back.</summary>
    public void Dispose() => Release();

    private bool TryTakeFrame(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        var status = UVarint.TryRead(_buffer.AsSpan(_start, _end - _start), out var length, out var prefix);
        if (status == UVarintStatus.Incomplete)
        {
            return false;
        }

        if (status != UVarintStatus.Ok)
        {
            throw new TransportException(TransportError.ProtocolViolation, $"A frame's length is not a varint: {status}.");
        }

        if (length > (ulong)_maxFrame)
        {
            throw new TransportException(TransportError.LimitReached, $"A frame of {length} bytes exceeds the cap of {_maxFrame}.");
        }

        if (_end - _start < prefix + (int)length)
        {
            return false;
        }

        frame = _buffer.AsMemory(_start + prefix, (int)length);
        _start += prefix + (int)length;
        return true;
    }

    /// <summary>Moves what is left to the front, and doubles the buffer only once it is full of received bytes.</summary>
    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length is 0 or > KeptBuffer)
            {
                Release();
                _buffer = ArrayPool<byte>.Shared.Rent(InitialBuffer);
            }
        }
        else if (_end == _buffer.Length)
        {
            var held = _end - _start;
            var target = held > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
            Buffer.BlockCopy(_buffer, _start, target, 0, held);
            if (target != _buffer)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = target;
            }

            _start = 0;
            _end = held;
        }
    }

    private void Release()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
