using Netabase.Linearizability;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>One seed: things go wrong while clients ask, then everything is put right, and the group has to be of service again.</summary>
internal static class SimulatedRun
{
    /// <summary>How long a group may take after everything is put right, until each member has answered a write: in election time-outs.</summary>
    private const int RecoveryMost = 20;

    /// <summary>What was broken, or null.</summary>
    public static string? Of(ulong seed, out World world)
    {
        world = new World(seed);
        try
        {
            Play(world);
            return null;
        }
        catch (LawBrokenException broken)
        {
            return broken.Message;
        }
    }

    /// <summary>The same, for who has compiled it anew.</summary>
    public static string? Broken(ulong seed) => Of(seed, out _);

    private static void Play(World world)
    {
        var history = new History();
        var clients = Enumerable.Range(1, 4).Select(process => new SimulatedClient(world, history, process)).ToArray();
        void Listen(SimulatedNode node)
        {
            foreach (var client in clients)
            {
                client.Listen(node);
            }
        }

        foreach (var node in world.Nodes.Values)
        {
            Listen(node);
        }

        var upkeep = new Operator(world) { Listen = Listen };
        var misfortune = new Misfortune(world, upkeep);
        foreach (var client in clients)
        {
            client.Begin();
        }

        upkeep.Begin();
        misfortune.Begin();
        world.Run(Trouble.Lasts);
        misfortune.End();
        Recover(world);
        foreach (var client in clients)
        {
            client.IsAsking = false;
        }

        world.Run(world.Now + 600);
        Laws.Demand(
            LinearizabilityCheck.Judge(history, new CheckBudget(TimeSpan.FromSeconds(20), 1_000_000)) is not Verdict.NotLinearizable(var offence),
            "what the clients saw is not linearizable");
    }

    private static void Recover(World world)
    {
        var bound = world.Now + (RecoveryMost * world.Trouble.Settings.ElectionTimeout);
        var open = new HashSet<NodeId>();
        foreach (var node in world.Nodes.Values.Where(node => world.Laws.Membership.Newest.IsMember(node.Id)))
        {
            open.Add(node.Id);
            Ask(world, node, bound, open);
        }

        world.Run(bound, () => open.Count == 0);
        Laws.Demand(
            open.Count == 0,
            $"{RecoveryMost} election time-outs after everything was put right, a write by {string.Join(", ", open.Select(World.Short))} is not answered");
    }

    /// <summary>Writes, each time in a new session, until one is answered.</summary>
    private static void Ask(World world, SimulatedNode node, long bound, HashSet<NodeId> open)
    {
        // Who was removed meanwhile is not served any more.
        if (!world.Laws.Membership.Newest.IsMember(node.Id))
        {
            open.Remove(node.Id);
        }

        if (!open.Contains(node.Id))
        {
            return;
        }

        var id = new CommandId(ClientId.Create(World.Epoch + 200 + world.Now, (UInt128)node.Id.Value << 64), 1);
        node.Answered += answer =>
        {
            if (answer is CommandAnswer.Applied && answer.Id == id)
            {
                open.Remove(node.Id);
            }
        };
        node.Tell(Part.Gateway, new PaxosInput.Submit(new Command(id, 1, new RegisterCommand(9, null, 1).Write()), false, node.Now + 300));
        world.After(310, () => Ask(world, node, bound, open));
    }
}
