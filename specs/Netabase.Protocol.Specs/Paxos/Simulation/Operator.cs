using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// Whoever runs the group: moves its leadership, adds and removes members one at a time, replaces a disk that was lost by a new one,
/// which is a learner first.
/// </summary>
internal sealed class Operator(World world)
{
    private readonly ClientId _session = ClientId.Create(World.Epoch + 200, UInt128.MaxValue);
    private ulong _sequence;
    private NodeId? _lost;
    private NodeId? _successor;

    /// <summary>Whether a disk was lost and is not replaced yet.</summary>
    public bool IsReplacing => _lost is not null;

    public void Begin() => world.After(50 + world.Chance.Below(200), Next);

    /// <summary>A disk is gone for ever, and its node comes back under another name.</summary>
    public void Replace(SimulatedNode node)
    {
        world.Say($"{World.Short(node.Id)} lost its disk");
        if (node.IsUp)
        {
            node.Crash();
        }

        _lost = node.Id;
        world.Nodes.Remove(node.Id);
        _successor = world.Name();
        Listen(world.Add(_successor.Value));
    }

    /// <summary>Told of every node that comes to be.</summary>
    public Action<SimulatedNode> Listen { get; init; } = static _ => { };

    private void Next()
    {
        var membership = world.Laws.Membership;
        if (membership.Newest.ActiveFrom <= world.Laws.ChosenThrough && Change(membership.Newest) is { } change)
        {
            Submit(change);
        }
        else if (!world.IsCalm && world.Chance.Chance(0.2))
        {
            Transfer(membership.Newest);
        }

        world.After(50 + world.Chance.Below(world.IsCalm ? 50 : 250), Next);
    }

    private MembershipChange? Change(Configuration newest)
    {
        if (_successor is { } successor)
        {
            // Where two vote, a majority without the lost one is none: its successor can only come in after it.
            if (!newest.IsMember(successor))
            {
                return new MembershipChange.AddLearner(newest.Id, PaxosSamples.MemberOf(successor));
            }

            if (!newest.IsVoter(successor))
            {
                return new MembershipChange.Promote(newest.Id, successor);
            }
        }

        if (_lost is { } lost && newest.IsMember(lost))
        {
            return new MembershipChange.Remove(newest.Id, lost);
        }

        _lost = null;
        _successor = null;
        return world.IsCalm || !world.Trouble.Changes ? null : AnyChange(newest);
    }

    private MembershipChange? AnyChange(Configuration newest)
    {
        switch (world.Chance.Below(6))
        {
            case 0 when newest.Learners.Length == 0 && newest.Voters.Length < 6:
                var name = world.Name();
                Listen(world.Add(name));
                return new MembershipChange.AddLearner(newest.Id, PaxosSamples.MemberOf(name));
            case 1 when newest.Learners.Length > 0:
                return new MembershipChange.Promote(newest.Id, newest.Learners[0].Node);
            case 2 when newest.Voters.Length > 3:
                return new MembershipChange.Remove(newest.Id, newest.Voters[world.Chance.Below(newest.Voters.Length)].Node);
            case 3:
                return new MembershipChange.SetWindow(newest.Id, 1 + world.Chance.Below(8));
            default:
                return null;
        }
    }

    private void Submit(MembershipChange change)
    {
        var up = world.Nodes.Values.Where(node => node.IsUp).ToArray();
        if (up.Length == 0)
        {
            return;
        }

        var node = up[world.Chance.Below(up.Length)];
        world.Say($"asked of {World.Short(node.Id)}: {change}");
        var command = new Command(new CommandId(_session, ++_sequence), _sequence, change.Write());
        node.Tell(Part.Gateway, new PaxosInput.Submit(command, true, node.Now + 300));
    }

    private void Transfer(Configuration newest)
    {
        var up = world.Nodes.Values.Where(node => node.IsUp).ToArray();
        if (up.Length > 0)
        {
            var node = up[world.Chance.Below(up.Length)];
            var target = newest.Voters[world.Chance.Below(newest.Voters.Length)].Node;
            world.Say($"asked of {World.Short(node.Id)}: {World.Short(target)} is to lead");
            node.Tell(Part.Gateway, new PaxosInput.MakeWay(target, node.Now + 300));
        }
    }
}
