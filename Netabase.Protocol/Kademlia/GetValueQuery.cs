using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Kademlia;

/// <summary>
/// Finds a record: collects what peers hold along the way until a quorum of them agrees on having one, and keeps the best by the
/// record rules. When it is over it names the peers that should be given the best: those who answered with an older one, and the
/// nearest who had none (repair and caching on the path).
/// </summary>
/// <param name="key">The record key's bytes.</param>
/// <param name="lookup">A lookup for its place.</param>
/// <param name="judge">Judges what peers answer: what it refuses is as if the peer had none.</param>
/// <param name="quorum">Peers that must have answered with a valid record before it may end early; 1 or more.</param>
public sealed class GetValueQuery(Payload key, Lookup lookup, RecordJudge judge, int quorum) : IKademliaQuery
{
    private readonly KademliaRequest _request = new KademliaRequest.GetValue(key);
    private readonly Dictionary<PeerId, DhtRecord?> _answers = [];

    /// <summary>The best record seen, or null.</summary>
    public DhtRecord? Best { get; private set; }

    /// <summary>Peers that answered with a valid record.</summary>
    public int Holders { get; private set; }

    /// <summary>Peers that answered with a record which the judge refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Peers that answered, with a record or without.</summary>
    public int Answered => lookup.Answered;

    /// <inheritdoc/>
    public QueryProgress Progress => new(lookup.Asked, lookup.Answered, lookup.Failed, lookup.Hops, Found: Holders);

    /// <summary>Whether enough peers had a record.</summary>
    public bool HasQuorum => Holders >= quorum;

    /// <inheritdoc/>
    public QueryStep Next(long now) => HasQuorum ? new QueryStep.Done() : lookup.Next(now).Asking(_request);

    /// <inheritdoc/>
    public void OnAnswer(PeerId from, KademliaAnswer answer, long now)
    {
        lookup.OnAnswer(from, answer.Closer);
        var record = Judged(answer.Record, now);
        if (!_answers.TryAdd(from, record) || record is null)
        {
            return;
        }

        Holders++;
        if (Best is null || judge.IsBetter(record, Best))
        {
            Best = record;
        }
    }

    /// <inheritdoc/>
    public void OnFailure(PeerId from, long now) => lookup.OnFailure(from);

    /// <summary>Who should be given the best record: every holder of an older one, and the nearest <paramref name="caches"/> without one.</summary>
    public ImmutableArray<KademliaPeer> Stale(int caches)
    {
        if (Best is not { } best)
        {
            return [];
        }

        var stale = ImmutableArray.CreateBuilder<KademliaPeer>();
        foreach (var peer in lookup.Closest(int.MaxValue))
        {
            var isOlder = _answers.GetValueOrDefault(peer.Id) is { } held && judge.IsBetter(best, held);
            var isWithout = _answers.TryGetValue(peer.Id, out var none) && none is null;
            if (isOlder || (isWithout && caches-- > 0))
            {
                stale.Add(peer);
            }
        }

        return stale.ToImmutable();
    }

    private DhtRecord? Judged(CarriedRecord? carried, long now)
    {
        if (carried is null || carried.Key != key)
        {
            return null;
        }

        // Replicas are alike: bytes that were judged once are not judged again.
        if (Best is not null && Best.Envelope == carried.Value)
        {
            return Best;
        }

        if (judge.Judge(key, carried.Value, now) is RecordJudgement.Accepted accepted)
        {
            return accepted.Record;
        }

        Refused++;
        return null;
    }
}
