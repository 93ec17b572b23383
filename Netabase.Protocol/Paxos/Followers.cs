using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>All members in one leader's eyes: who is to hear, and the proposals each has not been sent or not acknowledged.</summary>
internal sealed class Followers
{
    private readonly Dictionary<NodeId, Follower> _all = [];
    private readonly NodeId _self;
    private readonly Ballot _ballot;
    private readonly Candidacy _candidacy;
    private readonly Window _window;
    private readonly PaxosSettings _settings;
    private readonly Jitter _jitter;
    private readonly Work _work;
    private (Membership? Membership, int Governing, ConfigId Settled) _foundIn;

    public Followers(
        NodeId self, Ballot ballot, Candidacy candidacy, Window window, PaxosSettings settings, Jitter jitter, Work work)
    {
        _self = self;
        _ballot = ballot;
        _candidacy = candidacy;
        _window = window;
        _settings = settings;
        _jitter = jitter;
        _work = work;
        Acknowledged = node => _all.TryGetValue(node, out var follower) ? follower.Acknowledged : Slot.None;
        Answered = node => _all.TryGetValue(node, out var follower) ? follower.Round : 0;
    }

    /// <summary>How far the votes of a node reach unbroken.</summary>
    public Func<NodeId, Slot> Acknowledged { get; }

    /// <summary>The latest pulse a node has answered.</summary>
    public Func<NodeId, ulong> Answered { get; }

    /// <summary>Who is to hear, this node among them.</summary>
    public ImmutableArray<Follower> Recipients { get; private set; } = [];

    /// <summary>When a patience ends.</summary>
    public long WakeAt
    {
        get
        {
            var at = long.MaxValue;
            foreach (var follower in Recipients)
            {
                at = Math.Min(at, follower.ResendAt);
            }

            return at;
        }
    }

    /// <summary>A member, or null.</summary>
    public Follower? this[NodeId node] => _all.GetValueOrDefault(node);

    /// <summary>Whether a node has answered a pulse within an election time-out.</summary>
    public bool IsThere(NodeId node, long now) => this[node] is { } follower && follower.AnsweredAt > now - _settings.ElectionTimeout;

    /// <summary>Whether everybody was told how far the log is chosen.</summary>
    public bool AreTold()
    {
        foreach (var follower in Recipients)
        {
            if (follower.Told < _window.ChosenThrough)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Everybody in a configuration that governs still, and until a change has settled also who was in the one before it.</summary>
    public void Find(ConfigId settled)
    {
        var membership = _window.Membership;
        var findsIn = (membership, _window.Governing.Length, settled);
        if (findsIn == _foundIn)
        {
            return;
        }

        _foundIn = findsIn;
        var from = _window.ChosenThrough.Next;
        var newest = membership.Newest;
        var recipients = ImmutableArray.CreateBuilder<Follower>();
        foreach (var member in membership.MembersFrom(newest.Id == settled ? from : Slot.Min(from, newest.ActiveFrom.Previous)))
        {
            if (!_all.TryGetValue(member.Node, out var follower))
            {
                follower = new Follower(member.Node, _settings, _jitter);
                _all.Add(member.Node, follower);
                if (_candidacy.ChosenBy(member.Node) is { } chosen && chosen < _window.Base.Previous && member.Node != _self)
                {
                    _work.Tell(Part.CatchUp, new PaxosInput.Behind(member.Node, chosen));
                }
            }

            recipients.Add(follower);
        }

        Recipients = recipients.ToImmutable();
    }

    /// <summary>Sends what is new to who answers, and again what is overdue.</summary>
    public void Flush(long now)
    {
        foreach (var follower in Recipients)
        {
            var isProbe = follower.IsOverdue(now);
            if (isProbe && follower.Acknowledged < _window.ChosenThrough && follower.Node != _self)
            {
                _work.Tell(Part.CatchUp, new PaxosInput.Behind(follower.Node, follower.ChosenThrough));
            }

            Send(follower, isProbe, now);
            if (follower.Acknowledged >= _window.Next.Previous)
            {
                follower.Rest();
            }
        }
    }

    private void Send(Follower follower, bool isProbe, long now)
    {
        while (isProbe || follower.MaySend)
        {
            var first = Slot.Max(follower.Sent, _window.ChosenThrough).Next;
            var proposals = ImmutableArray.CreateBuilder<Proposal>();
            var bytes = 0L;
            for (var slot = first; slot < _window.Next && (bytes == 0 || bytes < _settings.ChunkBytes); slot = slot.Next)
            {
                var batch = _window[slot]!;
                bytes += batch.Bytes.Length;
                proposals.Add(new Proposal(batch.Digest, _candidacy.Holds(follower.Node, slot, batch.Digest) ? null : batch));
            }

            if (proposals.Count == 0)
            {
                return;
            }

            _work.Send(follower.Node, new PaxosMessage.Accept(
                _ballot, _window.Base, first, proposals.ToImmutable(), _window.ChosenThrough, now));
            follower.OnSent(first.Plus(proposals.Count - 1), bytes, now);
            follower.OnTold(_window.ChosenThrough);
            isProbe = false;
        }
    }
}
