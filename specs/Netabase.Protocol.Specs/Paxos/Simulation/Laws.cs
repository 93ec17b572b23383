using System.Collections.Immutable;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>Something that must never happen has happened.</summary>
internal sealed class LawBrokenException(string message) : Exception(message);

/// <summary>What must hold after every step, seen by somebody who sees every node's disk at once.</summary>
internal sealed class Laws
{
    private readonly Dictionary<Slot, Digest> _chosen = [];
    private readonly Dictionary<Slot, Digest> _chains = [];
    private readonly Dictionary<(Slot, Ballot), (Digest Digest, HashSet<NodeId> Nodes)> _votes = [];
    private readonly Dictionary<Slot, List<Ballot>> _ballots = [];
    private readonly Dictionary<CommandId, Slot> _effects = [];
    private readonly HashSet<CommandId> _refused = [];
    private readonly Dictionary<Ballot, ImmutableHashSet<NodeId>> _promises = [];
    private readonly Dictionary<(Slot, Ballot), ImmutableHashSet<NodeId>> _asked = [];
    private readonly Dictionary<NodeId, Ballot> _led = [];

    /// <summary>Who governs after the chosen prefix.</summary>
    public Membership Membership { get; private set; } = null!;

    /// <summary>How far the log is chosen, as far as any learner knows.</summary>
    public Slot ChosenThrough { get; private set; }

    public static void Demand(bool holds, string law)
    {
        if (!holds)
        {
            throw new LawBrokenException(law);
        }
    }

    public void Founded(Membership membership) => Membership = membership;

    /// <summary>A write is on disk: a ballot has one value in a slot, on all disks together.</summary>
    public void OnDurable(SimulatedNode node, AcceptorWrite write)
    {
        foreach (var vote in write.Votes)
        {
            if (!_votes.TryGetValue((vote.Slot, vote.Ballot), out var votes))
            {
                _votes[(vote.Slot, vote.Ballot)] = votes = (vote.Batch.Digest, []);
                if (!_ballots.TryGetValue(vote.Slot, out var ballots))
                {
                    _ballots[vote.Slot] = ballots = [];
                }

                ballots.Add(vote.Ballot);
            }

            Demand(votes.Digest == vote.Batch.Digest, $"slot {vote.Slot} has two values in ballot {vote.Ballot}");
            votes.Nodes.Add(node.Id);
        }
    }

    /// <summary>What a node says about its promises and votes is on its disk.</summary>
    public void OnSent(SimulatedNode node, PaxosMessage message)
    {
        switch (message)
        {
            case PaxosMessage.Promise promise:
                Demand(node.Disk.Durable.Promised >= promise.Ballot, $"{World.Short(node.Id)} answers with a promise that is not on its disk");
                OnPromise(node, promise);
                break;
            case PaxosMessage.Accept accept:
                _led[node.Id] = accept.Ballot;
                for (var i = 0; i < accept.Proposals.Length; i++)
                {
                    _asked.TryAdd((accept.First.Plus(i), accept.Ballot), _promises.GetValueOrDefault(accept.Ballot, []));
                }

                break;
            case PaxosMessage.Pulse pulse:
                _led[node.Id] = pulse.Ballot;
                break;
            case PaxosMessage.Accepted accepted:
                OnAcknowledged(node, accepted.Ballot, accepted.Through);
                break;
            case PaxosMessage.Pulsed pulsed:
                OnAcknowledged(node, pulsed.Ballot, pulsed.Through);
                break;
        }
    }

    /// <summary>A learner hands a slot on: it has the one value, and a majority of those who govern it has that on disk.</summary>
    public void OnChosen(SimulatedNode node, in Delivery delivery)
    {
        var slot = delivery.Slot;
        var digest = delivery.Batch.Digest;
        if (_chosen.TryGetValue(slot, out var known))
        {
            Demand(known == digest, $"{World.Short(node.Id)} takes another value for slot {slot} to be chosen");
            return;
        }

        Demand(slot == ChosenThrough.Next, $"slot {slot} is handed on before {ChosenThrough.Next} was");
        var configuration = Membership.At(slot);
        Demand(
            _ballots.GetValueOrDefault(slot, []).Exists(ballot => _votes[(slot, ballot)] is var votes
                && votes.Digest == digest && Quorum.Has(configuration, votes.Nodes.Contains)),
            $"slot {slot} is handed on, and no majority of {configuration.Id} has it on disk");
        foreach (var ballot in _ballots[slot])
        {
            // D3: phase 1 is won in the configuration that governs the slot, and before the slot is proposed in.
            Demand(
                !Quorum.Has(configuration, _votes[(slot, ballot)].Nodes.Contains) || Quorum.Has(configuration, _asked[(slot, ballot)].Contains),
                $"slot {slot} was proposed in {ballot}, which {configuration.Id} had not promised");
        }

        _chosen[slot] = digest;
        ChosenThrough = slot;
        Membership = Membership.After(slot, delivery.Batch, out _);
        foreach (var command in delivery.Batch.Commands)
        {
            Demand(!_refused.Contains(command.Id), $"{command.Id} was said not to be committed, and is chosen");
        }
    }

    /// <summary>States are equal at every slot.</summary>
    public void OnApplied(SimulatedNode node, AppliedState state)
    {
        if (!_chains.TryAdd(state.Through, state.Chain))
        {
            Demand(_chains[state.Through] == state.Chain, $"the state of {World.Short(node.Id)} differs after slot {state.Through}");
        }
    }

    /// <summary>A command has had its effect, on one node or another: always in one slot.</summary>
    public void OnEffect(CommandId id, Slot slot) =>
        Demand(_effects.TryAdd(id, slot) || _effects[id] == slot, $"{id} had an effect twice");

    /// <summary>What is answered is true.</summary>
    public void OnAnswer(CommandAnswer answer) =>
        Demand(
            answer is not CommandAnswer.Applied applied || applied.Slot <= ChosenThrough,
            $"{answer.Id} is said to be applied in a slot that is not chosen");

    /// <summary>A client that asked one node once was told that its command is not in the log: that stays so.</summary>
    public void OnRefused(CommandId id)
    {
        Demand(!_effects.ContainsKey(id), $"{id} is said not to be committed, and had an effect");
        _refused.Add(id);
    }

    /// <summary>A lease vouches for a read: nobody else can have won an election by then.</summary>
    public void OnVouched(SimulatedNode node)
    {
        var ballot = _led.GetValueOrDefault(node.Id);
        foreach (var (other, promises) in _promises)
        {
            Demand(
                other <= ballot || !Quorum.HasInEach(Membership.GoverningFrom(ChosenThrough.Next), promises.Contains),
                $"{World.Short(node.Id)} vouches by its lease in {ballot}, and {other} is won");
        }
    }

    /// <summary>A promise tells every vote on disk after what is chosen (D1); whole, it counts for its ballot.</summary>
    private void OnPromise(SimulatedNode node, PaxosMessage.Promise promise)
    {
        var disk = node.Disk.Durable;
        var told = promise.Votes.ToDictionary(vote => vote.Slot);
        for (var slot = Slot.Max(promise.From, promise.ChosenThrough.Next); slot < disk.End && slot <= promise.Through; slot = slot.Next)
        {
            // A vote cast after the promise may have come to the disk with it.
            Demand(
                disk[slot] is not { } vote || vote.Ballot >= promise.Ballot || (told.TryGetValue(slot, out var said) && said == vote),
                $"{World.Short(node.Id)} promises and does not tell its vote in slot {slot}");
        }

        if (promise.Through == Slot.Last)
        {
            _promises[promise.Ballot] = _promises.GetValueOrDefault(promise.Ballot, []).Add(node.Id);
        }
    }

    private void OnAcknowledged(SimulatedNode node, Ballot ballot, Slot through)
    {
        for (var slot = ChosenThrough.Next; slot <= through; slot = slot.Next)
        {
            Demand(
                node.Disk.Durable[slot]?.Ballot >= ballot, $"{World.Short(node.Id)} acknowledges slot {slot} of {ballot}, which is not on its disk");
        }
    }
}
