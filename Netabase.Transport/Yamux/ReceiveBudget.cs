namespace Netabase.Transport.Yamux;

/// <summary>
/// What all sessions of one muxer share, so that many connections together cost no more than one node can bear: how many bytes
/// wait for readers, and how far windows have grown. Safe to call from any thread.
/// </summary>
internal sealed class ReceiveBudget(long unreadMax, long growthMax)
{
    /// <summary>One session's part of the unread bytes: a single peer must not be able to take the others' room.</summary>
    private const int Parts = 4;

    private long _unread;
    private long _growth;

    /// <summary>Bytes received that no reader has taken.</summary>
    internal long Unread => Volatile.Read(ref _unread);

    /// <summary>How far all windows have grown beyond their initial size, in bytes.</summary>
    internal long Growth => Volatile.Read(ref _growth);

    /// <summary>The most unread bytes of one session.</summary>
    internal long UnreadPerSession => unreadMax / Parts;

    /// <summary>Counts bytes that will wait for a reader; false when there is no room for them.</summary>
    internal bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _unread, bytes) <= unreadMax)
            return true;
        Interlocked.Add(ref _unread, -bytes);
        return false;
    }

    /// <summary>The reader took them, or nobody will.</summary>
    internal void Release(long bytes) => Interlocked.Add(ref _unread, -bytes);

    /// <summary>Takes as much growth as there is, up to what is wanted.</summary>
    internal long Grow(long wanted)
    {
        while (true)
        {
            var held = Volatile.Read(ref _growth);
            var taken = Math.Min(wanted, growthMax - held);
            if (taken <= 0)
                return 0;
            if (Interlocked.CompareExchange(ref _growth, held + taken, held) == held)
                return taken;
        }
    }

    /// <summary>Gives growth back.</summary>
    internal void Shrink(long bytes) => Interlocked.Add(ref _growth, -bytes);
}
