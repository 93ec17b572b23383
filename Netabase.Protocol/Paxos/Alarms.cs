namespace Netabase.Protocol.Paxos;

/// <summary>
/// When to look at which of many calls. A call that is over leaves its alarm behind; those are dropped as they ring, or all at once
/// when they have become most of what is here.
/// </summary>
internal sealed class Alarms<TKey>
{
    private readonly PriorityQueue<TKey, long> _queue = new();

    /// <summary>The first alarm; never, when there is none.</summary>
    public long WakeAt => _queue.TryPeek(out _, out var at) ? at : long.MaxValue;

    /// <summary>Look at this one then.</summary>
    public void Set(TKey key, long at) => _queue.Enqueue(key, at);

    /// <summary>Whether left-over alarms should be dropped by <see cref="Clear"/> and setting anew.</summary>
    public bool AreMostlyOver(int live) => _queue.Count > (2 * live) + 64;

    /// <summary>Drops every alarm.</summary>
    public void Clear() => _queue.Clear();

    /// <summary>Takes the next alarm that is due.</summary>
    public bool TryRing(long now, out TKey key)
    {
        if (_queue.TryPeek(out key!, out var at) && at <= now)
        {
            _queue.Dequeue();
            return true;
        }

        return false;
    }
}
