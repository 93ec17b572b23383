namespace Netabase.Actors.Events;

/// <summary>
/// Hands every event to every subscriber without ever waiting for one. It belongs to the node and not to a run of it, so that
/// subscribers may come before the start and stay over restarts. One thread publishes at a time; any thread subscribes.
/// </summary>
internal sealed class Broadcast
{
    private readonly Lock _gate = new();
    private volatile BroadcastSubscription[] _subscribers = [];
    private bool _isOver;

    public bool HasAudience => _subscribers.Length > 0;

    /// <summary>A place from now on.</summary>
    /// <exception cref="ObjectDisposedException">The node was disposed.</exception>
    public BroadcastSubscription Subscribe(int capacity)
    {
        var subscriber = new BroadcastSubscription(capacity, Leave);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isOver, typeof(INetabase));
            _subscribers = [.. _subscribers, subscriber];
        }

        return subscriber;
    }

    public void Publish(NetabaseEvent happened)
    {
        foreach (var subscriber in _subscribers)
        {
            subscriber.Offer(happened);
        }
    }

    /// <summary>Ends every enumeration once it has read what is there.</summary>
    public void End()
    {
        BroadcastSubscription[] subscribers;
        lock (_gate)
        {
            _isOver = true;
            subscribers = _subscribers;
            _subscribers = [];
        }

        foreach (var subscriber in subscribers)
        {
            subscriber.End();
        }
    }

    private void Leave(BroadcastSubscription subscriber)
    {
        lock (_gate)
        {
            _subscribers = [.. _subscribers.Where(other => other != subscriber)];
        }
    }
}
