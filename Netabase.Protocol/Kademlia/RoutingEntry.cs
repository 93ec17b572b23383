using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>Bounds of a routing table.</summary>
/// <param name="BucketSize">Peers in a bucket: Kademlia's k, 20.</param>
/// <param name="WaitingMax">Newcomers that wait for a place in a full bucket.</param>
/// <param name="AddressesMax">Addresses kept for a peer; the newest win.</param>
/// <param name="PerNetworkMax">Peers of one public network in the whole table, 3.</param>
/// <param name="PerNetworkAndBucketMax">Peers of one public network in one bucket, 2.</param>
/// <param name="StaleAfter">Milliseconds without a word after which a peer of a full bucket is checked.</param>
public sealed record RoutingBounds(
    int BucketSize,
    int WaitingMax,
    int AddressesMax,
    int PerNetworkMax,
    int PerNetworkAndBucketMax,
    long StaleAfter);

/// <summary>A peer in a bucket. Its table changes it; others read.</summary>
public sealed class RoutingEntry
{
    internal RoutingEntry(KademliaPeer peer, int bucket, NetworkGroup? group, long now)
    {
        Peer = peer;
        Bucket = bucket;
        Group = group;
        Since = LastHeard = now;
    }

    /// <summary>Who, and how to reach it.</summary>
    public KademliaPeer Peer { get; private set; }

    /// <summary>Which bucket: the leading bits its place shares with ours.</summary>
    public int Bucket { get; }

    /// <summary>The public network it counts for, or null.</summary>
    public NetworkGroup? Group { get; }

    /// <summary>When it came in, in milliseconds on the owner's clock.</summary>
    public long Since { get; }

    /// <summary>When it was last heard of at first hand.</summary>
    public long LastHeard { get; private set; }

    internal void Heard(IReadOnlyList<Multiaddr> addresses, int most, long now)
    {
        LastHeard = now;
        if (addresses.Count > 0)
        {
            Peer = Peer with { Addresses = [.. addresses.Concat(Peer.Addresses).Distinct().Take(most)] };
        }
    }

    internal bool RemoveAddress(Multiaddr address)
    {
        var left = Peer.Addresses.Remove(address);
        var removed = left.Length < Peer.Addresses.Length;
        Peer = Peer with { Addresses = left };
        return removed;
    }
}

/// <summary>What became of an offered peer.</summary>
public abstract record RoutingOutcome
{
    private RoutingOutcome()
    {
    }

    /// <summary>It has a place.</summary>
    public sealed record Added(RoutingEntry Entry) : RoutingOutcome;

    /// <summary>It had one; it was heard of again, perhaps with new addresses.</summary>
    public sealed record Updated(RoutingEntry Entry) : RoutingOutcome;

    /// <summary>Its bucket is full; it waits. <paramref name="Check"/> was not heard of for long: if it does not answer, report it as failed.</summary>
    public sealed record Waiting(KademliaPeer? Check) : RoutingOutcome;

    /// <summary>It gets no place.</summary>
    public sealed record Refused(RoutingRefusal Reason) : RoutingOutcome;
}

/// <summary>Why a peer gets no place.</summary>
public enum RoutingRefusal
{
    /// <summary>It is this node.</summary>
    Ourselves,

    /// <summary>Its public network has as many peers here as one network may have.</summary>
    TooManyOfItsNetwork,
}
