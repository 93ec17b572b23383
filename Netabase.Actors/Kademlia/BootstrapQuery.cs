using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Scheduling;

namespace Netabase.Actors.Kademlia;

/// <summary>Several lookups, one after the other: a bootstrap that somebody waits for.</summary>
/// <param name="lookups">Each is made when its turn comes, so that it begins with what those before it found.</param>
internal sealed class BootstrapQuery(IEnumerable<FindNodeQuery> lookups) : IKademliaQuery
{
    private readonly IEnumerator<FindNodeQuery> _lookups = lookups.GetEnumerator();
    private FindNodeQuery? _current;

    public QueryProgress Progress => _current?.Progress ?? new QueryProgress(0, 0, 0, 0, 0);

    public QueryStep Next(long now)
    {
        while (true)
        {
            if (_current?.Next(now) is { } step and not QueryStep.Done)
            {
                return step;
            }

            if (!_lookups.MoveNext())
            {
                return new QueryStep.Done();
            }

            _current = _lookups.Current;
        }
    }

    public void OnAnswer(PeerId from, KademliaAnswer answer, long now) => _current?.OnAnswer(from, answer, now);

    public void OnFailure(PeerId from, long now) => _current?.OnFailure(from, now);

    /// <summary>What is looked up: ourselves, then something in each of the buckets far from us.</summary>
    public static IEnumerable<Payload> Targets(RoutingBook routes)
    {
        yield return routes.Self.Multihash;
        var last = Math.Min(routes.OccupiedBuckets().DefaultIfEmpty(-1).Max(), RefreshTarget.BucketMax);
        for (var bucket = 0; bucket <= last; bucket++)
        {
            if (RefreshTarget.Find(routes.SelfKey, bucket, (ulong)Random.Shared.NextInt64()) is { } key)
            {
                yield return key;
            }
        }
    }
}
