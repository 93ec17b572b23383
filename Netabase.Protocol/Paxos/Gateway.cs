using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>
/// Holds the calls of clients until their answer or their deadline, whoever leads meanwhile; and, when this node leads, the questions of
/// other gateways. Volatile: with a life of it end the calls it held, and their callers know nothing but that.
/// </summary>
public sealed class Gateway : IPaxosCore
{
    private readonly NodeId _self;
    private readonly PaxosSettings _settings;
    private readonly Work _work = new();
    private readonly GatewayCalls _calls;
    private readonly GatewayReads _reads;
    private readonly Handover _handover;
    private readonly Dictionary<CommandId, (NodeId From, long Until)> _forwarded = [];
    private readonly Dictionary<ulong, (NodeId From, ulong Request, long Until)> _questions = [];
    private Ballot _leader;
    private ulong _question;
    private long _sweepAt = long.MaxValue;

    /// <summary>A new life.</summary>
    /// <param name="self">This node.</param>
    /// <param name="settings">Times and bounds.</param>
    /// <param name="seed">Chance: another for every node and life.</param>
    public Gateway(NodeId self, PaxosSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _self = self;
        _settings = settings;
        var jitter = new Jitter(seed);
        _question = jitter.FirstNumber() | OthersQuestions;
        _calls = new GatewayCalls(self, settings, jitter, _work);
        _reads = new GatewayReads(self, settings, jitter, _work);
        _handover = new Handover(self, settings, jitter, _work);
    }

    /// <summary>Set in the number of a question that came from another node, so that the proposer's answers are told apart.</summary>
    private static ulong OthersQuestions => 1UL << 63;

    private bool IsFull => _calls.Count + _reads.Count >= _settings.GatewayCallsMax;

    private bool Leads => !_leader.IsNone && _leader.Owner == _self;

    /// <inheritdoc/>
    public Ready Step(PaxosInput input, long now)
    {
        switch (input)
        {
            case PaxosInput.Started:
                _work.Tell(Part.Elector, new PaxosInput.PartStarted(Part.Gateway, Slot.None));
                _work.Tell(Part.Learner, new PaxosInput.PartStarted(Part.Gateway, Slot.None));
                break;
            case PaxosInput.PartStarted { Part: Part.Proposer }:
                _calls.ProposerBegan(now);
                _reads.ProposerBegan(now);
                break;
            case PaxosInput.Submit submit:
                _calls.Submit(submit, IsFull, now);
                break;
            case PaxosInput.Read read:
                _reads.Read(read, IsFull, now);
                break;
            case PaxosInput.MakeWay wish:
                _handover.Begin(wish, now);
                break;
            case PaxosInput.Following following:
                _leader = following.Leader;
                _calls.Follow(_leader, now);
                _reads.Follow(_leader, now);
                _handover.Follow(_leader, now);
                break;
            case PaxosInput.Refused refused:
                foreach (var answer in refused.Answers)
                {
                    _calls.Refused(answer, now);
                }

                break;
            case PaxosInput.AppliedHere applied:
                OnApplied(applied, now);
                break;
            case PaxosInput.ReadIndexed indexed:
                OnIndexed(indexed, now);
                break;
            case PaxosInput.Received received:
                OnMessage(received.From, received.Message, now);
                break;
        }

        _calls.Tick(now);
        _reads.Tick(now);
        _handover.Tick(now);
        Sweep(now);
        var at = Math.Min(Math.Min(_calls.WakeAt, _reads.WakeAt), Math.Min(_handover.WakeAt, _sweepAt));
        return _work.Take(at == long.MaxValue ? null : at);
    }

    private void OnMessage(NodeId from, PaxosMessage message, long now)
    {
        switch (message)
        {
            case PaxosMessage.Forward forward:
                OnForward(from, forward, now);
                break;
            case PaxosMessage.ForwardAnswer answered:
                foreach (var answer in answered.Answers)
                {
                    _calls.Answered(from, answer, now);
                }

                break;
            case PaxosMessage.ReadIndex read when Leads && _questions.Count < _settings.QueuedCommandsMax:
                _question = (_question + 1) | OthersQuestions;
                _questions[_question] = (from, read.Request, Patience(now));
                _work.Tell(Part.Proposer, new PaxosInput.WantReadIndex(_question));
                break;
            case PaxosMessage.ReadIndex read:
                _work.Send(from, new PaxosMessage.ReadIndexAnswer(read.Request, Slot.Last));
                break;
            case PaxosMessage.MakeWay wish when Leads:
                _work.Tell(Part.Proposer, new PaxosInput.Transfer(wish.Target));
                break;
            case PaxosMessage.ReadIndexAnswer answer when !_leader.IsNone && from == _leader.Owner:
                _reads.Indexed(answer.Request, answer.Slot, long.MaxValue, now);
                break;
        }
    }

    /// <summary>Commands of another node's clients: remembered, so that it can be told when they are applied here.</summary>
    private void OnForward(NodeId from, PaxosMessage.Forward forward, long now)
    {
        var taken = ImmutableArray.CreateBuilder<Command>(forward.Commands.Length);
        var refused = ImmutableArray.CreateBuilder<CommandAnswer>();
        foreach (var command in forward.Commands)
        {
            if (!Leads)
            {
                refused.Add(new CommandAnswer.NotCommitted(command.Id, NotCommittedReason.NoLeader));
            }
            else if (_forwarded.Count >= 2 * _settings.QueuedCommandsMax && !_forwarded.ContainsKey(command.Id))
            {
                refused.Add(new CommandAnswer.NotCommitted(command.Id, NotCommittedReason.Busy));
            }
            else
            {
                _forwarded[command.Id] = (from, Patience(now));
                taken.Add(command);
            }
        }

        if (refused.Count > 0)
        {
            _work.Send(from, new PaxosMessage.ForwardAnswer(refused.ToImmutable()));
        }

        if (taken.Count > 0)
        {
            _work.Tell(Part.Proposer, new PaxosInput.Propose(from, taken.ToImmutable(), forward.IsChange));
        }
    }

    private void OnApplied(PaxosInput.AppliedHere applied, long now)
    {
        Dictionary<NodeId, ImmutableArray<CommandAnswer>.Builder>? answers = null;
        foreach (var command in applied.Commands)
        {
            _calls.Applied(command.Answer);
            if (_forwarded.Remove(command.Answer.Id, out var asker))
            {
                answers ??= [];
                if (!answers.TryGetValue(asker.From, out var group))
                {
                    answers.Add(asker.From, group = ImmutableArray.CreateBuilder<CommandAnswer>());
                }

                group.Add(command.Answer);
            }
        }

        foreach (var (to, group) in answers ?? [])
        {
            _work.Send(to, new PaxosMessage.ForwardAnswer(group.ToImmutable()));
        }

        _reads.Applied(applied.Through, now);
    }

    private void OnIndexed(PaxosInput.ReadIndexed indexed, long now)
    {
        if (_questions.Remove(indexed.Request, out var question))
        {
            _work.Send(question.From, new PaxosMessage.ReadIndexAnswer(question.Request, indexed.Slot));
        }
        else if (Leads)
        {
            _reads.Indexed(indexed.Request, indexed.Slot, indexed.LeaseUntil, now);
        }
    }

    /// <summary>Who asked has asked again by then, or given up.</summary>
    private long Patience(long now)
    {
        var until = now + (4 * _settings.ElectionTimeout);
        _sweepAt = Math.Min(_sweepAt, until);
        return until;
    }

    private void Sweep(long now)
    {
        if (now < _sweepAt)
        {
            return;
        }

        foreach (var (id, asker) in _forwarded)
        {
            if (asker.Until <= now)
            {
                _forwarded.Remove(id);
            }
        }

        foreach (var (number, question) in _questions)
        {
            if (question.Until <= now)
            {
                _questions.Remove(number);
            }
        }

        _sweepAt = _forwarded.Count + _questions.Count > 0 ? now + _settings.ElectionTimeout : long.MaxValue;
    }
}
