using Netabase.Multiformats;
using Netabase.Transport.Connections;

namespace Netabase.Transport.Specs.Yamux;

/// <summary>A connection that hesitates, tears sends and receives apart, and may be cut in the middle of one, as its seed says.</summary>
internal sealed class FaultyConnection(IRawConnection inner, int seed, long? cutAfter) : IRawConnection
{
    private readonly Random _receiving = new(seed);
    private readonly Random _sending = new(seed + 1);
    private long _left = cutAfter ?? long.MaxValue;

    public Multiaddr LocalAddress => inner.LocalAddress;

    public Multiaddr RemoteAddress => inner.RemoteAddress;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        await HesitateAsync(_receiving);
        if (buffer.Length > 1 && _receiving.Next(3) == 0)
            buffer = buffer[..(1 + _receiving.Next(Math.Min(40, buffer.Length - 1)))];
        return await inner.ReceiveAsync(buffer, cancellation);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            await HesitateAsync(_sending);
            var piece = _sending.Next(4) == 0 ? 1 + _sending.Next(Math.Min(100, bytes.Length)) : bytes.Length;
            if (piece > _left)
                piece = (int)_left;
            await inner.SendAsync(bytes[..Math.Min(piece, bytes.Length)], cancellation);
            _left -= piece;
            if (_left <= 0)
            {
                inner.Abort();
                throw new TransportException(TransportError.ConnectionClosed, "cut by the spec");
            }

            bytes = bytes[Math.Min(piece, bytes.Length)..];
        }
    }

    public void Abort() => inner.Abort();

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static async ValueTask HesitateAsync(Random random)
    {
        for (var i = random.Next(8) - 4; i > 0; i--)
            await Task.Yield();
    }
}
