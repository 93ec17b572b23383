using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Network;

/// <summary>One peer's row in the <see cref="PeerStore"/>, which guards it.</summary>
internal sealed class PeerEntry(PeerId peer, LinkedListNode<PeerId> recency)
{
    private readonly Dictionary<Multiaddr, PeerAddress> _addresses = [];
    private readonly HashSet<Multiaddr> _given = [];

    public LinkedListNode<PeerId> Recency { get; } = recency;

    public bool Pinned { get; set; }

    /// <summary>The application gave an address of it for ever, as it does for the peers by which a node finds the others.</summary>
    public bool IsGiven => _given.Count > 0;

    public ImmutableArray<ProtocolId> Protocols { get; set; } = [];

    public string AgentVersion { get; set; } = "";

    public PublicKey? Key { get; set; }

    public SignedPeerRecord? Record { get; set; }

    public int Add(
        IEnumerable<Multiaddr> addresses, AddressSource source, DateTimeOffset? expires, DateTimeOffset now, int limit)
    {
        DropExpired(now);
        var added = 0;
        foreach (var address in addresses)
        {
            if (source == AddressSource.Configured && expires is null && _given.Count < limit)
            {
                _given.Add(address);
            }

            if (_addresses.TryGetValue(address, out var held))
            {
                _addresses[address] = held with
                {
                    Source = held.Source > source ? held.Source : source,
                    ExpiresAt = Later(held.ExpiresAt, expires),
                };
            }
            else if (_addresses.Count < limit || MakeRoom(source))
            {
                _addresses.Add(address, new PeerAddress(address, source, expires));
                added++;
            }
        }

        return added;
    }

    public bool Remove(Multiaddr address)
    {
        _given.Remove(address);
        return _addresses.Remove(address);
    }

    public int Remove(AddressSource source)
    {
        var gone = _addresses.Values.Where(held => held.Source == source).Select(held => held.Address).ToList();
        gone.ForEach(address => Remove(address));
        return gone.Count;
    }

    public ImmutableArray<PeerAddress> Addresses(DateTimeOffset now)
    {
        DropExpired(now);
        return [.. Believed()];
    }

    /// <summary>What came from the peer itself is kept for a while only; what the application gave stays as it was.</summary>
    public void Disconnected(DateTimeOffset now, DateTimeOffset expires, int limit)
    {
        DropExpired(now);
        foreach (var held in _addresses.Values.ToList())
        {
            if (held.ExpiresAt is null && !_given.Contains(held.Address))
            {
                _addresses[held.Address] = held with { ExpiresAt = expires };
            }
        }

        foreach (var held in Believed().OrderByDescending(held => _given.Contains(held.Address)).Skip(limit).ToList())
        {
            Remove(held.Address);
        }
    }

    public KnownPeer Snapshot(DateTimeOffset now) => new(peer, Addresses(now), Protocols, AgentVersion, Key, Record);

    private IEnumerable<PeerAddress> Believed() =>
        _addresses.Values
            .OrderByDescending(held => held.Source)
            .ThenByDescending(held => held.ExpiresAt ?? DateTimeOffset.MaxValue);

    /// <summary>A full list gives way only to something at least as believable as its least believable entry.</summary>
    private bool MakeRoom(AddressSource source)
    {
        var least = Believed().LastOrDefault();
        return least is not null && least.Source <= source && Remove(least.Address);
    }

    private void DropExpired(DateTimeOffset now)
    {
        foreach (var (address, held) in _addresses)
        {
            if (held.ExpiresAt <= now)
            {
                _addresses.Remove(address);
            }
        }
    }

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || right is null ? null : left > right ? left : right;
}
