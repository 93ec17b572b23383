using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>
/// The peers a node knows, in 256 buckets by how many leading bits their place shares with ours (Kademlia, section 2.4). Each
/// bucket keeps those it has known longest, since who was there long stays long (section 2.2), and a short list of newcomers who wait.
/// </summary>
/// <remarks>
/// Departures from the paper. A full bucket does not ping its oldest peer for every newcomer: a peer that has failed, or that
/// was not heard of for <see cref="RoutingBounds.StaleAfter"/>, is named to the caller to be checked, one at a time per bucket.
/// Peers with public addresses are limited per network, as go-libp2p does, so that one network cannot fill a table with its own;
/// private and loopback addresses are not counted, since on a LAN everybody is in one network.
/// Not thread-safe: its owner steps it.
/// </remarks>
public sealed class RoutingTable
{
    private readonly KademliaKey _self;
    private readonly RoutingBounds _bounds;
    private readonly Bucket?[] _buckets = new Bucket?[KademliaKey.Bits];
    private readonly Dictionary<PeerId, RoutingEntry> _entries = [];
    private readonly Dictionary<NetworkGroup, int> _perGroup = [];

    /// <summary>An empty table around our own place.</summary>
    public RoutingTable(KademliaKey self, RoutingBounds bounds)
    {
        _self = self;
        _bounds = bounds;
    }

    /// <summary>How many peers are in the buckets, those who wait not counted.</summary>
    public int Count => _entries.Count;

    /// <summary>Every peer in the buckets, in no order.</summary>
    public IEnumerable<RoutingEntry> Entries => _entries.Values;

    /// <summary>The bucket numbers that hold a peer, from the far half of the space to our neighbours.</summary>
    public IEnumerable<int> OccupiedBuckets
    {
        get
        {
            for (var i = 0; i < _buckets.Length; i++)
            {
                if (_buckets[i] is { Entries.Count: > 0 })
                {
                    yield return i;
                }
            }
        }
    }

    /// <summary>What is known of a peer, or null when it is in no bucket.</summary>
    public RoutingEntry? Find(PeerId peer) => _entries.GetValueOrDefault(peer);

    /// <summary>Takes notice of a peer that serves the DHT and has just been heard of at first hand.</summary>
    /// <param name="peer">Who, with the addresses known.</param>
    /// <param name="now">Milliseconds on the owner's clock.</param>
    public RoutingOutcome Offer(KademliaPeer peer, long now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (_entries.TryGetValue(peer.Id, out var known))
        {
            known.Heard(peer.Addresses, _bounds.AddressesMax, now);
            return new RoutingOutcome.Updated(known);
        }

        var index = _self.CommonPrefixLength(peer.Key);
        if (index == KademliaKey.Bits)
        {
            return new RoutingOutcome.Refused(RoutingRefusal.Ourselves);
        }

        var bucket = _buckets[index] ??= new Bucket();
        if (!HasRoomFor(bucket, peer))
        {
            return new RoutingOutcome.Refused(RoutingRefusal.TooManyOfItsNetwork);
        }

        if (bucket.Entries.Count < _bounds.BucketSize)
        {
            return new RoutingOutcome.Added(Insert(bucket, peer, index, now));
        }

        bucket.Wait(peer, _bounds.WaitingMax);
        return bucket.Suspect(now - _bounds.StaleAfter) is { } suspect
            ? new RoutingOutcome.Waiting(suspect.Peer)
            : new RoutingOutcome.Waiting(null);
    }

    /// <summary>A peer did not answer, or could not be reached: it leaves, and the newest of those who wait takes its place.</summary>
    /// <returns>The peer that moved in, or null.</returns>
    public RoutingEntry? Failed(PeerId peer, long now)
    {
        if (!_entries.TryGetValue(peer, out var entry))
        {
            ForgetWaiting(peer);
            return null;
        }

        var bucket = _buckets[entry.Bucket]!;
        Drop(bucket, entry);
        while (bucket.TakeNewest() is { } next)
        {
            if (HasRoomFor(bucket, next))
            {
                return Insert(bucket, next, entry.Bucket, now);
            }
        }

        return null;
    }

    /// <summary>The peer is no server any more, or the application wants it gone: it leaves and does not wait either.</summary>
    /// <returns>Whether it was in a bucket.</returns>
    public bool Remove(PeerId peer, long now)
    {
        ForgetWaiting(peer);
        if (!_entries.ContainsKey(peer))
        {
            return false;
        }

        Failed(peer, now);
        return true;
    }

    /// <summary>Takes one address from a peer; with its last one the peer leaves the table.</summary>
    /// <returns>Whether the peer left.</returns>
    public bool RemoveAddress(PeerId peer, Multiaddr address, long now)
    {
        if (!_entries.TryGetValue(peer, out var entry) || !entry.RemoveAddress(address) || entry.Peer.Addresses.Length > 0)
        {
            return false;
        }

        Failed(peer, now);
        return true;
    }

    /// <summary>The known peers nearest to a place, nearest first.</summary>
    /// <param name="target">The place.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="except">Somebody to leave out, such as the one who asks.</param>
    public ImmutableArray<KademliaPeer> Closest(KademliaKey target, int count, PeerId? except = null)
    {
        var found = new List<(Distance Distance, KademliaPeer Peer)>(count * 2);
        var home = Math.Min(_self.CommonPrefixLength(target), KademliaKey.Bits - 1);

        // In our home bucket for the target everybody shares more bits with it than anybody else. All buckets nearer to us
        // share as many as we do; each bucket farther from us shares one bit less than the one before.
        Gather(home, home, target, except, found);
        if (found.Count < count)
        {
            Gather(home + 1, KademliaKey.Bits - 1, target, except, found);
        }

        for (var i = home - 1; i >= 0 && found.Count < count; i--)
        {
            Gather(i, i, target, except, found);
        }

        found.Sort(static (left, right) => left.Distance.CompareTo(right.Distance));
        return [.. found.Take(count).Select(entry => entry.Peer)];
    }

    /// <summary>How many known peers are nearer to a place than we are, counted up to a bound.</summary>
    public int CountCloser(KademliaKey target, int most)
    {
        // Nearer than we is our whole home bucket for the target, and of the buckets nearer to us some; of the farther ones nobody.
        var ours = _self.DistanceTo(target);
        var count = 0;
        for (var i = Math.Min(_self.CommonPrefixLength(target), KademliaKey.Bits - 1); i < KademliaKey.Bits && count < most; i++)
        {
            foreach (var entry in _buckets[i]?.Entries ?? [])
            {
                count += entry.Peer.Key.DistanceTo(target) < ours ? 1 : 0;
            }
        }

        return Math.Min(count, most);
    }

    private void Gather(int first, int last, KademliaKey target, PeerId? except, List<(Distance Distance, KademliaPeer Peer)> found)
    {
        for (var i = first; i <= last; i++)
        {
            if (_buckets[i] is not { } bucket)
            {
                continue;
            }

            foreach (var entry in bucket.Entries)
            {
                if (entry.Peer.Id != except)
                {
                    found.Add((entry.Peer.Key.DistanceTo(target), entry.Peer));
                }
            }
        }
    }

    private RoutingEntry Insert(Bucket bucket, KademliaPeer peer, int index, long now)
    {
        var entry = new RoutingEntry(Trim(peer), index, NetworkGroup.Of(peer.Addresses), now);
        bucket.Entries.Add(entry);
        bucket.Forget(peer.Id);
        _entries.Add(peer.Id, entry);
        if (entry.Group is { } group)
        {
            _perGroup[group] = _perGroup.GetValueOrDefault(group) + 1;
        }

        return entry;
    }

    private KademliaPeer Trim(KademliaPeer peer) =>
        peer.Addresses.Length <= _bounds.AddressesMax ? peer : peer with { Addresses = peer.Addresses[.._bounds.AddressesMax] };

    private void Drop(Bucket bucket, RoutingEntry entry)
    {
        bucket.Entries.Remove(entry);
        _entries.Remove(entry.Peer.Id);
        if (entry.Group is { } group && (_perGroup[group] -= 1) == 0)
        {
            _perGroup.Remove(group);
        }
    }

    private bool HasRoomFor(Bucket bucket, KademliaPeer peer)
    {
        if (NetworkGroup.Of(peer.Addresses) is not { } group)
        {
            return true;
        }

        return _perGroup.GetValueOrDefault(group) < _bounds.PerNetworkMax
            && bucket.Entries.Count(entry => entry.Group == group) < _bounds.PerNetworkAndBucketMax;
    }

    private void ForgetWaiting(PeerId peer)
    {
        var index = _self.CommonPrefixLength(KademliaKey.Of(peer));
        if (index < KademliaKey.Bits)
        {
            _buckets[index]?.Forget(peer);
        }
    }

    private sealed class Bucket
    {
        private readonly List<KademliaPeer> _waiting = [];

        public List<RoutingEntry> Entries { get; } = [];

        public void Wait(KademliaPeer peer, int most)
        {
            Forget(peer.Id);
            _waiting.Add(peer);
            if (_waiting.Count > most)
            {
                _waiting.RemoveAt(0);
            }
        }

        public void Forget(PeerId peer) => _waiting.RemoveAll(waiting => waiting.Id == peer);

        public KademliaPeer? TakeNewest()
        {
            if (_waiting.Count == 0)
            {
                return null;
            }

            var newest = _waiting[^1];
            _waiting.RemoveAt(_waiting.Count - 1);
            return newest;
        }

        public RoutingEntry? Suspect(long staleBefore)
        {
            RoutingEntry? oldest = null;
            foreach (var entry in Entries)
            {
                if (entry.LastHeard < staleBefore && (oldest is null || entry.LastHeard < oldest.LastHeard))
                {
                    oldest = entry;
                }
            }

            return oldest;
        }
    }
}
