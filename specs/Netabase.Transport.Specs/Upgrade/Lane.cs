using System.Threading.Channels;

namespace Netabase.Transport.Specs.Upgrade;

/// <summary>One direction of an in-memory pipe; every chunk carries the sender's logical time.</summary>
internal sealed class Lane
{
    private readonly Channel<Chunk> _chunks = Channel.CreateUnbounded<Chunk>();
    private ReadOnlyMemory<byte> _rest;

    /// <summary>How many chunks were sent.</summary>
    public int Sent { get; private set; }

    public void Send(ReadOnlySpan<byte> bytes, int stamp)
    {
        Sent++;
        if (!_chunks.Writer.TryWrite(new Chunk(bytes.ToArray(), stamp)))
            throw new TransportException(TransportError.ConnectionClosed, "The lane is closed.");
    }

    public void Close(Exception? error = null) => _chunks.Writer.TryComplete(error);

    /// <summary>Reads at most one chunk, and tells its stamp.</summary>
    public async ValueTask<(int Read, int Stamp)> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var stamp = -1;
        if (_rest.IsEmpty)
        {
            if (!await _chunks.Reader.WaitToReadAsync(cancellation)) return (0, -1);
            if (buffer.IsEmpty || !_chunks.Reader.TryRead(out var chunk)) return (0, -1);
            (_rest, stamp) = (chunk.Bytes, chunk.Stamp);
        }

        var read = Math.Min(buffer.Length, _rest.Length);
        _rest[..read].CopyTo(buffer);
        _rest = _rest[read..];
        return (read, stamp);
    }

    private sealed record Chunk(byte[] Bytes, int Stamp);
}
