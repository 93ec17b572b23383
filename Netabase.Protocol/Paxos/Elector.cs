using Netabase.Protocol.Kademlia.Scheduling;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// Says who should lead, by who is connected to whom and never by whose log is longer: phase 1 brings the log (Ng, Haridi,
/// Carbone: Omni-Paxos, 2023, ballot leader election). A node is happy when it leads with a majority behind it, or hears a leader
/// that does. It stands only when it is not happy, hears a majority, and nobody it hears is happy: so a node that merely lost
/// sight of a leader disturbs nobody, and one that all others can still reach takes over from one that lost its majority.
/// </summary>
/// <remarks>
/// Two that stand at once do not duel: ballots are ordered, whoever hears of the higher one follows it for an election time-out, and
/// a waiting time drawn by chance comes before every candidacy, longer after one that was lost.
/// </remarks>
public sealed class Elector : IPaxosCore
{
    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly SeededChance _chance;
    private readonly Work _work = new();
    private readonly Dictionary<NodeId, Neighbour> _neighbours = [];
    private readonly AppliedPrefixes _prefixes = new();
    private Membership? _membership;
    private Slot _chosen;
    private Ballot _own;
    private Ballot _leader;
    private Ballot _highest;
    private Ballot _told;
    private long _followedAt;
    private bool _isFloorKnown;
    private bool _lost;
    private int _losses;
    private long? _standAt;
    private long _beatAt = long.MinValue;
    private ulong _round;

    /// <summary>A new life.</summary>
    /// <param name="self">This node.</param>
    /// <param name="settings">Times.</param>
    /// <param name="seed">Chance: another for every node and life.</param>
    public Elector(NodeId self, PaxosSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _self = self;
        _settings = settings;
        _chance = new SeededChance(seed);
    }

    private bool IsLeading => !_own.IsNone && _leader == _own;

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Received { Message: PaxosMessage.Heartbeat beat } received:
                _work.Send(received.From, new PaxosMessage.HeartbeatAnswer(
                    beat.Round, beat.SentAt, _own, _leader, IsHappy(now), _prefixes.Newest));
                break;
            case PaxosInput.Received { Message: PaxosMessage.HeartbeatAnswer answer } received:
                OnAnswer(received.From, answer, now);
                break;
            case PaxosInput.Received { Message: PaxosMessage.TimeoutNow timeout } received:
                OnTimeoutNow(received.From, timeout.Ballot, now);
                break;
            case PaxosInput.Promised promised:
                _isFloorKnown = true;
                Follow(promised.Ballot, now);
                break;
            case PaxosInput.Superseded superseded:
                Follow(superseded.Seen, now);
                break;
            case PaxosInput.Lost lost when lost.Ballot == _own && IsLeading:
                _lost = true;
                _losses++;
                break;
            case PaxosInput.Advanced advanced:
                _membership = advanced.Membership;
                _chosen = Slot.Max(_chosen, advanced.ChosenThrough);
                break;
            case PaxosInput.AppliedPrefix applied:
                foreach (var (node, slot) in _prefixes.Ours(applied.Checkpoint))
                {
                    Differ(node, slot);
                }

                break;
            case PaxosInput.PartStarted { Part: var part }:
                OnPartStarted(part, now);
                break;
            case PaxosInput.Started:
                foreach (var other in (Part[])[Part.Acceptor, Part.Learner, Part.Proposer])
                {
                    _work.Tell(other, new PaxosInput.PartStarted(Part.Elector, Slot.None));
                }

                break;
        }

        Judge(now);
        return _work.Take(WakeAt());
    }

    private void OnAnswer(NodeId from, PaxosMessage.HeartbeatAnswer answer, long now)
    {
        if (answer.SentAt > now || answer.SentAt < 0 || from == _self)
        {
            _work.Say(new PaxosEvent.Dropped(from, "it answers what was not asked"));
            return;
        }

        if (!answer.Leader.IsCredible(_highest, now) || !answer.Own.IsCredible(_highest, now))
        {
            _work.Say(new PaxosEvent.Dropped(from, "no group comes to such a ballot"));
            return;
        }

        if (_prefixes.Theirs(from, answer.Applied))
        {
            Differ(from, answer.Applied.Slot);
        }

        if (_neighbours.TryGetValue(from, out var before) && before.AskedAt > answer.SentAt)
        {
            return;
        }

        _neighbours[from] = new Neighbour(answer.SentAt, answer.Own, answer.Leader, answer.Happy);
        if (IsVoter(from))
        {
            Follow(answer.Leader, now);
            Return(from, answer, now);
        }
    }

    /// <summary>
    /// Back to a lower ballot: its owner leads with a majority that follows nothing higher, and whoever owns the one followed here has shown no
    /// majority for a time-out. It may have been removed, and a learner or a node that hears somebody happy never stands itself.
    /// </summary>
    private void Return(NodeId from, PaxosMessage.HeartbeatAnswer answer, long now)
    {
        if (answer.Happy && answer.Leader.Owner == from && answer.Leader == answer.Own && answer.Leader < _leader
            && !IsLeading && !IsHappy(now) && now - _followedAt > _settings.ElectionTimeout)
        {
            Take(answer.Leader, now);
        }
    }

    private void OnTimeoutNow(NodeId from, Ballot ballot, long now)
    {
        if (ballot.Owner == from && ballot >= _leader && IsVoter(_self))
        {
            Stand(ballot, now);
        }
    }

    private void OnPartStarted(Part part, long now)
    {
        if (part == Part.Proposer && IsLeading)
        {
            // What it proposed in its earlier life is not known to it: it never speaks in that ballot again.
            Stand(Ballot.None, now);
        }
        else if (part is Part.Proposer or Part.Learner or Part.Gateway && !_told.IsNone)
        {
            _work.Tell(part, new PaxosInput.Following(_told));
        }
    }

    private void Follow(Ballot ballot, long now)
    {
        if (ballot > _leader)
        {
            Take(ballot, now);
        }
    }

    private void Take(Ballot ballot, long now)
    {
        _leader = ballot;
        _highest = Ballot.Max(_highest, ballot);
        _followedAt = now;
        _standAt = null;
        _lost = false;
        Announce(ballot);
    }

    private void Stand(Ballot handover, long now)
    {
        _standAt = null;
        if (_highest.Number >= Ballot.HighestNumber)
        {
            // A number that an earlier version promised, and above which nobody can stand.
            return;
        }

        _own = new Ballot(_highest.Number + 1, _self);
        Follow(_own, now);
        _work.Tell(Part.Proposer, new PaxosInput.Stand(_own, handover));
    }

    private void Announce(Ballot ballot)
    {
        if (ballot == _told)
        {
            return;
        }

        _told = ballot;
        _work.Tell(Part.Proposer, new PaxosInput.Following(ballot));
        _work.Tell(Part.Learner, new PaxosInput.Following(ballot));
        _work.Tell(Part.Gateway, new PaxosInput.Following(ballot));
        _work.Say(new PaxosEvent.LeaderChanged(ballot));
    }

    private void Judge(long now)
    {
        if (_membership is not { } membership)
        {
            return;
        }

        if (now >= _beatAt)
        {
            _beatAt = now + _settings.HeartbeatInterval;
            _round++;
            foreach (var voter in Voters(membership))
            {
                if (voter != _self)
                {
                    _work.Send(voter, new PaxosMessage.Heartbeat(_round, now));
                }
            }
        }

        var happy = IsHappy(now);
        if (happy)
        {
            _standAt = null;
            Announce(_leader);
            if (!IsLeading || now - _followedAt > _settings.ElectionTimeout)
            {
                _losses = 0;
            }
        }
        else if (MayStand(now))
        {
            _standAt ??= now + Patience();
            if (now >= _standAt)
            {
                Stand(Ballot.None, now);
            }
        }
        else
        {
            _standAt = null;
            if (!IsLeading && !IsHeard(_leader.Owner, now))
            {
                Announce(Ballot.None);
            }
        }
    }

    /// <summary>Before the first candidacy a part of a heartbeat, after lost ones up to an election time-out; nothing when nobody else votes.</summary>
    private long Patience()
    {
        if (_membership is { } membership && Voters(membership).Count == 1)
        {
            return 0;
        }

        var most = Math.Min(_settings.ElectionTimeout, _settings.HeartbeatInterval << Math.Min(_losses, 10));
        return _chance.Below(most);
    }

    private bool MayStand(long now) =>
        _isFloorKnown
        && IsVoter(_self)
        && HasMajority(node => node == _self || IsHeard(node, now))
        && !_neighbours.Any(pair => pair.Value.Happy && IsVoter(pair.Key) && IsHeard(pair.Key, now));

    private bool IsHappy(long now)
    {
        if (_leader.IsNone)
        {
            return false;
        }

        if (IsLeading)
        {
            return !_lost && HasMajority(node => node == _self || (IsHeard(node, now) && _neighbours[node].Leader <= _own));
        }

        if (_leader.Owner == _self)
        {
            return false;
        }

        // A leader just heard of has a time-out to be heard from; its own word, asked for since, goes before that.
        return _neighbours.TryGetValue(_leader.Owner, out var leader) && leader.AskedAt >= _followedAt
            ? leader.Own == _leader && leader.Happy && IsHeard(_leader.Owner, now)
            : now - _followedAt <= _settings.ElectionTimeout;
    }

    private bool IsHeard(NodeId node, long now) =>
        _neighbours.TryGetValue(node, out var neighbour) && now - neighbour.AskedAt <= _settings.ElectionTimeout;

    private bool IsVoter(NodeId node) => _membership is { } membership && membership.IsVoterFrom(_chosen.Next, node);

    private bool HasMajority(Func<NodeId, bool> has) =>
        _membership is { } membership && Quorum.HasInEach(membership.GoverningFrom(_chosen.Next), has);

    private List<NodeId> Voters(Membership membership)
    {
        var voters = new List<NodeId>();
        foreach (var configuration in membership.GoverningFrom(_chosen.Next))
        {
            foreach (var voter in configuration.Voters)
            {
                if (!voters.Contains(voter.Node))
                {
                    voters.Add(voter.Node);
                }
            }
        }

        return voters;
    }

    /// <summary>A state that differs from so many others that it can no longer be the one of a majority stops; two that differ both do.</summary>
    private void Differ(NodeId node, Slot slot)
    {
        _work.Say(new PaxosEvent.Diverged(node, slot));
        var voters = _membership?.At(_chosen.Next);
        if (voters is not null && _prefixes.Different(voters) is var different && different > voters.Voters.Length - voters.Majority)
        {
            _work.Halt = $"the applied state differs from {different} voters, at slot {slot} from {node}";
        }
    }

    private long? WakeAt() => _membership is null ? null : Math.Min(_beatAt, _standAt ?? long.MaxValue);

    /// <summary>What another said last, and when it was asked.</summary>
    private readonly record struct Neighbour(long AskedAt, Ballot Own, Ballot Leader, bool Happy);
}
