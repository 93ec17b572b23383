using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Paxos Made Live (2007), section 5.2; D = 1000, e = 10 %.</summary>
public sealed class LeaseSpecs
{
    private static readonly PaxosSettings Leased = Settings with { LeaseDuration = 1000 };

    [Fact]
    public void A_grantor_promises_nobody_else_until_the_lease_is_over_by_the_slower_clock()
    {
        var acceptor = new Acceptor(new AcceptorLog(), Leased, null, 0);
        acceptor.Step(Pulse(new Ballot(5, B), 1000), 100);
        Assert.Equal(NackReason.LeaseHeld, ReasonOf(acceptor.Step(Prepare(new Ballot(6, C)), 1200)));
        Assert.NotNull(acceptor.Step(Prepare(new Ballot(6, C)), 1201).Save);
    }

    [Fact]
    public void A_handover_names_the_ballot_whose_lease_is_given_up()
    {
        var acceptor = new Acceptor(new AcceptorLog(), Leased, null, 0);
        acceptor.Step(Pulse(new Ballot(5, B), 1000), 100);
        Assert.Equal(NackReason.LeaseHeld, ReasonOf(acceptor.Step(Prepare(new Ballot(6, C), handover: new Ballot(4, B)), 200)));
        Assert.NotNull(acceptor.Step(Prepare(new Ballot(6, C), handover: new Ballot(5, B)), 200).Save);
    }

    [Fact]
    public void A_grantor_that_restarted_is_silent_for_a_lease_and_one_newly_born_is_not()
    {
        var log = new AcceptorLog();
        log.Take(new AcceptorWrite(1, new Ballot(1, B), [], Slot.None, Slot.None));
        Assert.Equal(NackReason.LeaseHeld, ReasonOf(new Acceptor(log, Leased, null, 0).Step(Prepare(new Ballot(6, C)), 1100)));
        Assert.NotNull(new Acceptor(log, Leased, null, 0).Step(Prepare(new Ballot(6, C)), 1101).Save);
        Assert.NotNull(new Acceptor(new AcceptorLog(), Leased, null, 0).Step(Prepare(new Ballot(6, C)), 0).Save);
    }

    /// <summary>D5: an answer that was long under way does not make the lease longer.</summary>
    [Fact]
    public void The_holder_counts_from_before_it_asked()
    {
        var holder = new Leases.Holder(Leased);
        holder.Granted(A, sentAt: 100, receivedAt: 900);
        Assert.True(holder.Until(Three().GoverningFrom(new Slot(1))) < 0, "one of three is no majority");
        holder.Granted(B, sentAt: 100, receivedAt: 900);
        Assert.InRange(holder.Until(Three().GoverningFrom(new Slot(1))), 100, 1000);
    }

    [Fact]
    public void A_change_of_members_needs_the_lease_of_both_majorities()
    {
        var four = Three().After(new Slot(1), ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(new NodeId(4)))), out _);
        var both = four.After(new Slot(9), ChangeOf(new MembershipChange.Promote(new ConfigId(2), new NodeId(4))), out _);
        var holder = new Leases.Holder(Leased);
        holder.Granted(A, 100, 100);
        holder.Granted(B, 100, 100);
        Assert.True(holder.Until(both.GoverningFrom(new Slot(10))) < 0, "two of four are no majority");
        holder.Granted(new NodeId(4), 100, 100);
        Assert.InRange(holder.Until(both.GoverningFrom(new Slot(10))), 100, 1000);
        holder.GiveUp();
        Assert.True(holder.Until(both.GoverningFrom(new Slot(10))) < 0);
    }

    private static NackReason ReasonOf(Ready ready) => Assert.IsType<PaxosMessage.Nack>(Assert.Single(ready.SendNow).Message).Reason;
}
