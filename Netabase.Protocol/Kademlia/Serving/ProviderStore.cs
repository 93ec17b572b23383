using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia.Serving;

/// <summary>Bounds of what is remembered about who provides what.</summary>
/// <param name="PerKeyMax">Providers of a key, 20; more are passed over.</param>
/// <param name="KeysMax">Keys that somebody else provides; more are refused.</param>
/// <param name="AddressesMax">Addresses of a provider.</param>
/// <param name="TimeToLive">Milliseconds after which an announcement is forgotten, 48 h.</param>
/// <param name="AddressesTimeToLive">Milliseconds after which its addresses are served no longer, 24 h: then the id alone is.</param>
public sealed record ProviderBounds(int PerKeyMax, int KeysMax, int AddressesMax, long TimeToLive, long AddressesTimeToLive);

/// <summary>What became of an announcement.</summary>
public enum ProviderOutcome
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It was known; its time begins anew.</summary>
    Renewed,

    /// <summary>The key has as many providers as it may have.</summary>
    PassedOver,

    /// <summary>As many keys as may be have providers.</summary>
    Full,
}

/// <summary>Who provides what, as others announced it: bounded, in memory, since announcements come again.</summary>
/// <param name="bounds">Bounds.</param>
public sealed class ProviderStore(ProviderBounds bounds)
{
    private readonly Dictionary<Payload, List<Announcement>> _keys = [];

    /// <summary>Keys that somebody provides.</summary>
    public int Keys => _keys.Count;

    /// <summary>Takes an announcement.</summary>
    /// <param name="key">What is provided.</param>
    /// <param name="provider">Who, with the addresses to serve.</param>
    /// <param name="now">Unix milliseconds.</param>
    public ProviderOutcome Add(Payload key, KademliaPeer provider, long now)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var announcement = new Announcement(provider with { Addresses = [.. provider.Addresses.Take(bounds.AddressesMax)] }, now);
        if (!_keys.TryGetValue(key, out var known))
        {
            if (_keys.Count >= bounds.KeysMax && Expire(now) == 0)
            {
                return ProviderOutcome.Full;
            }

            _keys.Add(key, [announcement]);
            return ProviderOutcome.Added;
        }

        var at = known.FindIndex(entry => entry.Provider.Id == provider.Id);
        if (at >= 0)
        {
            known[at] = announcement;
            return ProviderOutcome.Renewed;
        }

        known.RemoveAll(entry => IsGone(entry, now));
        if (known.Count >= bounds.PerKeyMax)
        {
            return ProviderOutcome.PassedOver;
        }

        known.Add(announcement);
        return ProviderOutcome.Added;
    }

    /// <summary>The providers of a key, in the order of their first announcement.</summary>
    public ImmutableArray<KademliaPeer> Find(Payload key, long now) => !_keys.TryGetValue(key, out var known)
        ? []
        : [.. known.Where(entry => !IsGone(entry, now)).Select(entry => now - entry.At < bounds.AddressesTimeToLive ? entry.Provider : entry.Provider with { Addresses = [] })];

    /// <summary>Forgets one provider of a key: we ourselves, when we provide it no longer.</summary>
    public bool Remove(Payload key, PeerId provider)
    {
        var isRemoved = _keys.TryGetValue(key, out var known) && known.RemoveAll(entry => entry.Provider.Id == provider) > 0;
        if (known is { Count: 0 })
        {
            _keys.Remove(key);
        }

        return isRemoved;
    }

    /// <summary>Forgets every announcement whose time has passed; how many keys went with them.</summary>
    public int Expire(long now)
    {
        var gone = new List<Payload>();
        foreach (var (key, known) in _keys)
        {
            known.RemoveAll(entry => IsGone(entry, now));
            if (known.Count == 0)
            {
                gone.Add(key);
            }
        }

        gone.ForEach(key => _keys.Remove(key));
        return gone.Count;
    }

    private bool IsGone(Announcement entry, long now) => now - entry.At >= bounds.TimeToLive;

    private sealed record Announcement(KademliaPeer Provider, long At);
}
