using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Reconfiguring a State Machine (Lamport, Malkhi, Zhou, 2010): a change chosen in slot i governs from i + alpha on.</summary>
public sealed class MembershipSpecs
{
    private static readonly NodeId D = new(4);

    [Fact]
    public void A_change_governs_alpha_slots_later_and_until_then_the_old_one_does()
    {
        var after = Three(window: 4).After(new Slot(10), ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D))), out var taken);
        Assert.True(taken);
        Assert.Equal(new ConfigId(1), after.At(new Slot(13)).Id);
        Assert.Equal(new ConfigId(2), after.At(new Slot(14)).Id);
        Assert.Equal(2, after.GoverningFrom(new Slot(11)).Length);
        Assert.Equal(1, after.GoverningFrom(new Slot(14)).Length);
        Assert.Equal(new Slot(13), after.LastGovernedWith(new Slot(11)));
        Assert.False(after.IsVoterFrom(new Slot(14), D));
    }

    [Fact]
    public void A_second_change_waits_until_the_first_one_governs_and_names_it()
    {
        var after = Three(window: 4).After(new Slot(10), ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D))), out _);
        var promote = new MembershipChange.Promote(new ConfigId(2), D);
        Assert.False(after.Allows(new Slot(13), promote));
        Assert.False(after.Allows(new Slot(14), new MembershipChange.Promote(new ConfigId(1), D)));
        Assert.True(after.Allows(new Slot(14), promote));
        Assert.Same(after, after.After(new Slot(13), ChangeOf(promote), out var taken));
        Assert.False(taken);
    }

    [Fact]
    public void The_last_voter_and_a_stranger_stay_where_they_are()
    {
        var one = Membership.Founded([MemberOf(A)], 4);
        Assert.False(one.Allows(new Slot(1), new MembershipChange.Remove(new ConfigId(1), A)));
        Assert.False(one.Allows(new Slot(1), new MembershipChange.Promote(new ConfigId(1), B)));
        Assert.False(one.Allows(new Slot(1), new MembershipChange.AddLearner(new ConfigId(1), MemberOf(A))));
        Assert.False(one.Allows(new Slot(1), new MembershipChange.SetWindow(new ConfigId(1), 0)));
    }

    [Fact]
    public void A_smaller_window_falls_by_one_a_slot_so_that_nothing_under_way_is_caught_outside()
    {
        var wide = Three(window: 8);
        var narrow = wide.After(new Slot(10), ChangeOf(new MembershipChange.SetWindow(new ConfigId(1), 2)), out _);
        Assert.Equal([7, 6, 5, 4, 3, 2, 2], Enumerable.Range(10, 7).Select(slot => narrow.WindowAt(new Slot((ulong)slot))));

        // Whoever knew only slot 9 as chosen may have proposed up to 17; the change itself governs from there on.
        Assert.Equal(new Slot(9).Plus(wide.WindowAt(new Slot(9))), narrow.Newest.ActiveFrom);
        var wider = narrow.After(new Slot(20), ChangeOf(new MembershipChange.SetWindow(new ConfigId(2), 30)), out _);
        Assert.Equal(30, wider.WindowAt(new Slot(20)));
    }

    [Fact]
    public void Old_and_new_majorities_always_share_a_voter()
    {
        var random = new SplitMix64(11);
        var membership = Three(window: 2);
        for (ulong slot = 1; slot < 3000; slot++)
        {
            var newest = membership.Newest;
            var node = new NodeId((ulong)random.Below(12) + 1);
            MembershipChange change = random.Below(3) switch
            {
                0 => new MembershipChange.AddLearner(newest.Id, MemberOf(node)),
                1 => new MembershipChange.Promote(newest.Id, node),
                _ => new MembershipChange.Remove(newest.Id, node),
            };
            membership = membership.After(new Slot(slot), ChangeOf(change), out _);
            var next = membership.Newest;
            var shared = newest.Voters.Intersect(next.Voters).Count();
            Assert.True(newest.Majority + next.Majority > newest.Voters.Length + next.Voters.Length - shared, $"slot {slot}");
        }

        Assert.True(membership.Newest.Id.Number > 100, "changes took hold");
    }

    [Fact]
    public void It_is_read_back_as_it_was_written_and_nothing_else_is_read()
    {
        var membership = Three().After(new Slot(1), ChangeOf(new MembershipChange.AddLearner(new ConfigId(1), MemberOf(D))), out _);
        var bytes = membership.Write();
        Assert.True(Membership.TryRead(bytes, out var read));
        Assert.Equal(membership.Configurations.AsEnumerable(), read!.Configurations);
        Assert.Equal(membership.WindowAt(new Slot(2)), read.WindowAt(new Slot(2)));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Membership.TryRead(new Payload(bytes.Memory[..length]), out _), $"{length} bytes");
        }
    }

    [Fact]
    public void A_majority_has_reached_what_its_slowest_member_has()
    {
        var through = new Dictionary<NodeId, Slot> { [A] = new(9), [B] = new(3), [C] = new(5) };
        Assert.Equal(new Slot(5), Quorum.Reached(Three().Newest, node => through[node]));
        Assert.True(Quorum.Has(Three().Newest, node => node != A));
        Assert.False(Quorum.Has(Three().Newest, node => node == A));
    }
}
