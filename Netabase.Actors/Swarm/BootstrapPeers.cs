using System.Collections.Immutable;
using Netabase.Actors.Settings;
using Netabase.Multiformats;

namespace Netabase.Actors.Swarm;

/// <summary>The peers a node begins with, and how patient it is with each: the wait doubles with each failure in a row.</summary>
internal sealed class BootstrapPeers(NetworkSettings settings)
{
    private readonly Dictionary<PeerId, int> _failures = [];

    /// <summary>Where each can be reached, without its id.</summary>
    public ImmutableDictionary<PeerId, ImmutableArray<Multiaddr>> Addresses { get; } = settings.Bootstrap
        .GroupBy(address => address.Peer!.Value)
        .ToImmutableDictionary(group => group.Key, group => group.Select(address => address.WithoutPeer()).ToImmutableArray());

    /// <summary>Whether a peer is one of them.</summary>
    public bool Contains(PeerId peer) => Addresses.ContainsKey(peer);

    /// <summary>It was reached.</summary>
    public void Reached(PeerId peer) => _failures.Remove(peer);

    /// <summary>It was not reached.</summary>
    /// <returns>How long to leave it alone.</returns>
    public TimeSpan Failed(PeerId peer)
    {
        var failures = _failures[peer] = _failures.GetValueOrDefault(peer) + 1;
        var wait = settings.BootstrapRetryMin.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30));
        return TimeSpan.FromMilliseconds(Math.Min(wait, settings.BootstrapRetryMax.TotalMilliseconds));
    }
}
