using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Network;

/// <summary>The bounds of a <see cref="PeerStore"/>.</summary>
/// <param name="Peers">
/// Peers remembered; beyond it the one unused for longest goes, one whose address the application gave for ever after all others, a
/// connected one never.
/// </param>
/// <param name="AddressesPerPeer">Addresses of one peer; beyond it the least believed, soonest to expire goes.</param>
/// <param name="AddressesAfterDisconnect">What remains of them once the peer is gone.</param>
/// <param name="ProtocolsPerPeer">Protocols of one peer; more are cut off.</param>
public sealed record PeerStoreLimits(
    int Peers = 16_384, int AddressesPerPeer = 500, int AddressesAfterDisconnect = 20, int ProtocolsPerPeer = 1024);

/// <summary>
/// What is known about other peers, in memory and bounded. Addresses live for a time that whoever tells them sets;
/// expired ones are never returned. Safe to call from any thread.
/// </summary>
public sealed class PeerStore
{
    /// <summary>For <c>ttl</c>: never expires.</summary>
    public static readonly TimeSpan Permanent = Timeout.InfiniteTimeSpan;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly PeerStoreLimits _limits;
    private readonly Dictionary<PeerId, PeerEntry> _peers = [];
    private readonly LinkedList<PeerId> _leastRecent = [];

    /// <summary>An empty store that reads its clock from <paramref name="time"/>.</summary>
    public PeerStore(TimeProvider? time = null, PeerStoreLimits? limits = null)
    {
        _time = time ?? TimeProvider.System;
        _limits = limits ?? new PeerStoreLimits();
    }

    /// <summary>How many peers are remembered, expired ones included until they are touched.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _peers.Count;
            }
        }
    }

    /// <summary>Every peer that is remembered.</summary>
    public ImmutableArray<PeerId> Peers
    {
        get
        {
            lock (_gate)
            {
                return [.. _peers.Keys];
            }
        }
    }

    /// <summary>Adds addresses, or prolongs them: the longer time to live and the more believed source stay.</summary>
    /// <returns>How many were not known before.</returns>
    public int AddAddresses(PeerId peer, IEnumerable<Multiaddr> addresses, TimeSpan ttl, AddressSource source)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (ttl != Permanent)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ttl, TimeSpan.Zero);
        }

        var now = _time.GetUtcNow();
        DateTimeOffset? expires = ttl == Permanent ? null : now + ttl;
        lock (_gate)
        {
            return Touch(peer).Add(addresses, source, expires, now, _limits.AddressesPerPeer);
        }
    }

    /// <summary>Forgets one address.</summary>
    /// <returns>False when it was not known.</returns>
    public bool RemoveAddress(PeerId peer, Multiaddr address)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out var entry) && entry.Remove(address);
        }
    }

    /// <summary>Forgets the addresses of one source that nothing more believed has told as well.</summary>
    /// <returns>How many went.</returns>
    public int RemoveAddresses(PeerId peer, AddressSource source)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out var entry) ? entry.Remove(source) : 0;
        }
    }

    /// <summary>Forgets everything about a peer.</summary>
    /// <returns>False when nothing was known.</returns>
    public bool RemovePeer(PeerId peer)
    {
        lock (_gate)
        {
            return Forget(peer);
        }
    }

    /// <summary>The addresses of a peer that have not expired, most believed first.</summary>
    public ImmutableArray<PeerAddress> Addresses(PeerId peer)
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out var entry) ? entry.Addresses(now) : [];
        }
    }

    /// <summary>Everything about a peer, or null.</summary>
    public KnownPeer? Find(PeerId peer)
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out var entry) ? entry.Snapshot(now) : null;
        }
    }

    /// <summary>The protocols that the peer says it answers.</summary>
    public ImmutableArray<ProtocolId> Protocols(PeerId peer)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out var entry) ? entry.Protocols : [];
        }
    }

    /// <summary>Replaces what the peer says it answers and what software it says it is.</summary>
    public void SetProtocols(PeerId peer, ImmutableArray<ProtocolId> protocols, string? agentVersion = null)
    {
        lock (_gate)
        {
            var entry = Touch(peer);
            entry.Protocols = protocols.Length > _limits.ProtocolsPerPeer ? protocols[.._limits.ProtocolsPerPeer] : protocols;
            entry.AgentVersion = agentVersion ?? entry.AgentVersion;
        }
    }

    /// <summary>Remembers the peer's proven public key.</summary>
    /// <exception cref="ArgumentException">The key is another peer's.</exception>
    public void SetKey(PeerId peer, PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.PeerId != peer)
        {
            throw new ArgumentException("A key is remembered only for the peer whose id follows from it.", nameof(key));
        }

        lock (_gate)
        {
            Touch(peer).Key = key;
        }
    }

    /// <summary>Keeps a verified signed record when it is newer than the one held.</summary>
    /// <returns>False when it is not newer.</returns>
    public bool TrySetRecord(PeerId peer, SignedPeerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            var entry = Touch(peer);
            if (entry.Record is { } held && held.Sequence >= record.Sequence)
            {
                return false;
            }

            entry.Record = record;
            return true;
        }
    }

    /// <summary>Pins a connected peer, so that it is not pushed out.</summary>
    internal void Pin(PeerId peer)
    {
        lock (_gate)
        {
            Touch(peer).Pinned = true;
        }
    }

    /// <summary>Unpins a peer that is gone and lets its addresses expire after <paramref name="ttl"/>.</summary>
    internal void Unpin(PeerId peer, TimeSpan ttl)
    {
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_peers.TryGetValue(peer, out var entry))
            {
                entry.Pinned = false;
                entry.Disconnected(now, now + ttl, _limits.AddressesAfterDisconnect);
            }
        }
    }

    private PeerEntry Touch(PeerId peer)
    {
        if (_peers.TryGetValue(peer, out var entry))
        {
            _leastRecent.Remove(entry.Recency);
            _leastRecent.AddLast(entry.Recency);
            return entry;
        }

        if (_peers.Count >= _limits.Peers)
        {
            EvictOne();
        }

        entry = new PeerEntry(peer, _leastRecent.AddLast(peer));
        _peers.Add(peer, entry);
        return entry;
    }

    /// <summary>
    /// Whoever was unused for longest goes; those whom the application gave only when there is nobody else, and connected ones never.
    /// One that stays counts as used, so that the search is short the next time.
    /// </summary>
    private void EvictOne()
    {
        for (var looked = 0; looked < _peers.Count && _leastRecent.First is { } oldest; looked++)
        {
            var entry = _peers[oldest.Value];
            if (!entry.Pinned && !entry.IsGiven)
            {
                Forget(oldest.Value);
                return;
            }

            _leastRecent.RemoveFirst();
            _leastRecent.AddLast(oldest);
        }

        for (var node = _leastRecent.First; node is not null; node = node.Next)
        {
            if (!_peers[node.Value].Pinned)
            {
                Forget(node.Value);
                return;
            }
        }
    }

    private bool Forget(PeerId peer)
    {
        if (!_peers.Remove(peer, out var entry))
        {
            return false;
        }

        _leastRecent.Remove(entry.Recency);
        return true;
    }
}
