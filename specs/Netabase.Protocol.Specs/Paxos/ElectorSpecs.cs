using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Omni-Paxos (Ng, Haridi, Carbone, 2023), section 2: the partial partitions that stop others; here within four election time-outs.</summary>
public sealed class ElectorSpecs
{
    private const long TimeOut = 1000;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 20).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_group_finds_a_leader_within_a_time_out_and_keeps_it(ulong seed)
    {
        var net = new ElectorNet(5, seed);
        net.Run(TimeOut);
        var leader = Assert.NotNull(net.Leader);
        net.Run(20 * TimeOut);
        Assert.Equal(leader, net.Leader);
        Assert.All(net.Nodes, node => Assert.Equal(leader, net.Following[node]));
        Assert.True(net.Stood.Count <= 5, $"{net.Stood.Count} candidacies");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_dead_leader_is_followed_by_another_within_two_time_outs(ulong seed)
    {
        var (net, before) = Led(3, seed);
        net.Kill(before.Owner);
        net.Run(2 * TimeOut);
        Assert.NotEqual(before.Owner, Assert.NotNull(net.Leader).Owner);
    }

    /// <summary>The leader lost its majority and stays connected to the one node that everybody reaches.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Quorum_loss_the_one_node_that_all_reach_takes_over(ulong seed)
    {
        var (net, before) = Led(5, seed);
        var hub = Other(net, before);
        CutAllBut(net, (one, other) => one == hub || other == hub);
        net.Run(4 * TimeOut);
        Assert.Equal(net.Nodes[hub - 1], Assert.NotNull(net.Leader).Owner);
    }

    /// <summary>The leader is cut from everybody, and only one node reaches a majority.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Constrained_the_only_node_with_a_majority_takes_over(ulong seed)
    {
        var (net, before) = Led(5, seed);
        var hub = Other(net, before);
        var old = (int)before.Owner.Value;
        CutAllBut(net, (one, other) => one != old && other != old && (one == hub || other == hub));
        net.Run(4 * TimeOut);
        Assert.Equal(net.Nodes[hub - 1], Assert.NotNull(net.Leader).Owner);
    }

    /// <summary>Leader, middle, end: the end does not hear the leader. Others change leaders for ever; here nothing changes.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Chained_the_leader_stays_and_nobody_stands(ulong seed)
    {
        var (net, before) = Led(3, seed);
        var stood = net.Stood.Count;
        var others = Enumerable.Range(1, 3).Where(i => i != (int)before.Owner.Value).ToArray();
        net.Cut((int)before.Owner.Value, others[0]);
        net.Run(10 * TimeOut);
        Assert.Equal(before, net.Leader);
        Assert.Equal(stood, net.Stood.Count);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_leader_that_hears_and_is_not_heard_is_replaced(ulong seed)
    {
        var (net, before) = Led(3, seed);
        foreach (var node in Enumerable.Range(1, 3).Where(i => i != (int)before.Owner.Value))
        {
            net.CutOneWay((int)before.Owner.Value, node);
        }

        net.Run(4 * TimeOut);
        Assert.NotEqual(before.Owner, Assert.NotNull(net.Leader).Owner);
    }

    [Fact]
    public void Who_is_asked_by_its_leader_stands_at_once_and_names_the_ballot_that_gave_its_lease_up()
    {
        var (net, before) = Led(3, 1);
        var heir = Other(net, before);
        net.Tell(heir, new PaxosInput.Received(before.Owner, new PaxosMessage.TimeoutNow(before)));
        Assert.Equal((net.Now, new Ballot(before.Number + 1, net.Nodes[heir - 1])), net.Stood[^1]);
        var count = net.Stood.Count;
        net.Tell(heir, new PaxosInput.Received(before.Owner, new PaxosMessage.TimeoutNow(before)));
        Assert.Equal(count, net.Stood.Count);
    }

    [Fact]
    public void A_ballot_that_was_lost_is_stood_for_again_with_a_higher_one()
    {
        var (net, before) = Led(3, 1);
        net.Tell((int)before.Owner.Value, new PaxosInput.Lost(before));
        net.Run(4 * TimeOut);
        Assert.True(net.Leader > before);
    }

    [Fact]
    public void A_proposers_new_life_never_speaks_in_the_ballot_of_the_one_before()
    {
        var (net, before) = Led(3, 1);
        net.Tell((int)before.Owner.Value, new PaxosInput.PartStarted(Part.Proposer, Slot.None));
        Assert.Equal(new Ballot(before.Number + 1, before.Owner), net.Stood[^1].Ballot);
    }

    [Fact]
    public void Nobody_stands_before_its_acceptor_has_said_what_an_earlier_life_promised()
    {
        var elector = new Elector(PaxosSamples.A, PaxosSamples.Settings, 1);
        var alone = Membership.Founded([PaxosSamples.MemberOf(PaxosSamples.A)], 4);
        Assert.DoesNotContain(elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, alone), 0).Tell, told => told.Input is PaxosInput.Stand);
        var stood = elector.Step(new PaxosInput.Promised(new Ballot(3, PaxosSamples.A)), 0).Tell.Select(told => told.Input).OfType<PaxosInput.Stand>();
        Assert.Equal(new Ballot(4, PaxosSamples.A), Assert.Single(stood).Ballot);
    }

    [Fact]
    public void A_ballot_that_turns_out_to_be_an_earlier_lifes_is_left_for_a_higher_one()
    {
        var elector = new Elector(PaxosSamples.A, PaxosSamples.Settings, 1);
        elector.Step(new PaxosInput.Promised(default), 0);
        elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Membership.Founded([PaxosSamples.MemberOf(PaxosSamples.A)], 4)), 0);
        var stood = elector.Step(new PaxosInput.Lost(new Ballot(1, PaxosSamples.A)), 0).Tell.Select(told => told.Input).OfType<PaxosInput.Stand>();
        Assert.Equal(new Ballot(2, PaxosSamples.A), Assert.Single(stood).Ballot);
    }

    [Fact]
    public void Who_is_told_of_its_own_ballot_by_the_term_before_it_goes_on()
    {
        var (net, before) = Led(3, 1);
        var count = net.Stood.Count;
        net.Tell((int)before.Owner.Value, new PaxosInput.Superseded(before));
        net.Run(TimeOut);
        Assert.Equal(count, net.Stood.Count);
    }

    [Fact]
    public void Who_does_not_vote_never_stands()
    {
        var elector = new Elector(new NodeId(9), PaxosSamples.Settings, 1);
        elector.Step(new PaxosInput.Promised(default), 0);
        elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, PaxosSamples.Three()), 0);
        for (var now = 0; now < 10_000; now += 10)
        {
            Assert.DoesNotContain(elector.Step(new PaxosInput.Tick(), now).Tell, told => told.Input is PaxosInput.Stand);
            foreach (var node in (NodeId[])[PaxosSamples.A, PaxosSamples.B, PaxosSamples.C])
            {
                elector.Step(new PaxosInput.Received(node, new PaxosMessage.HeartbeatAnswer(1, now, default, default, false, default)), now);
            }
        }
    }

    /// <summary>A member that was removed stood once more before it knew: whoever heard of its ballot must not wait for it for ever.</summary>
    [Fact]
    public void A_ballot_whose_owner_shows_no_majority_gives_way_to_a_lower_one_that_has_it()
    {
        var stranger = new Ballot(9, PaxosSamples.C);
        var leads = new Ballot(3, PaxosSamples.B);
        var elector = new Elector(new NodeId(9), PaxosSamples.Settings, 1);
        elector.Step(new PaxosInput.Promised(stranger), 0);
        elector.Step(new PaxosInput.Advanced(Slot.None, Slot.None, PaxosSamples.Three()), 0);
        IEnumerable<Ballot> Hear(Ballot own, bool isHappy, long now) => elector
            .Step(new PaxosInput.Received(PaxosSamples.B, new PaxosMessage.HeartbeatAnswer(1, now, own, leads, isHappy, default)), now)
            .Tell.Where(told => told.To == Part.Gateway).Select(told => told.Input).OfType<PaxosInput.Following>().Select(following => following.Leader);
        Assert.Empty(Hear(leads, true, TimeOut));
        Assert.DoesNotContain(leads, Hear(leads, false, TimeOut + 1));
        Assert.DoesNotContain(leads, Hear(new Ballot(2, PaxosSamples.B), true, TimeOut + 2));
        Assert.Contains(leads, Hear(leads, true, TimeOut + 3));
        elector.Step(new PaxosInput.Superseded(new Ballot(4, PaxosSamples.A)), TimeOut + 4);
        Assert.Empty(Hear(leads, true, TimeOut + 5));
    }

    [Fact]
    public void A_state_that_differs_from_a_majority_stops_its_node_and_the_majority_only_says_so()
    {
        var net = new ElectorNet(3, 1);
        net.Tell(1, new PaxosInput.AppliedPrefix(new Checkpoint(new Slot(7), new Digest(1, 0, 0, 0))));
        net.Tell(2, new PaxosInput.AppliedPrefix(new Checkpoint(new Slot(7), new Digest(2, 0, 0, 0))));
        net.Run(TimeOut);
        Assert.Contains(new PaxosEvent.Diverged(net.Nodes[1], new Slot(7)), net.Events);
        Assert.Null(net.Halted);
        net.Tell(3, new PaxosInput.AppliedPrefix(new Checkpoint(new Slot(7), new Digest(2, 0, 0, 0))));
        net.Run(TimeOut);
        Assert.Contains("2 voters", net.Halted);
    }

    private static (ElectorNet Net, Ballot Leader) Led(int nodes, ulong seed)
    {
        var net = new ElectorNet(nodes, seed);
        net.Run(2 * TimeOut);
        return (net, Assert.NotNull(net.Leader));
    }

    private static int Other(ElectorNet net, Ballot leader) => Enumerable.Range(1, net.Nodes.Length).First(i => i != (int)leader.Owner.Value);

    private static void CutAllBut(ElectorNet net, Func<int, int, bool> stays)
    {
        for (var one = 1; one <= net.Nodes.Length; one++)
        {
            for (var other = one + 1; other <= net.Nodes.Length; other++)
            {
                if (!stays(one, other))
                {
                    net.Cut(one, other);
                }
            }
        }
    }
}
