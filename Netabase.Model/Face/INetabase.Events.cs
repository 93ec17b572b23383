namespace Netabase;

/// <content>What happens, as it happens.</content>
public partial interface INetabase
{
    /// <summary>
    /// Hears every event from now on. A subscriber that reads too slowly loses the oldest events it has not read and is told
    /// how many (<see cref="Lagged"/>); it never slows the node. May be called before the node or its swarm starts, and
    /// outlives their restarts.
    /// </summary>
    /// <param name="capacity">Events kept for this subscriber, 1 to 1,048,576; null for the configured number.</param>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    IBroadcastSubscription SubscribeToBroadcasts(int? capacity = null);
}

/// <summary>A place in the audience. One reader at a time; disposing it, or the node, ends the enumeration.</summary>
public interface IBroadcastSubscription : IAsyncEnumerable<NetabaseEvent>, IAsyncDisposable;
