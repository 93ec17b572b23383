using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>Bounds of the second half of a put or an announcement.</summary>
/// <param name="Replicas">How many peers are to hold it: k.</param>
/// <param name="Quorum">How many must have confirmed it for success, 1 to <paramref name="Replicas"/>.</param>
/// <param name="Parallelism">Requests under way at once.</param>
/// <param name="PeerTimeout">Milliseconds after which a silent peer counts as failed.</param>
public sealed record ReplicateBounds(int Replicas, int Quorum, int Parallelism, long PeerTimeout);

/// <summary>
/// Puts something at the peers nearest to its key: first the lookup, then the request to each of the nearest that answered, and to
/// the next nearest in place of one that fails, until the replicas are there or nobody is left.
/// </summary>
public sealed class ReplicateQuery : IKademliaQuery
{
    private readonly FindNodeQuery? _search;
    private readonly KademliaRequest _request;
    private readonly ReplicateBounds _bounds;
    private readonly Dictionary<PeerId, long> _waiting = [];
    private Queue<KademliaPeer>? _targets;

    /// <summary>A query that searches first.</summary>
    /// <param name="search">The lookup for the key's place.</param>
    /// <param name="request">What each of the nearest is told.</param>
    /// <param name="bounds">Bounds.</param>
    public ReplicateQuery(FindNodeQuery search, KademliaRequest request, ReplicateBounds bounds)
    {
        _search = search;
        _request = request;
        _bounds = bounds;
    }

    /// <summary>A query for peers the caller names.</summary>
    public ReplicateQuery(ImmutableArray<KademliaPeer> targets, KademliaRequest request, ReplicateBounds bounds)
    {
        _targets = new Queue<KademliaPeer>(targets);
        _request = request;
        _bounds = bounds;
    }

    /// <summary>Peers that confirmed it.</summary>
    public int Stored { get; private set; }

    /// <summary>Peers that refused or failed.</summary>
    public int Failed { get; private set; }

    /// <inheritdoc/>
    public QueryProgress Progress
    {
        get
        {
            var search = _search?.Progress ?? new QueryProgress(0, 0, 0, 0, 0);
            return search with { Asked = search.Asked + Stored + Failed + _waiting.Count, Answered = search.Answered + Stored, Failed = search.Failed + Failed, Found = Stored };
        }
    }

    /// <summary>Whether enough peers confirmed it.</summary>
    public bool HasQuorum => Stored >= _bounds.Quorum;

    /// <inheritdoc/>
    public QueryStep Next(long now)
    {
        if (_targets is null)
        {
            var step = _search!.Next(now);
            if (step is not QueryStep.Done)
            {
                return step;
            }

            // Twice the replicas: the second half stands in for those of the first that fail.
            _targets = new Queue<KademliaPeer>(_search.Closest(_bounds.Replicas * 2));
        }

        var deadline = GiveUpOnTheSilent(now);
        if (_waiting.Count < _bounds.Parallelism && Stored + _waiting.Count < _bounds.Replicas && _targets.TryDequeue(out var target))
        {
            _waiting.Add(target.Id, now + _bounds.PeerTimeout);
            return new QueryStep.Send(target, _request);
        }

        return _waiting.Count == 0 ? new QueryStep.Done() : new QueryStep.Wait(deadline);
    }

    /// <inheritdoc/>
    public void OnAnswer(PeerId from, KademliaAnswer answer, long now)
    {
        if (_targets is null)
        {
            _search!.OnAnswer(from, answer, now);
        }
        else if (_waiting.Remove(from))
        {
            Stored++;
        }
    }

    /// <inheritdoc/>
    public void OnFailure(PeerId from, long now)
    {
        if (_targets is null)
        {
            _search!.OnFailure(from, now);
        }
        else if (_waiting.Remove(from))
        {
            Failed++;
        }
    }

    private long GiveUpOnTheSilent(long now)
    {
        var next = long.MaxValue;
        List<PeerId>? silent = null;
        foreach (var (peer, until) in _waiting)
        {
            if (until <= now)
            {
                (silent ??= []).Add(peer);
            }
            else
            {
                next = Math.Min(next, until);
            }
        }

        foreach (var peer in silent ?? [])
        {
            OnFailure(peer, now);
        }

        return next;
    }
}
