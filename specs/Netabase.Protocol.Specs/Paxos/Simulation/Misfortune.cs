using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>What goes wrong, one thing after another, as the seed has it.</summary>
internal sealed class Misfortune(World world, Operator upkeep)
{
    public void Begin() => world.After(world.Chance.Below(world.Trouble.FaultEvery * 2), Next);

    /// <summary>Everything is put right: cables, machines, disks.</summary>
    public void End()
    {
        world.CalmDown();
        foreach (var node in world.Nodes.Values.Where(node => !node.IsUp).ToArray())
        {
            node.Start();
        }
    }

    private void Next()
    {
        if (world.IsCalm)
        {
            return;
        }

        var nodes = world.Nodes.Values.ToArray();
        Befall(nodes[world.Chance.Below(nodes.Length)], nodes);
        world.After(1 + world.Chance.Below(world.Trouble.FaultEvery * 2), Next);
    }

    private void Befall(SimulatedNode node, SimulatedNode[] nodes)
    {
        var trouble = world.Trouble;
        switch (world.Chance.Below(10))
        {
            case 0 when trouble.Crashes && node.IsUp:
                Crash(node);
                break;
            case 1 when trouble.Crashes && world.Chance.Chance(0.2):
                foreach (var each in nodes.Where(each => each.IsUp))
                {
                    Crash(each);
                }

                break;
            case 2 or 3 when trouble.Parts && node.IsUp:
                node.Restart((Part)world.Chance.Below(6));
                break;
            case 4 when trouble.Cuts:
                Cut(nodes);
                break;
            case 5 when trouble.Cuts:
                world.Mend();
                break;
            case 6 when trouble.Pauses:
                node.Pause(20 + world.Chance.Below(700));
                break;
            case 7 when trouble.SlowDisks:
                world.Say($"{World.Short(node.Id)} has a slow disk");
                node.Disk.SlowDown(100 + world.Chance.Below(800));
                break;
            case 8 when trouble.LostDisks && !upkeep.IsReplacing && MayLose(node):
                upkeep.Replace(node);
                break;
            case 9 when trouble.LostDisks && !upkeep.IsReplacing && MayLose(node):
                world.Say($"a bit falls over on the disk of {World.Short(node.Id)}");
                node.Disk.Rot();
                node.Spoilt += () => upkeep.Replace(node);
                break;
        }
    }

    private void Crash(SimulatedNode node)
    {
        node.Crash();
        var life = node.Life;
        world.After(10 + world.Chance.Below(1_000), () =>
        {
            if (!node.IsUp && node.Life == life && world.Nodes.ContainsKey(node.Id))
            {
                node.Start();
            }
        });
    }

    /// <summary>A pair, one direction, one node, halves, or all lines but those of one node (the partial partitions of Omni-Paxos).</summary>
    private void Cut(SimulatedNode[] nodes)
    {
        var one = nodes[world.Chance.Below(nodes.Length)].Id;
        var other = nodes[world.Chance.Below(nodes.Length)].Id;
        var half = world.Chance.Next();
        var kind = world.Chance.Below(5);
        foreach (var from in nodes.Select(node => node.Id))
        {
            foreach (var to in nodes.Select(node => node.Id))
            {
                var isCut = kind switch
                {
                    0 => (from == one && to == other) || (from == other && to == one),
                    1 => from == one && to == other,
                    2 => from == one || to == one,
                    3 => ((half >> ((int)from.Value % 60)) & 1) != ((half >> ((int)to.Value % 60)) & 1),
                    _ => from != one && to != one,
                };
                if (isCut && from != to)
                {
                    world.Cut(from, to);
                }
            }
        }
    }

    /// <summary>More disks than a minority are never lost at once, or nobody could know what was chosen.</summary>
    private bool MayLose(SimulatedNode node)
    {
        var membership = world.Laws.Membership;
        var newest = membership.Newest;
        return membership.Configurations.Length == 1 && newest.ActiveFrom <= world.Laws.ChosenThrough
            && newest.IsVoter(node.Id) && newest.Voters.Length >= 3
            && newest.Voters.All(voter => world.Nodes.ContainsKey(voter.Node))
            && world.Nodes.Values.All(each => !each.Disk.IsRotten);
    }
}
