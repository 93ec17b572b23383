namespace Netabase.Transport.Yamux;

/// <summary>
/// Where the receive loop reads into: a small array of its own while little comes, a large pooled buffer while much does.
/// An idle connection holds only the small one.
/// </summary>
internal sealed class ReceiveBuffer(BlockPool pool) : IDisposable
{
    private const int SmallSize = 2 * 1024;
    private const int LargeSize = 256 * 1024;

    /// <summary>A read below this, with nothing left over, goes back to the small array.</summary>
    private const int LittleTraffic = 4 * 1024;

    private readonly byte[] _small = new byte[SmallSize];
    private byte[]? _large;
    private int _start;
    private int _end;
    private int _lastRead;
    private bool _filledUp;

    private byte[] Bytes => _large ?? _small;

    /// <summary>What was received and not taken.</summary>
    internal Span<byte> Received => Bytes.AsSpan(_start, _end - _start);

    /// <summary>
    /// Whether the loop should wait without a buffer first: the last large read took all there was, so the peer may be
    /// done for a long time.
    /// </summary>
    internal bool ShouldRelease => _large is not null && _start == _end && !_filledUp && _lastRead >= LittleTraffic;

    /// <summary>Takes bytes from the front.</summary>
    internal void Take(int count)
    {
        _start += count;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Puts bytes that were received elsewhere behind what is here.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var free = Prepare().Span;
            if (free.IsEmpty)
                throw new TransportException(TransportError.InvalidData, "more bytes behind the handshake than a buffer holds");
            var count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Gives the large buffer back; nothing may be in it.</summary>
    internal void Release()
    {
        if (_large is not { } large)
            return;
        _large = null;
        _filledUp = true;
        pool.ReturnBuffer(large);
    }

    /// <summary>Room for the next read; empty when an incomplete frame fills the large buffer.</summary>
    internal Memory<byte> Prepare()
    {
        if (_large is null && _filledUp)
            Enlarge();
        else if (_large is not null && _start == _end && _lastRead < LittleTraffic)
            Shrink();
        else if (_start > 0)
            Compact();
        return Bytes.AsMemory(_end);
    }

    /// <summary>So many bytes were read into what <see cref="Prepare"/> gave.</summary>
    internal void Advance(int count)
    {
        _lastRead = count;
        _end += count;
        _filledUp = _end == Bytes.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private void Enlarge()
    {
        var large = pool.RentBuffer(LargeSize);
        Received.CopyTo(large);
        _end -= _start;
        _start = 0;
        _large = large;
    }

    private void Shrink()
    {
        Release();
        _filledUp = false;
    }

    private void Compact()
    {
        Received.CopyTo(Bytes);
        _end -= _start;
        _start = 0;
    }
}
