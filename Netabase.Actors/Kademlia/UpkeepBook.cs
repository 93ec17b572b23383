using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;
using Netabase.Protocol.Kademlia.Serving;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// What this node has promised: what it holds for others, what it publishes and provides, and when each is due again. It outlives
/// the DHT's actor and is stepped by the threads that serve peers, behind the routing table's lock, which is short.
/// </summary>
internal sealed class UpkeepBook
{
    private const int JitterPerMille = 200;
    private const int WorksAtOnce = 4;

    // go-libp2p serves a provider's addresses for half the life of its announcement.
    private const int AddressesLiveHalf = 2;

    private readonly NodeParts _parts;
    private readonly RoutingBook _routes;
    private readonly KademliaSchedules _schedules;
    private readonly HashSet<ScheduleStep> _works = [];

    public UpkeepBook(NodeParts parts, RoutingBook routes)
    {
        _parts = parts;
        _routes = routes;
        var settings = parts.Settings.Kademlia;
        Ledger = new HeldLedger(new HoldingBounds(
            settings.Held.RecordsMax, settings.Held.BytesMax, settings.Held.RecordsPerPublisherMax, settings.Held.BytesMax));
        Providers = new ProviderStore(new ProviderBounds(
            settings.Held.ProvidersPerKeyMax,
            settings.Held.ProviderKeysMax,
            settings.Routing.AddressesMax,
            Milliseconds(settings.ProviderTtl),
            Milliseconds(settings.ProviderTtl) / AddressesLiveHalf));
        _schedules = new KademliaSchedules(
            routes.SelfKey,
            routes.Table,
            new ScheduleBounds(
                Milliseconds(settings.PublicationInterval),
                Milliseconds(settings.ReplicationInterval),
                Milliseconds(settings.ProviderInterval),
                Milliseconds(settings.SweepInterval),
                Milliseconds(settings.BootstrapInterval),
                JitterPerMille,
                WorksAtOnce,
                settings.Held.PublishedRecordsMax,
                settings.Held.ProvidedKeysMax),
            (ulong)Random.Shared.NextInt64(),
            parts.Now());
    }

    /// <summary>Stepped under the routing table's lock.</summary>
    public HeldLedger Ledger { get; }

    /// <summary>Stepped under the routing table's lock.</summary>
    public ProviderStore Providers { get; }

    /// <summary>Provides a key from now on; false when as many as may be are provided.</summary>
    public bool StartProviding(Payload key)
    {
        lock (_routes.Gate)
        {
            return _schedules.Provide(key, _parts.Now());
        }
    }

    /// <summary>Provides a key no longer.</summary>
    /// <returns>Whether it was provided.</returns>
    public bool StopProviding(Payload key)
    {
        lock (_routes.Gate)
        {
            return _schedules.StopProviding(key);
        }
    }

    /// <summary>Who provides a key, as far as this node knows, itself among them.</summary>
    public ImmutableArray<KademliaPeer> ProvidersOf(Payload key, KademliaPeer self)
    {
        lock (_routes.Gate)
        {
            var told = Providers.Find(key, _parts.Now());
            return _schedules.IsProvided(key) ? [self, .. told.Where(provider => provider.Id != self.Id)] : told;
        }
    }

    /// <summary>A record of ours is published from now on.</summary>
    /// <param name="key">The record key's bytes.</param>
    /// <param name="due">When it is to be published again; null for one interval from now.</param>
    public void Published(Payload key, long? due = null)
    {
        lock (_routes.Gate)
        {
            _schedules.Publish(key, _parts.Now(), due);
        }
    }

    /// <summary>A record is neither published nor replicated any more.</summary>
    public void LetGo(Payload key)
    {
        lock (_routes.Gate)
        {
            _schedules.Unpublish(key);
            _schedules.LetGo(key);
            Ledger.Remove(key);
        }
    }

    /// <summary>A record of another is held, or was brought again: for an interval somebody else will give it to those nearest.</summary>
    public void Held(Payload key)
    {
        lock (_routes.Gate)
        {
            _schedules.Hold(key, _parts.Now());
        }
    }

    /// <summary>A record that lies in the store since before.</summary>
    public void Found(HeldEntry entry)
    {
        lock (_routes.Gate)
        {
            Ledger.Enter(entry);
            _schedules.Hold(entry.Key, _parts.Now());
        }
    }

    /// <summary>The first peer is there, or the application wants it.</summary>
    public void BootstrapNow()
    {
        lock (_routes.Gate)
        {
            _schedules.BootstrapNow(_parts.Now());
        }
    }

    /// <summary>What is due.</summary>
    public ScheduleStep Next()
    {
        lock (_routes.Gate)
        {
            var step = _schedules.Next(_parts.Now());
            if (step is not ScheduleStep.Wait)
            {
                _works.Add(step);
            }

            return step;
        }
    }

    /// <summary>Something that was due has ended, well or badly.</summary>
    public void Finished(ScheduleStep step)
    {
        lock (_routes.Gate)
        {
            _works.Remove(step);
            _schedules.Finished(step, _parts.Now());
        }
    }

    /// <summary>What was begun and has not ended: an actor that is new ends it.</summary>
    public ImmutableArray<ScheduleStep> TakeWorks()
    {
        lock (_routes.Gate)
        {
            return [.. _works];
        }
    }

    /// <summary>Forgets what has expired.</summary>
    public void Sweep()
    {
        lock (_routes.Gate)
        {
            Ledger.Expire(_parts.Now());
            Providers.Expire(_parts.Now());
        }
    }

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
