using System.Collections.Immutable;

namespace Netabase.Transport.Network;

/// <summary>Hands every event to every subscription, in one order for all of them.</summary>
internal sealed class EventFan
{
    private readonly Lock _gate = new();
    private ImmutableArray<NetworkSubscription> _subscriptions = [];

    public NetworkSubscription Subscribe(int capacity)
    {
        var subscription = new NetworkSubscription(capacity, Leave);
        lock (_gate)
        {
            _subscriptions = _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Never blocks, so that it may be called while a lock is held that fixes the order of what is told.</summary>
    /// <param name="happened">Facts between which no other one stands.</param>
    public void Publish(params ReadOnlySpan<NetworkEvent> happened)
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions)
            {
                foreach (var fact in happened)
                {
                    subscription.Offer(fact);
                }
            }
        }
    }

    private void Leave(NetworkSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Remove(subscription);
        }
    }
}
