using System.Collections.Frozen;
using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Transport.Network;

/// <summary>
/// Whom we deal with. A deny list always wins; a non-empty allow list admits nobody else. Ranges apply to addresses that
/// have an IP, in both directions, before a byte is exchanged; peers apply once they have proven who they are, and before a dial.
/// </summary>
public sealed class AccessRules
{
    /// <summary>Everybody.</summary>
    public static readonly AccessRules Everybody = new();

    private readonly FrozenSet<PeerId> _allowedPeers;
    private readonly FrozenSet<PeerId> _deniedPeers;
    private readonly ImmutableArray<IpRange> _allowedRanges;
    private readonly ImmutableArray<IpRange> _deniedRanges;

    /// <summary>Rules from lists; an empty allow list allows all.</summary>
    public AccessRules(
        IEnumerable<PeerId>? allowPeers = null,
        IEnumerable<PeerId>? denyPeers = null,
        IEnumerable<IpRange>? allowRanges = null,
        IEnumerable<IpRange>? denyRanges = null)
    {
        _allowedPeers = (allowPeers ?? []).ToFrozenSet();
        _deniedPeers = (denyPeers ?? []).ToFrozenSet();
        _allowedRanges = [.. allowRanges ?? []];
        _deniedRanges = [.. denyRanges ?? []];
    }

    /// <summary>Whether a peer is admitted.</summary>
    public bool Admits(PeerId peer) => !_deniedPeers.Contains(peer) && (_allowedPeers.Count == 0 || _allowedPeers.Contains(peer));

    /// <summary>Whether an address is admitted; one without an IP (a DNS name, memory) is not for ranges to judge. A name is judged by the address it led to, once connected.</summary>
    public bool Admits(Multiaddr address)
    {
        var ip = address.IpBytes;
        return ip.IsEmpty || (!AnyContains(_deniedRanges, ip.Span) && (_allowedRanges.IsEmpty || AnyContains(_allowedRanges, ip.Span)));
    }

    private static bool AnyContains(ImmutableArray<IpRange> ranges, ReadOnlySpan<byte> address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
