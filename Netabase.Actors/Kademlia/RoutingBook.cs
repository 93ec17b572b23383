using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;

namespace Netabase.Actors.Kademlia;

/// <summary>
/// The routing table of a run. It outlives the DHT's actor, and is read by the threads that serve peers, so that it stands behind
/// a lock instead of in the actor; every step on it is short.
/// </summary>
internal sealed class RoutingBook
{
    private const int LostMax = 256;
    private const int DoublingsMax = 20;

    private readonly NodeParts _parts;
    private readonly Dictionary<PeerId, Lost> _lost = [];

    public RoutingBook(NodeParts parts, PeerId self)
    {
        _parts = parts;
        Self = self;
        SelfKey = KademliaKey.Of(self);
        var settings = parts.Settings.Kademlia;
        Table = new RoutingTable(SelfKey, new RoutingBounds(
            settings.Replication,
            settings.Routing.WaitingMax,
            settings.Routing.AddressesMax,
            settings.Routing.PerNetworkMax,
            settings.Routing.PerNetworkAndBucketMax,
            (long)settings.Routing.StaleAfter.TotalMilliseconds));
    }

    /// <summary>Guards the table, and all that is stepped together with it.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The table, to be touched under <see cref="Gate"/> alone.</summary>
    public RoutingTable Table { get; }

    public PeerId Self { get; }

    public KademliaKey SelfKey { get; }

    public int Count
    {
        get
        {
            lock (Gate)
            {
                return Table.Count;
            }
        }
    }

    /// <summary>
    /// A peer of the table answered, or one that was lost: that one comes back. Its connection may have outlived the cut, so that
    /// nothing else would ever tell of it.
    /// </summary>
    public void Heard(PeerId peer)
    {
        lock (Gate)
        {
            if (Table.Find(peer) is { } entry)
            {
                Table.Offer(entry.Peer, _parts.Now());
            }
            else if (_lost.TryGetValue(peer, out var lost))
            {
                Offer(lost.Peer);
                TryAllSoon();
            }
        }
    }

    /// <summary>
    /// Peers that left because they could not be reached and are due to be tried again: the other half of a network that was cut is among
    /// them. None is given up, only tried more seldom, and gives way to those lost later.
    /// </summary>
    /// <param name="count">At most so many.</param>
    public ImmutableArray<KademliaPeer> TakeLost(int count)
    {
        lock (Gate)
        {
            var now = _parts.Now();
            ImmutableArray<Lost> due = [.. _lost.Values.Where(lost => lost.At <= now).OrderBy(lost => lost.At).Take(count)];
            foreach (var lost in due)
            {
                var settings = _parts.Settings.Kademlia;
                var wait = (long)settings.RejoinInterval.TotalMilliseconds << Math.Min(lost.Tries, DoublingsMax);
                _lost[lost.Peer.Id] = lost with { Tries = lost.Tries + 1, At = now + Math.Min(wait, (long)settings.RejoinIntervalMax.TotalMilliseconds) };
            }

            return [.. due.Select(lost => lost.Peer)];
        }
    }

    /// <summary>Takes notice of a server.</summary>
    /// <returns>A peer of its bucket that should be checked, since it was not heard of for long and the newcomer waits for a place; or null.</returns>
    public KademliaPeer? Offer(KademliaPeer peer)
    {
        lock (Gate)
        {
            _lost.Remove(peer.Id);
            switch (Table.Offer(peer, _parts.Now()))
            {
                case RoutingOutcome.Added added:
                    Tell(added.Entry.Peer.Id, added.Entry.Bucket, isIn: true);
                    return null;
                case RoutingOutcome.Waiting waiting:
                    return waiting.Check;
                default:
                    return null;
            }
        }
    }

    /// <summary>A peer did not answer: it leaves, and one that waits takes its place.</summary>
    public void Failed(PeerId peer)
    {
        lock (Gate)
        {
            if (Table.Find(peer) is not { } entry)
            {
                return;
            }

            var next = Table.Failed(peer, _parts.Now());
            if (_lost.Count >= LostMax)
            {
                _lost.Remove(_lost.Values.MaxBy(lost => lost.Tries)!.Peer.Id);
            }

            _lost[peer] = new Lost(entry.Peer, 0, _parts.Now());
            Tell(peer, entry.Bucket, isIn: false);
            if (next is not null)
            {
                Tell(next.Peer.Id, next.Bucket, isIn: true);
            }
        }
    }

    /// <summary>A peer is to be here no longer.</summary>
    /// <returns>Whether it was.</returns>
    public bool Remove(PeerId peer)
    {
        lock (Gate)
        {
            _lost.Remove(peer);
            var bucket = Table.Find(peer)?.Bucket;
            var wasIn = Table.Remove(peer, _parts.Now());
            if (wasIn)
            {
                Tell(peer, bucket!.Value, isIn: false);
            }

            return wasIn;
        }
    }

    /// <summary>Takes one address from a peer.</summary>
    /// <returns>Whether the peer left with it.</returns>
    public bool RemoveAddress(PeerId peer, Multiaddr address)
    {
        lock (Gate)
        {
            var bucket = Table.Find(peer)?.Bucket;
            var left = Table.RemoveAddress(peer, address, _parts.Now());
            if (left)
            {
                Tell(peer, bucket!.Value, isIn: false);
            }

            return left;
        }
    }

    /// <summary>The known peers nearest to a place, nearest first.</summary>
    public ImmutableArray<KademliaPeer> Closest(KademliaKey target, int count, PeerId? except = null)
    {
        lock (Gate)
        {
            return Table.Closest(target, count, except);
        }
    }

    /// <summary>What is known of a peer, or null.</summary>
    public KademliaPeer? Find(PeerId peer)
    {
        lock (Gate)
        {
            return Table.Find(peer)?.Peer;
        }
    }

    /// <summary>All of it, from the far half of the space to our neighbours.</summary>
    public ImmutableArray<RoutingPeer> List()
    {
        lock (Gate)
        {
            return [.. Table.Entries
                .OrderBy(entry => entry.Bucket)
                .ThenBy(entry => entry.Since)
                .Select(entry => new RoutingPeer(entry.Peer.Id, entry.Peer.Addresses, entry.Bucket))];
        }
    }

    /// <summary>The buckets that hold a peer.</summary>
    public ImmutableArray<int> OccupiedBuckets()
    {
        lock (Gate)
        {
            return [.. Table.OccupiedBuckets];
        }
    }

    /// <summary>One that was lost is back: what kept it away may have kept others away.</summary>
    private void TryAllSoon()
    {
        foreach (var (peer, lost) in _lost.ToArray())
        {
            _lost[peer] = lost with { Tries = 0, At = _parts.Now() };
        }
    }

    private void Tell(PeerId peer, int bucket, bool isIn) => _parts.Announcer.Announce(
        new RoutingEvent.RoutingUpdated(peer, bucket, isIn, Table.Count) { At = _parts.Now() });

    /// <summary>A peer that could not be reached, how often it was tried since, and when it is tried next.</summary>
    private sealed record Lost(KademliaPeer Peer, int Tries, long At);
}
