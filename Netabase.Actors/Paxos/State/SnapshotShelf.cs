using Netabase.Protocol.Paxos;

namespace Netabase.Actors.Paxos.State;

/// <summary>
/// Where a group's snapshots lie: the last one made here, in memory, and the one that is arriving, in a file. It outlives the actor that fills it, so that
/// one that begins anew goes on where its predecessor was; and the file outlives the process. Used by one actor at a time and by what it has others read.
/// </summary>
/// <param name="path">Where the one that arrives is kept; null for memory.</param>
/// <param name="bytesMax">The most bytes of a snapshot that is taken from another node.</param>
/// <param name="open">Opens the file at the path for reading and writing, unbuffered; null for the file system's.</param>
internal sealed class SnapshotShelf(string? path, long bytesMax, Func<string, Stream>? open = null) : IDisposable
{
    private readonly Func<string, Stream> _open = open ?? OpenFile;
    private readonly Lock _gate = new();
    private ArrivingSnapshot? _arriving;
    private bool _disposed;

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

    /// <summary>This one arrives now; another that was arriving is forgotten.</summary>
    /// <returns>How much of it is here already.</returns>
    public long Expect(SnapshotInfo info)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_arriving?.Info != info)
            {
                PutAway();
                _arriving = ArrivingSnapshot.Open(path is null ? new MemoryStream() : _open(path), path, info);
            }

            return _arriving.Through;
        }
    }

    /// <summary>Its bytes in their order; others change nothing.</summary>
    /// <returns>How much of it is here now.</returns>
    public long Write(Digest id, long offset, Payload bytes)
    {
        lock (_gate)
        {
            if (_arriving is not { } arriving)
            {
                return 0;
            }

            var info = arriving.Info;
            if (info.Id == id && info.Size <= bytesMax && offset == arriving.Through && bytes.Length <= info.Size - offset)
            {
                Append(arriving, bytes);
            }

            return arriving.Through;
        }
    }

    /// <summary>The whole; null when it is not whole.</summary>
    public ReadOnlyMemory<byte>? Whole(SnapshotInfo info)
    {
        lock (_gate)
        {
            return _arriving is { } arriving && arriving.Info == info && arriving.Through == info.Size ? arriving.Read() : default(ReadOnlyMemory<byte>?);
        }
    }

    /// <summary>It is installed, or not what was offered.</summary>
    public void Forget(Digest id)
    {
        lock (_gate)
        {
            if (_arriving?.Info.Id == id)
            {
                var arriving = _arriving;
                _arriving = null;
                arriving.Delete();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            PutAway();
        }
    }

    private void Append(ArrivingSnapshot arriving, Payload bytes)
    {
        try
        {
            arriving.Append(bytes.Span);
        }
        catch
        {
            // Half a piece may be in the file: whoever expects it next opens it anew and cuts that off.
            PutAway();
            throw;
        }
    }

    private void PutAway()
    {
        var arriving = _arriving;
        _arriving = null;
        arriving?.Dispose();
    }

    // Unbuffered: a piece is written when it comes, and closing writes nothing.
    private static FileStream OpenFile(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
}
