namespace Netabase.Transport.Connections;

/// <summary>
/// A raw connection that lends the thread in which a receive has completed: once the receive loop waits for the next one, the
/// thread is free, and whoever was given bytes may go on in it instead of being queued for another.
/// </summary>
internal interface ILendsThreads
{
    /// <summary>Called in that thread after each receive that had to wait. One owner: the receive loop.</summary>
    Action? AfterReceive { set; }

    /// <summary>Whether the caller runs in such a thread, so that <see cref="AfterReceive"/> follows when it lets go.</summary>
    bool IsLending { get; }
}
