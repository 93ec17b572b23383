using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>How far a lookup has come with a candidate.</summary>
internal enum CandidateState
{
    /// <summary>Not asked yet.</summary>
    New,

    /// <summary>Asked, and within its time.</summary>
    Asked,

    /// <summary>Asked, and over its time; an answer still counts.</summary>
    Silent,

    /// <summary>It answered.</summary>
    Answered,

    /// <summary>It will not answer.</summary>
    Failed,
}

/// <summary>Somebody a lookup has heard of, who named it, and what its own introductions were worth.</summary>
internal sealed class LookupCandidate(KademliaPeer peer, Distance distance, LookupCandidate? source, int hops)
{
    // Three introductions that led nowhere may be churn; more, without twice as many that led somewhere, are a habit.
    private const int FailuresForgiven = 3;
    private const int SourcesMax = 4;
    private const int AddressesMax = 16;

    private readonly List<LookupCandidate> _sources = source is null ? [] : [source];
    private readonly bool _isSeed = source is null;
    private int _good;
    private int _bad;

    public static readonly IComparer<LookupCandidate> Nearest =
        Comparer<LookupCandidate>.Create(static (left, right) => left.Distance.CompareTo(right.Distance));

    public KademliaPeer Peer { get; private set; } = peer;

    public Distance Distance { get; } = distance;

    public int Hops { get; private set; } = hops;

    public CandidateState State { get; set; }

    public long AskedUntil { get; set; }

    /// <summary>Whether anybody who named it is still believed.</summary>
    public bool IsBelieved => _isSeed || _sources.Exists(static source => source.IsTrusted);

    private bool IsTrusted => _bad <= FailuresForgiven || _bad < _good * 2;

    public void NamedBy(LookupCandidate? source, ImmutableArray<Multiaddr> addresses, int hops)
    {
        if (source is not null && _sources.Count < SourcesMax && !_sources.Contains(source))
        {
            _sources.Add(source);
        }

        if (State != CandidateState.New)
        {
            return;
        }

        Hops = Math.Min(Hops, hops);
        if (!addresses.IsEmpty)
        {
            Peer = Peer with { Addresses = [.. Peer.Addresses.Concat(addresses).Distinct().Take(AddressesMax)] };
        }
    }

    public void Vindicate() => _sources.ForEach(static source => source._good++);

    public void Blame() => _sources.ForEach(static source => source._bad++);
}
