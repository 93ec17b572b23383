using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

public sealed class CatchUpSpecs
{
    private readonly byte[] _snapshot = new SplitMix64(7).Bytes(50_000);

    [Fact]
    public void A_member_behind_is_pushed_chunk_after_chunk_and_never_further_than_it_has_room()
    {
        var leader = Sender(1000);
        var sent = Commits(leader.Step(new PaxosInput.Behind(B, Slot.None), 0));
        Assert.Equal(1ul, sent[0].First.Number);
        for (var round = 0; sent.Count > 0 && round < 100; round++)
        {
            var last = sent[^1].First.Plus(sent[^1].Batches.Length - 1);
            Assert.True(sent.Count <= Settings.ChunksInFlight);
            sent = Commits(leader.Step(new PaxosInput.Received(B, new PaxosMessage.Caught(last)), 0));
            if (last == new Slot(1000))
            {
                Assert.Empty(sent);
                return;
            }

            Assert.Equal(last.Next, sent[0].First);
        }

        Assert.Fail("it did not come to an end");
    }

    [Fact]
    public void Silence_is_answered_with_one_chunk_again_and_at_last_with_silence()
    {
        var leader = Sender(1000);
        leader.Step(new PaxosInput.Behind(B, Slot.None), 0);
        var again = new List<long>();
        for (long now = 1; now < 60_000; now++)
        {
            var sent = Commits(leader.Step(new PaxosInput.Tick(), now));
            if (sent.Count > 0)
            {
                Assert.Equal(1ul, Assert.Single(sent).First.Number);
                again.Add(now);
            }
        }

        Assert.Equal([100, 300, 700, 1500, 2500], again.Take(5));
        Assert.Equal(12, again.Count);
    }

    [Fact]
    public void Who_has_everything_is_told_so()
    {
        var ready = Sender(10).Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(11))), 0);
        var commit = Assert.IsType<PaxosMessage.Commit>(Assert.Single(ready.SendNow).Message);
        Assert.Equal((0, new Slot(10)), (commit.Batches.Length, commit.ChosenThrough));
    }

    [Fact]
    public void A_stranger_gets_nothing()
    {
        var ready = Sender(10).Step(new PaxosInput.Received(new NodeId(9), new PaxosMessage.Fetch(new Slot(1))), 0);
        Assert.Empty(ready.SendNow);
        Assert.IsType<PaxosEvent.Dropped>(Assert.Single(ready.Events));
    }

    [Fact]
    public void The_log_holds_so_many_bytes_and_before_it_only_a_snapshot_helps()
    {
        var leader = Sender(1000, bytes: BatchOf(1).Bytes.Length * 100);
        var ready = leader.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), 0);
        Assert.Equal(new Duty.OfferSnapshot(new Slot(900)), Assert.Single(ready.Duties));
        var info = Info(950);
        ready = leader.Step(new PaxosInput.SnapshotMade(info), 0);
        Assert.Equal(new Outgoing(B, new PaxosMessage.SnapshotOffer(info)), Assert.Single(ready.SendNow));
    }

    [Fact]
    public void A_snapshot_that_is_too_old_is_not_asked_for_again_at_once()
    {
        var leader = Sender(1000, bytes: BatchOf(1).Bytes.Length * 100);
        Assert.Single(leader.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), 0).Duties);
        Assert.Empty(leader.Step(new PaxosInput.SnapshotMade(Info(899)), 0).Duties);
        var patience = 8 * Settings.ElectionTimeout;
        Assert.Empty(leader.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), patience - 1).Duties);
        Assert.Equal(
            new Duty.OfferSnapshot(new Slot(900)),
            Assert.Single(leader.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), patience).Duties));
    }

    [Fact]
    public void A_snapshot_is_fetched_in_verified_pieces_over_a_line_that_loses_them()
    {
        var (leader, info) = Offering();
        var follower = Follower();
        var chance = new SplitMix64(1);
        var written = new byte[_snapshot.Length];
        var installed = false;
        var line = new Queue<(CatchUp To, PaxosInput Input)>();
        line.Enqueue((follower, new PaxosInput.Received(A, new PaxosMessage.SnapshotOffer(info))));
        for (long now = 0; now < 600_000 && !installed; now++)
        {
            line.Enqueue((leader, new PaxosInput.Tick()));
            line.Enqueue((follower, new PaxosInput.Tick()));
            while (line.TryDequeue(out var next))
            {
                var ready = next.To.Step(next.Input, now);
                foreach (var outgoing in ready.SendNow.Where(_ => !chance.Chance(0.2)))
                {
                    var (to, from) = next.To == leader ? (follower, A) : (leader, B);
                    line.Enqueue((to, new PaxosInput.Received(from, outgoing.Message)));
                }

                foreach (var duty in ready.Duties)
                {
                    installed |= duty is Duty.InstallSnapshot;
                    if (Done(duty, info, written) is { } input)
                    {
                        line.Enqueue((next.To, input));
                    }
                }
            }
        }

        Assert.True(installed);
        Assert.Equal(_snapshot, written);
    }

    [Fact]
    public void A_snapshot_is_resumed_where_it_was_broken_off()
    {
        var follower = Follower();
        var info = Info(950);
        var ready = follower.Step(new PaxosInput.Received(A, new PaxosMessage.SnapshotOffer(info)), 0);
        Assert.Equal(new Duty.ResumeSnapshot(info), Assert.Single(ready.Duties));
        ready = follower.Step(new PaxosInput.ChunkWritten(info.Id, 20_000), 0);
        Assert.Equal(20_000, Assert.IsType<PaxosMessage.SnapshotRequest>(ready.SendNow[0].Message).Offset);
    }

    [Fact]
    public void A_piece_that_was_changed_on_the_way_is_dropped()
    {
        var follower = Follower();
        var info = Info(950);
        follower.Step(new PaxosInput.Received(A, new PaxosMessage.SnapshotOffer(info)), 0);
        follower.Step(new PaxosInput.ChunkWritten(info.Id, 0), 0);
        var piece = new Payload(_snapshot.AsMemory(0, Settings.ChunkBytes));
        var ready = follower.Step(new PaxosInput.Received(A, new PaxosMessage.SnapshotChunk(info.Id, 0, piece, default)), 0);
        Assert.Empty(ready.Duties);
        Assert.IsType<PaxosEvent.Dropped>(Assert.Single(ready.Events));
    }

    [Fact]
    public void A_snapshot_of_what_is_applied_already_is_answered_with_what_is_known()
    {
        var ready = Sender(1000).Step(new PaxosInput.Received(B, new PaxosMessage.SnapshotOffer(Info(950))), 0);
        Assert.Equal(new Outgoing(B, new PaxosMessage.Caught(new Slot(1000))), Assert.Single(ready.SendNow));
    }

    [Fact]
    public void After_a_snapshot_the_log_goes_on()
    {
        var (leader, _) = Offering();
        var sent = Commits(leader.Step(new PaxosInput.Received(B, new PaxosMessage.Caught(new Slot(950))), 0));
        Assert.Equal(new Slot(951), sent[0].First);
    }

    [Fact]
    public void An_acceptor_in_a_new_life_hears_again_what_was_chosen()
    {
        var ready = Sender(10).Step(new PaxosInput.PartStarted(Part.Acceptor, new Slot(4)), 0);
        var delivered = Assert.IsType<PaxosInput.Delivered>(Assert.Single(ready.Tell).Input);
        Assert.Equal((new Slot(4), 7), (delivered.First, delivered.Batches.Length));
    }

    private static List<PaxosMessage.Commit> Commits(Ready ready) =>
        [.. ready.SendNow.Select(outgoing => outgoing.Message).OfType<PaxosMessage.Commit>()];

    private static CatchUp Sender(int slots, long bytes = 1 << 20)
    {
        var catchUp = new CatchUp(A, Settings with { LogBytesMax = bytes });
        catchUp.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), 0);
        catchUp.Step(new PaxosInput.Delivered(new Slot(1), [.. Enumerable.Range(1, slots).Select(i => BatchOf((byte)i))]), 0);
        catchUp.Step(new PaxosInput.Advanced(new Slot((ulong)slots), new Slot((ulong)slots), Three()), 0);
        return catchUp;
    }

    private static CatchUp Follower()
    {
        var catchUp = new CatchUp(B, Settings);
        catchUp.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), 0);
        return catchUp;
    }

    private (CatchUp Leader, SnapshotInfo Snapshot) Offering()
    {
        var leader = Sender(1000, bytes: BatchOf(1).Bytes.Length * 100);
        leader.Step(new PaxosInput.Received(B, new PaxosMessage.Fetch(new Slot(1))), 0);
        leader.Step(new PaxosInput.SnapshotMade(Info(950)), 0);
        return (leader, Info(950));
    }

    private SnapshotInfo Info(ulong through) => new(Digest.Of(_snapshot), new Slot(through), _snapshot.Length);

    private PaxosInput? Done(Duty duty, SnapshotInfo info, byte[] written)
    {
        switch (duty)
        {
            case Duty.ReadChunk read:
                return new PaxosInput.ChunkRead(read.For, read.Id, read.Offset, new Payload(_snapshot.AsMemory((int)read.Offset, read.Length)));
            case Duty.ResumeSnapshot:
                return new PaxosInput.ChunkWritten(info.Id, 0);
            case Duty.WriteChunk write:
                write.Bytes.Span.CopyTo(written.AsSpan((int)write.Offset));
                return new PaxosInput.ChunkWritten(info.Id, write.Offset + write.Bytes.Length);
            default:
                return null;
        }
    }
}
