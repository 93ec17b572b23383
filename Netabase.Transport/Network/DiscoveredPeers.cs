using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>Which peers discovery has told of, and until when; what tells news from repetition.</summary>
internal sealed class DiscoveredPeers(SwarmContext context)
{
    /// <summary>Peers remembered; a local network that claims more is lying.</summary>
    internal const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, (DateTimeOffset Until, AddressSource Source)> _until = [];

    public void Found(PeerId peer, IReadOnlyList<Multiaddr> addresses, TimeSpan timeToLive, AddressSource source)
    {
        if (timeToLive <= TimeSpan.Zero)
        {
            Lost(peer);
            return;
        }

        var plain = addresses.Where(address => context.Options.Access.Admits(address)).Select(address => address.WithoutPeer()).ToList();
        lock (_gate)
        {
            var known = _until.ContainsKey(peer);
            if (plain.Count == 0 || (!known && _until.Count >= Capacity))
            {
                return;
            }

            var added = context.Peers.AddAddresses(peer, plain, timeToLive, source);
            _until[peer] = (context.Time.GetUtcNow() + timeToLive, source);
            if (!known || added > 0)
            {
                context.Events.Publish(new NetworkEvent.PeerDiscovered(peer, [.. plain], source));
            }
        }
    }

    public void Lost(PeerId peer)
    {
        lock (_gate)
        {
            if (_until.Remove(peer, out var entry))
            {
                context.Peers.RemoveAddresses(peer, entry.Source);
                context.Events.Publish(new NetworkEvent.PeerExpired(peer, entry.Source));
            }
        }
    }

    public void Expire()
    {
        var now = context.Time.GetUtcNow();
        lock (_gate)
        {
            foreach (var peer in _until.Where(entry => entry.Value.Until <= now).Select(entry => entry.Key).ToList())
            {
                Lost(peer);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _until.Clear();
        }
    }
}
