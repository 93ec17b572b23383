using System.Collections.Immutable;
using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>A command has its effect once, however often it is chosen (Paxos Made Live, section 5; Ongaro's thesis, section 6.3).</summary>
public sealed class SessionSpecs
{
    private int _effects;
    private ulong _slot;

    [Fact]
    public void A_command_chosen_twice_has_one_effect_and_the_first_answer()
    {
        var applier = NewApplier();
        var command = CommandOf(1, Client(1000), 0, 7);
        var first = Apply(applier, 1000, command);
        var again = Apply(applier, 1001, command);
        Assert.Equal(1, _effects);
        Assert.Equal(first[0].Answer, again[0].Answer);
        Assert.Equal(new Slot(1), Assert.IsType<CommandAnswer.Applied>(again[0].Answer).Slot);
    }

    [Fact]
    public void A_snapshot_remembers_what_had_its_effect()
    {
        var applier = NewApplier();
        var command = CommandOf(1, Client(1000), 0, 7);
        Apply(applier, 1000, command);
        Assert.True(AppliedState.TryRead(Settings, applier.State.Write(), out var restored));
        Assert.Equal((applier.State.Through, applier.State.Chain), (restored!.Through, restored.Chain));
        Apply(new Applier(restored, Effect), 1001, command);
        Assert.Equal(1, _effects);
    }

    [Fact]
    public void A_late_retry_of_a_forgotten_session_is_unknown_and_has_no_second_effect()
    {
        var applier = NewApplier();
        var command = CommandOf(1, Client(1000));
        Apply(applier, 1000, command);
        Apply(applier, 1000 + Settings.SessionExpiry + 1, CommandOf(1, Client(1000 + Settings.SessionExpiry)));
        Assert.Equal(1, applier.State.Sessions.Count);
        Assert.IsType<CommandAnswer.Unknown>(Apply(applier, 1002, command)[0].Answer);
        Assert.Equal(2, _effects);
    }

    [Fact]
    public void Too_many_sessions_forget_the_one_silent_longest()
    {
        var applier = NewApplier();
        for (var born = 1000; born < 1004; born++)
        {
            Apply(applier, 1010, CommandOf(1, Client(born)));
        }

        Apply(applier, 1011, CommandOf(2, Client(1003)));
        Assert.Equal(3, applier.State.Sessions.Count);
        Assert.IsType<CommandAnswer.Unknown>(Apply(applier, 1012, CommandOf(1, Client(1000)))[0].Answer);
        Assert.IsType<CommandAnswer.Applied>(Apply(applier, 1013, CommandOf(1, Client(1001)))[0].Answer);
        Assert.Equal(5, _effects);
    }

    [Fact]
    public void Outcomes_the_client_has_are_forgotten_and_never_applied_again()
    {
        var applier = NewApplier();
        Apply(applier, 1000, CommandOf(1, Client(1000)), CommandOf(2, Client(1000), 2));
        Assert.IsType<CommandAnswer.Unknown>(Apply(applier, 1001, CommandOf(1, Client(1000)))[0].Answer);
        Assert.Equal(2, _effects);
    }

    [Fact]
    public void The_log_s_time_never_runs_backwards()
    {
        var applier = NewApplier();
        Apply(applier, 5000, CommandOf(1, Client(5000)));
        Apply(applier, 10, CommandOf(2, Client(5000)));
        Assert.Equal(5000, applier.State.Sessions.Clock);
    }

    [Fact]
    public void Nodes_that_restart_from_snapshots_or_rows_agree_with_one_that_never_does()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var random = new SplitMix64(seed);
            var steady = NewApplier();
            var restarting = NewApplier();
            var rows = new Dictionary<ClientId, Payload>();
            for (ulong slot = 1; slot <= 300; slot++)
            {
                var command = CommandOf((ulong)random.Below(5) + 1, Client(1000 + ((long)slot * 50) - random.Below(400)), (ulong)random.Below(4), (byte)slot);
                var delivery = new Delivery(new Slot(slot), Batch.Of([command], 1000 + ((long)slot * 50)));
                Assert.Equal(steady.Apply(delivery)[0], restarting.Apply(delivery)[0]);
                Assert.Equal(steady.State.Chain, restarting.State.Chain);
                foreach (var (client, row) in restarting.State.Sessions.TakeChanges())
                {
                    rows.Remove(client);
                    if (row is { } bytes)
                    {
                        rows.Add(client, bytes);
                    }
                }

                if (random.Below(7) == 0)
                {
                    AppliedState? read;
                    Assert.True(random.Below(2) == 0
                        ? AppliedState.TryRead(Settings, restarting.State.Write(), out read)
                        : AppliedState.TryRead(Settings, restarting.State.WriteHeader(), rows.Values, out read), $"seed {seed}");
                    restarting = new Applier(read!, Effect);
                }
            }
        }
    }

    [Fact]
    public void Slots_are_applied_in_order_each_once()
    {
        var applier = NewApplier();
        Assert.Throws<PaxosInvariantException>(() => applier.Apply(new Delivery(new Slot(2), Batch.NoOp(1))));
        applier.Apply(new Delivery(new Slot(1), Batch.NoOp(1)));
        Assert.Throws<PaxosInvariantException>(() => applier.Apply(new Delivery(new Slot(1), Batch.NoOp(1))));
    }

    [Fact]
    public void Another_outcome_of_the_same_log_is_another_chain()
    {
        var one = NewApplier();
        var other = new Applier(AppliedState.Founded(Three(), Settings), static (Slot _, long _, in Command _) => Payload.Copy([9]));
        var delivery = new Delivery(new Slot(1), BatchOf(1));
        one.Apply(delivery);
        other.Apply(delivery);
        Assert.NotEqual(one.State.Chain, other.State.Chain);
    }

    [Fact]
    public void A_change_made_for_another_membership_is_surely_not_committed()
    {
        var applier = NewApplier();
        var late = applier.Apply(new Delivery(new Slot(1), ChangeOf(new MembershipChange.Remove(new ConfigId(7), A))));
        Assert.Equal(NotCommittedReason.Superseded, Assert.IsType<CommandAnswer.NotCommitted>(late[0].Answer).Reason);
        var good = applier.Apply(new Delivery(new Slot(2), ChangeOf(new MembershipChange.Remove(new ConfigId(1), A), 2)));
        Assert.IsType<CommandAnswer.Applied>(good[0].Answer);
        Assert.Equal(new ConfigId(2), applier.State.Membership.Newest.Id);
    }

    [Fact]
    public void A_batch_is_read_back_from_its_bytes_and_nothing_else_is_read()
    {
        var batch = Batch.Of([CommandOf(1, Client(5), 1, 1, 2, 3), CommandOf(2, Client(6))], 42);
        Assert.True(Batch.TryRead(batch.Bytes, out var read));
        Assert.Equal(batch, read);
        Assert.Equal(batch.Commands.AsEnumerable(), read!.Commands);
        Assert.Equal(42, read.StampedAt);
        for (var length = 0; length < batch.Bytes.Length; length++)
        {
            Assert.False(Batch.TryRead(new Payload(batch.Bytes.Memory[..length]), out _), $"{length} bytes");
        }

        var random = new SplitMix64(3);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = batch.Bytes.Memory.ToArray();
            bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
            if (Batch.TryRead(new Payload(bytes), out var changed))
            {
                Assert.NotEqual(batch.Digest, changed!.Digest);
                Assert.Equal(changed.Count, changed.Commands.Length);
            }
        }
    }

    private Applier NewApplier() => new(AppliedState.Founded(Three(), Settings), Effect);

    private Payload Effect(Slot slot, long clock, in Command command)
    {
        _effects++;
        return command.Body;
    }

    private ImmutableArray<AppliedCommand> Apply(Applier applier, long stampedAt, params Command[] commands) =>
        applier.Apply(new Delivery(new Slot(++_slot), Batch.Of(commands, stampedAt)));
}
