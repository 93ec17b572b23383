using Netabase.Multiformats;

namespace Netabase.Transport.Mdns;

/// <summary>Who is there and until when, bounded in peers and in addresses of each. Times are those of one steady clock.</summary>
internal sealed class MdnsPeers(MdnsOptions options)
{
    private readonly Dictionary<PeerId, Known> _peers = [];

    /// <summary>Nothing expires before; null when nobody is known.</summary>
    public TimeSpan? NextExpiry { get; private set; }

    /// <summary>Takes in what one datagram says of one peer.</summary>
    public MdnsEvent? Heard(PeerId peer, IEnumerable<(Multiaddr Address, uint TimeToLive)> told, TimeSpan now)
    {
        var isNew = !_peers.TryGetValue(peer, out var known);
        if (isNew && _peers.Count >= options.PeersMax) return null;

        known ??= new Known();
        var changed = isNew;
        foreach (var (address, seconds) in told)
        {
            var plain = address.WithoutPeer();
            if (plain.IsEmpty) continue;
            changed |= seconds == 0 ? known.Addresses.Remove(plain) : Keep(known, plain, now + Cap(seconds));
        }

        if (known.Addresses.Count == 0) return _peers.Remove(peer) ? new MdnsEvent.Expired(peer) : null;

        _peers[peer] = known;
        var until = known.Addresses.Values.Max();
        if (!changed && now < known.ToldAt + ((known.ToldUntil - known.ToldAt) / 2)) return null;
        (known.ToldAt, known.ToldUntil) = (now, until);
        return new MdnsEvent.Discovered(peer, [.. known.Addresses.Keys], until - now);
    }

    /// <summary>Forgets what has had its time.</summary>
    public IEnumerable<MdnsEvent> Expire(TimeSpan now)
    {
        if (NextExpiry is not { } next || next > now) return [];

        var told = new List<MdnsEvent>();
        NextExpiry = null;
        foreach (var (peer, known) in _peers)
        {
            foreach (var (address, until) in known.Addresses)
            {
                if (until <= now) known.Addresses.Remove(address);
                else Await(until);
            }

            if (known.Addresses.Count > 0) continue;
            _peers.Remove(peer);
            told.Add(new MdnsEvent.Expired(peer));
        }

        return told;
    }

    private bool Keep(Known known, Multiaddr address, TimeSpan until)
    {
        Await(until);
        var isNew = !known.Addresses.ContainsKey(address);
        if (isNew && known.Addresses.Count >= options.AddressesPerPeerMax)
            known.Addresses.Remove(known.Addresses.MinBy(entry => entry.Value).Key);
        known.Addresses[address] = until;
        return isNew;
    }

    private void Await(TimeSpan until)
    {
        if (NextExpiry is not { } next || until < next) NextExpiry = until;
    }

    private TimeSpan Cap(uint seconds) => TimeSpan.FromSeconds(Math.Min(seconds, options.TimeToLiveMax.TotalSeconds));

    private sealed class Known
    {
        public Dictionary<Multiaddr, TimeSpan> Addresses { get; } = [];

        public TimeSpan ToldAt { get; set; }

        public TimeSpan ToldUntil { get; set; }
    }
}
