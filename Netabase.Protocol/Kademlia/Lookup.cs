using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Kademlia;

/// <summary>Bounds of a lookup.</summary>
/// <param name="Parallelism">Requests under way at once: Kademlia's alpha, 3 in the paper, 10 in libp2p's specification.</param>
/// <param name="Results">It ends when so many of the nearest peers it heard of have answered: k for a put, beta (3) to find a value.</param>
/// <param name="CandidatesMax">Peers remembered; the farthest not yet asked are forgotten first.</param>
/// <param name="CloserMax">Peers taken from one answer: k, and not one more.</param>
/// <param name="PeerTimeout">Milliseconds after which a request no longer holds a place among the parallel ones; a late answer still counts.</param>
public sealed record LookupBounds(int Parallelism, int Results, int CandidatesMax, int CloserMax, long PeerTimeout);

/// <summary>What a lookup wants next.</summary>
public abstract record LookupStep
{
    private LookupStep()
    {
    }

    /// <summary>Ask this peer.</summary>
    public sealed record Ask(KademliaPeer Peer) : LookupStep;

    /// <summary>Nothing to ask now; look again when an answer comes, or at that time.</summary>
    public sealed record Wait(long Until) : LookupStep;

    /// <summary>It is over: nobody nearer is left to ask.</summary>
    public sealed record Done : LookupStep;
}

/// <summary>
/// The iterative search for the peers nearest to a place (Kademlia, section 2.3), driven by somebody else: ask for
/// <see cref="Next"/> until it waits, report every answer and every failure. It knows no message, no clock and no socket.
/// </summary>
/// <remarks>
/// It asks the nearest candidates first, <see cref="LookupBounds.Parallelism"/> at once, and ends when the
/// <see cref="LookupBounds.Results"/> nearest of those it heard of, failures left out, have answered. That peers lie is expected:
/// who names peers that cannot be reached is believed less and less, and candidates that only such a source has named are
/// asked only when the others are used up.
/// </remarks>
public sealed class Lookup
{
    private readonly KademliaKey _target;
    private readonly PeerId _self;
    private readonly LookupBounds _bounds;
    private readonly List<LookupCandidate> _candidates = [];
    private readonly Dictionary<PeerId, LookupCandidate> _byId = [];
    private int _underWay;

    /// <summary>A lookup that begins with the nearest peers known.</summary>
    /// <param name="target">The place searched.</param>
    /// <param name="self">We: never a candidate.</param>
    /// <param name="seeds">The nearest peers of the routing table.</param>
    /// <param name="bounds">Bounds.</param>
    public Lookup(KademliaKey target, PeerId self, IEnumerable<KademliaPeer> seeds, LookupBounds bounds)
    {
        _target = target;
        _self = self;
        _bounds = bounds;
        foreach (var seed in seeds)
        {
            Add(seed, source: null, hops: 1);
        }
    }

    /// <summary>Peers asked so far.</summary>
    public int Asked { get; private set; }

    /// <summary>Peers that answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Peers that failed, or are silent over their time.</summary>
    public int Failed => _candidates.Count(candidate => candidate.State is CandidateState.Failed or CandidateState.Silent);

    /// <summary>The longest chain of introductions that led to a peer that answered: 1 for a peer of our own table.</summary>
    public int Hops { get; private set; }

    /// <summary>What to do next, at this time.</summary>
    public LookupStep Next(long now)
    {
        var deadline = GiveUpOnTheSilent(now);
        if (IsSettled())
        {
            return new LookupStep.Done();
        }

        if (_underWay < _bounds.Parallelism && NextCandidate() is { } candidate)
        {
            candidate.State = CandidateState.Asked;
            candidate.AskedUntil = now + _bounds.PeerTimeout;
            _underWay++;
            Asked++;
            return new LookupStep.Ask(candidate.Peer);
        }

        return deadline == long.MaxValue ? new LookupStep.Done() : new LookupStep.Wait(deadline);
    }

    /// <summary>A peer answered, naming peers it holds nearer.</summary>
    public void OnAnswer(PeerId from, IReadOnlyList<KademliaPeer> closer)
    {
        if (!_byId.TryGetValue(from, out var source) || source.State is CandidateState.New or CandidateState.Answered)
        {
            return;
        }

        if (source.State == CandidateState.Asked)
        {
            _underWay--;
        }

        source.State = CandidateState.Answered;
        source.Vindicate();
        Answered++;
        Hops = Math.Max(Hops, source.Hops);
        for (var i = 0; i < Math.Min(closer.Count, _bounds.CloserMax); i++)
        {
            Add(closer[i], source, source.Hops + 1);
        }
    }

    /// <summary>A peer could not be reached, answered with an error, or broke the protocol.</summary>
    public void OnFailure(PeerId from)
    {
        if (!_byId.TryGetValue(from, out var candidate) || candidate.State is CandidateState.Answered or CandidateState.Failed)
        {
            return;
        }

        if (candidate.State == CandidateState.Asked)
        {
            _underWay--;
        }

        candidate.State = CandidateState.Failed;
        candidate.Blame();
    }

    /// <summary>The nearest peers that answered, nearest first.</summary>
    public ImmutableArray<KademliaPeer> Closest(int count) =>
        [.. _candidates.Where(candidate => candidate.State == CandidateState.Answered).Take(count).Select(candidate => candidate.Peer)];

    private void Add(KademliaPeer peer, LookupCandidate? source, int hops)
    {
        if (peer.Id == _self || peer.Id == source?.Peer.Id)
        {
            return;
        }

        if (_byId.TryGetValue(peer.Id, out var known))
        {
            known.NamedBy(source, peer.Addresses, hops);
            return;
        }

        var candidate = new LookupCandidate(peer, peer.Key.DistanceTo(_target), source, hops);
        var at = _candidates.BinarySearch(candidate, LookupCandidate.Nearest);
        _candidates.Insert(at < 0 ? ~at : at, candidate);
        _byId.Add(peer.Id, candidate);
        if (_candidates.Count > _bounds.CandidatesMax)
        {
            ForgetFarthest();
        }
    }

    private void ForgetFarthest()
    {
        for (var i = _candidates.Count - 1; i >= 0; i--)
        {
            if (_candidates[i].State is CandidateState.New or CandidateState.Failed)
            {
                _byId.Remove(_candidates[i].Peer.Id);
                _candidates.RemoveAt(i);
                return;
            }
        }
    }

    private long GiveUpOnTheSilent(long now)
    {
        var next = long.MaxValue;
        if (_underWay == 0)
        {
            return next;
        }

        foreach (var candidate in _candidates)
        {
            if (candidate.State != CandidateState.Asked)
            {
                continue;
            }

            if (candidate.AskedUntil <= now)
            {
                candidate.State = CandidateState.Silent;
                candidate.Blame();
                _underWay--;
            }
            else
            {
                next = Math.Min(next, candidate.AskedUntil);
            }
        }

        return next;
    }

    private bool IsSettled()
    {
        var answered = 0;
        var isDoubtLeft = false;
        foreach (var candidate in _candidates)
        {
            switch (candidate.State)
            {
                case CandidateState.Failed or CandidateState.Silent:
                    break;
                case CandidateState.New when !candidate.IsBelieved:
                    isDoubtLeft = true;
                    break;
                case CandidateState.Answered:
                    if (++answered == _bounds.Results)
                    {
                        return true;
                    }

                    break;
                default:
                    return false;
            }
        }

        return _underWay == 0 && !isDoubtLeft;
    }

    // The doubtful are asked when nobody else is left and too few have answered: they may be all there is.
    private LookupCandidate? NextCandidate()
    {
        LookupCandidate? doubtful = null;
        var ahead = 0;
        foreach (var candidate in _candidates)
        {
            if (candidate.State == CandidateState.Answered && ++ahead == _bounds.Results)
            {
                return null;
            }

            if (candidate.State != CandidateState.New)
            {
                continue;
            }

            if (candidate.IsBelieved)
            {
                return candidate;
            }

            doubtful ??= candidate;
        }

        return _underWay == 0 ? doubtful : null;
    }
}
