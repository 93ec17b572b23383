using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Actors.Stores;
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
    private const int DoublingsMax = 20;

    // go-libp2p serves a provider's addresses for half the life of its announcement.
    private const int AddressesLiveHalf = 2;

    private readonly NodeParts _parts;
    private readonly RoutingBook _routes;
    private readonly KademliaSchedules _schedules;
    private readonly HashSet<ScheduleStep> _works = [];
    private readonly Dictionary<Payload, int> _tries = [];
    private readonly ProvidedPages _provided;

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
        _provided = new ProvidedPages(parts);
        foreach (var key in _provided.Keys)
        {
            _schedules.Provide(key, parts.Now(), WithinAnInterval());
        }
    }

    /// <summary>Stepped under the routing table's lock.</summary>
    public HeldLedger Ledger { get; }

    /// <summary>Stepped under the routing table's lock.</summary>
    public ProviderStore Providers { get; }

    /// <summary>Provides a key from now on, over restarts too.</summary>
    /// <returns>How its writing ended; null when as many as may be are provided.</returns>
    public async Task<StoreProtocol.Answer?> StartProvidingAsync(Payload key)
    {
        Task<StoreProtocol.Answer> write;
        bool isNew;
        lock (_routes.Gate)
        {
            isNew = !_schedules.IsProvided(key);
            if (!_schedules.Provide(key, _parts.Now()))
            {
                return null;
            }

            write = _provided.Set(key, isProvided: true);
        }

        var answer = await write.ConfigureAwait(false);
        if (isNew && answer is not StoreProtocol.Answer.Written)
        {
            await StopProvidingAsync(key).ConfigureAwait(false);
        }

        return answer;
    }

    /// <summary>Provides a key no longer.</summary>
    /// <returns>Whether it was provided.</returns>
    public async Task<bool> StopProvidingAsync(Payload key)
    {
        bool wasProvided;
        Task<StoreProtocol.Answer> write;
        lock (_routes.Gate)
        {
            wasProvided = _schedules.StopProviding(key);
            write = _provided.Set(key, isProvided: false);
        }

        // What cannot be written now is announced again after a restart, and found by nobody here.
        await write.ConfigureAwait(false);
        return wasProvided;
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

    /// <summary>A record of ours was published, and is again after an interval.</summary>
    /// <param name="key">The record key's bytes.</param>
    public void Published(Payload key)
    {
        lock (_routes.Gate)
        {
            _tries.Remove(key);
            _schedules.Publish(key, _parts.Now());
        }
    }

    /// <summary>
    /// A record of ours lies here since before. Nobody knows any more how many peers its last put found: it is given again, but not all of
    /// them at once.
    /// </summary>
    public void FoundOwn(Payload key)
    {
        lock (_routes.Gate)
        {
            _schedules.Publish(key, _parts.Now(), WithinAnInterval());
        }
    }

    /// <summary>A record of ours found too few peers: it is given again soon, and ever later the more often that is in vain.</summary>
    public void PublishSoon(Payload key)
    {
        lock (_routes.Gate)
        {
            var tries = _tries.GetValueOrDefault(key);
            var wait = Milliseconds(_parts.Settings.Kademlia.RetryInterval) << Math.Min(tries, DoublingsMax);
            var now = _parts.Now();
            if (_schedules.Publish(key, now, now + Math.Min(wait, Milliseconds(_parts.Settings.Kademlia.PublicationInterval))))
            {
                _tries[key] = tries + 1;
            }
        }
    }

    /// <summary>A record is neither published nor replicated any more.</summary>
    public void LetGo(Payload key)
    {
        lock (_routes.Gate)
        {
            _tries.Remove(key);
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

    /// <summary>The first peer is there: what found too few before is given again soon.</summary>
    public void BootstrapNow()
    {
        lock (_routes.Gate)
        {
            var now = _parts.Now();
            _schedules.BootstrapNow(now);
            var soon = Milliseconds(_parts.Settings.Kademlia.RetryInterval);
            foreach (var key in _tries.Keys.ToArray())
            {
                _tries[key] = 1;
                _schedules.Publish(key, now, now + Chance(soon / 2, soon));
            }
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

    private long WithinAnInterval() => _parts.Now() + Chance(0, Milliseconds(_parts.Settings.Kademlia.ReplicationInterval));

    private static long Chance(long from, long below) => Random.Shared.NextInt64(from, Math.Max(below, from + 1));

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
