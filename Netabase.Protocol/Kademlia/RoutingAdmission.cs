using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>What admission wants its owner to do or tell.</summary>
public abstract record AdmissionEffect
{
    private AdmissionEffect()
    {
    }

    /// <summary>Ask this peer a FIND_NODE for ourselves, and report with <see cref="RoutingAdmission.OnProbed"/>.</summary>
    public sealed record Probe(KademliaPeer Peer) : AdmissionEffect;

    /// <summary>It has a place in the table now.</summary>
    public sealed record Joined(KademliaPeer Peer, int Bucket) : AdmissionEffect;

    /// <summary>It has lost its place.</summary>
    public sealed record Left(PeerId Peer) : AdmissionEffect;
}

/// <summary>
/// Who gets into the routing table: servers only, as Identify tells them, since a client answers nobody (libp2p kad-dht, "Client and
/// server mode"); checked first with a request of ours where configured, as go-libp2p does, because saying so costs a liar nothing.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="protocol">The protocol name that makes a peer a server.</param>
/// <param name="isProbing">Whether a peer must have answered before it is offered a place.</param>
/// <param name="probesMax">Probes under way at once; who comes when there are as many is passed over until it is heard of again.</param>
public sealed class RoutingAdmission(RoutingTable table, string protocol, bool isProbing, int probesMax)
{
    private readonly Dictionary<PeerId, KademliaPeer> _probing = [];

    /// <summary>Identify or a push told what a peer answers, and where it is reached.</summary>
    public ImmutableArray<AdmissionEffect> OnIdentified(KademliaPeer peer, IReadOnlyCollection<string> protocols, long now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(protocols);
        if (!protocols.Contains(protocol, StringComparer.Ordinal))
        {
            _probing.Remove(peer.Id);
            return table.Remove(peer.Id, now) ? [new AdmissionEffect.Left(peer.Id)] : [];
        }

        return isProbing && table.Find(peer.Id) is null ? Probe(peer) : Offer(peer, now);
    }

    /// <summary>A peer answered a request of ours: it is a server, whatever it says.</summary>
    public ImmutableArray<AdmissionEffect> OnAnswered(KademliaPeer peer, long now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _probing.Remove(peer.Id);
        return Offer(peer, now);
    }

    /// <summary>A peer failed a request of ours, or could not be reached.</summary>
    public ImmutableArray<AdmissionEffect> OnFailed(PeerId peer, long now)
    {
        _probing.Remove(peer);
        var wasIn = table.Find(peer) is not null;
        var next = table.Failed(peer, now);
        return (wasIn, next) switch
        {
            (false, _) => [],
            (true, null) => [new AdmissionEffect.Left(peer)],
            (true, { } entry) => [new AdmissionEffect.Left(peer), new AdmissionEffect.Joined(entry.Peer, entry.Bucket)],
        };
    }

    /// <summary>A probe has ended.</summary>
    public ImmutableArray<AdmissionEffect> OnProbed(PeerId peer, bool hasAnswered, long now)
    {
        if (!_probing.Remove(peer, out var probed))
        {
            return [];
        }

        return hasAnswered ? Offer(table.Find(peer)?.Peer ?? probed, now) : OnFailed(peer, now);
    }

    private ImmutableArray<AdmissionEffect> Offer(KademliaPeer peer, long now) => table.Offer(peer, now) switch
    {
        RoutingOutcome.Added added => [new AdmissionEffect.Joined(added.Entry.Peer, added.Entry.Bucket)],
        RoutingOutcome.Waiting { Check: { } suspect } => Probe(suspect),
        _ => [],
    };

    private ImmutableArray<AdmissionEffect> Probe(KademliaPeer peer) =>
        _probing.Count < probesMax && _probing.TryAdd(peer.Id, peer) ? [new AdmissionEffect.Probe(peer)] : [];
}
