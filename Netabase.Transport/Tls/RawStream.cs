using Netabase.Transport.Connections;

namespace Netabase.Transport.Tls;

/// <summary>
/// A raw connection as the stream that the platform's TLS and WebSocket want; asynchronous only. It owns nothing, and gives what was
/// already received first.
/// </summary>
internal sealed class RawStream(IRawConnection raw, ReadOnlyMemory<byte> leftover = default) : Stream
{
    private ReadOnlyMemory<byte> _leftover = leftover;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_leftover.IsEmpty) return raw.ReceiveAsync(buffer, cancellationToken);
        var taken = Math.Min(buffer.Length, _leftover.Length);
        _leftover[..taken].CopyTo(buffer);
        _leftover = _leftover[taken..];
        return new ValueTask<int>(taken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        raw.SendAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        raw.SendAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
