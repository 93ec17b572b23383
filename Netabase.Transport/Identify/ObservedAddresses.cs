using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Transport.Network;

namespace Netabase.Transport.Identify;

/// <summary>
/// Which addresses others see us at. Only those count who dialed us there, so that a confirmed address is one that was
/// reached; and only one vote per place (an IPv4 address, an IPv6 /56; on one machine, a peer), so that one liar is not many.
/// </summary>
internal sealed class ObservedAddresses(SwarmContext context, Func<ImmutableArray<Multiaddr>> listening)
{
    internal const int MaxAddresses = 32;
    internal const int MaxObservers = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<Multiaddr, Dictionary<Payload, DateTimeOffset>> _votes = [];
    private ImmutableArray<Multiaddr> _confirmed = [];

    public ImmutableArray<Multiaddr> Confirmed
    {
        get
        {
            lock (_gate)
            {
                return _confirmed;
            }
        }
    }

    /// <summary>Counts one peer's word.</summary>
    /// <returns>Whether that confirmed the address.</returns>
    public bool Observe(ConnectionInfo connection, Multiaddr observed)
    {
        var address = observed.WithoutPeer();
        if (connection.Direction != Direction.Inbound || AddressScope.IsUnspecified(address) || address.IsRelayed || !CouldBeOurs(address))
        {
            return false;
        }

        var voter = AddressScope.ReachOf(connection.RemoteAddress) == AddressReach.Machine
            ? connection.Peer.Multihash
            : AddressScope.GroupOf(connection.RemoteAddress);
        lock (_gate)
        {
            if (!_votes.TryGetValue(address, out var voters))
            {
                if (_votes.Count >= MaxAddresses)
                {
                    return false;
                }

                _votes.Add(address, voters = []);
            }

            if (voters.Count < MaxObservers || voters.ContainsKey(voter))
            {
                voters[voter] = context.Time.GetUtcNow() + context.Options.Identify.ObservationLifetime;
            }

            if (voters.Count < context.Options.Identify.Observers || _confirmed.Contains(address))
            {
                return false;
            }

            _confirmed = _confirmed.Add(address);
            context.Events.Publish(new NetworkEvent.ExternalAddressConfirmed(address));
        }

        NetworkLog.ExternalConfirmed(context.Log, address);
        return true;
    }

    /// <summary>Forgets old votes.</summary>
    /// <returns>Whether an address is confirmed no longer.</returns>
    public bool Expire()
    {
        var now = context.Time.GetUtcNow();
        var changed = false;
        lock (_gate)
        {
            foreach (var (address, voters) in _votes)
            {
                foreach (var (voter, until) in voters)
                {
                    if (until <= now)
                    {
                        voters.Remove(voter);
                    }
                }

                if (voters.Count == 0)
                {
                    _votes.Remove(address);
                }

                if (voters.Count < context.Options.Identify.Observers && _confirmed.Contains(address))
                {
                    _confirmed = _confirmed.Remove(address);
                    context.Events.Publish(new NetworkEvent.ExternalAddressExpired(address));
                    changed = true;
                }
            }
        }

        return changed;
    }

    /// <summary>An address is believable only when we listen on something of its kind.</summary>
    private bool CouldBeOurs(Multiaddr address)
    {
        var kind = Kind(address);
        return listening().Any(bound => Kind(bound).SequenceEqual(kind));
    }

    private static List<MultiaddrProtocol> Kind(Multiaddr address) => [.. address.Components.Select(component => component.Protocol)];
}
