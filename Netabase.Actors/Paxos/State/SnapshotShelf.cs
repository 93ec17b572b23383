using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// Where a group's snapshots lie: the last one made here, and the one that is arriving. It outlives the actor that fills it, so that
/// one that begins anew goes on where its predecessor was. Used by one actor at a time.
/// </summary>
/// <param name="bytesMax">The most bytes of a snapshot that is taken from another node.</param>
internal sealed class SnapshotShelf(long bytesMax)
{
    private SnapshotInfo? _expected;
    private byte[] _arriving = [];
    private long _through;

    /// <summary>The last one made here.</summary>
    public (SnapshotInfo Info, ReadOnlyMemory<byte> Bytes)? Offered { get; private set; }

    public void Offer(SnapshotInfo info, ReadOnlyMemory<byte> bytes) => Offered = (info, bytes);

    /// <summary>Bytes of the one offered; null when it is another, or they lie outside.</summary>
    public Payload? Read(Digest id, long offset, int length)
    {
        if (Offered is not { } offered || offered.Info.Id != id || offset < 0 || offset > offered.Bytes.Length || length < 0)
        {
            return null;
        }

        return new Payload(offered.Bytes.Slice((int)offset, (int)Math.Min(length, offered.Bytes.Length - offset)));
    }

    /// <summary>This one arrives now.</summary>
    /// <returns>How much of it is here already.</returns>
    public long Expect(SnapshotInfo info)
    {
        if (_expected?.Id != info.Id)
        {
            _expected = info;
            _through = 0;
            _arriving = [];
        }

        return _through;
    }

    /// <summary>Its bytes in their order; others change nothing.</summary>
    /// <returns>How much of it is here now.</returns>
    public long Write(Digest id, long offset, Payload bytes)
    {
        if (_expected is not { } info || info.Id != id || info.Size > bytesMax || offset != _through || bytes.Length > info.Size - _through)
        {
            return _through;
        }

        // Grown as it comes: what was said of its size is no reason to reserve it.
        if (_arriving.Length < _through + bytes.Length)
        {
            Array.Resize(ref _arriving, (int)Math.Min(info.Size, Math.Max(_through + bytes.Length, 2L * _arriving.Length)));
        }

        bytes.Span.CopyTo(_arriving.AsSpan((int)_through));
        return _through += bytes.Length;
    }

    /// <summary>Hands the whole over and forgets it; null when it is not whole.</summary>
    public ReadOnlyMemory<byte>? Take(SnapshotInfo info)
    {
        var arrived = _expected?.Id == info.Id && _through == info.Size ? _arriving.AsMemory(0, (int)_through) : default(ReadOnlyMemory<byte>?);
        _expected = null;
        _arriving = [];
        _through = 0;
        return arrived;
    }
}
