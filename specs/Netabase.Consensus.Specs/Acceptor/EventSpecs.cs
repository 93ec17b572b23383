using Netabase.Actors.Paxos;
using Netabase.Consensus.Specs.Wire;
using Netabase.Persistence;
using Netabase.Persistence.Consensus;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Acceptor;

/// <summary>An acceptor's events as bytes of its journal.</summary>
public sealed class EventSpecs
{
    private static readonly AcceptorWrite Sample = new(
        9, Messages.Ballot, [new Vote(new Slot(3), Messages.Ballot, Messages.Large), new Vote(new Slot(4), new Ballot(1, Messages.Right), Messages.Small)],
        new Slot(2), new Slot(1));

    [Fact]
    public void Every_event_comes_back_as_it_was()
    {
        foreach (var written in (AcceptorEvent[])[new AcceptorEvent.Born(Messages.Left), new AcceptorEvent.Wrote(Sample), new AcceptorEvent.Kept(Messages.Right, Sample)])
        {
            var bytes = written.Encode();
            var back = AcceptorEvent.Decode(bytes);
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(back.Encode()));
            Assert.Equal(written.GetType(), back.GetType());
        }
    }

    [Fact]
    public void An_event_of_a_kind_that_is_not_known_here_comes_from_the_future_and_others_are_damaged()
    {
        Assert.Equal(StoreError.Incompatible, Assert.Throws<StoreException>(() => AcceptorEvent.Decode(new byte[] { 4, 0 })).Error);
        foreach (var none in (object[])[Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 1, 2 }, new byte[] { 3, 2 }, "text"])
        {
            Assert.Equal(StoreError.Damaged, Assert.Throws<StoreException>(() => AcceptorEvent.Decode(none)).Error);
        }
    }

    /// <summary>Bit rot: another ballot or slot would be another promise or vote.</summary>
    [Fact]
    public void An_event_in_which_any_one_bit_fell_over_is_none()
    {
        foreach (var written in (AcceptorEvent[])[new AcceptorEvent.Born(Messages.Left), new AcceptorEvent.Wrote(Sample), new AcceptorEvent.Kept(Messages.Right, Sample)])
        {
            var bytes = written.Encode();
            for (var bit = 0; bit < 8 * bytes.Length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Throws<StoreException>(() => AcceptorEvent.Decode(bytes));
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            Assert.IsType(written.GetType(), AcceptorEvent.Decode(bytes));
        }
    }

    [Fact]
    public void An_event_of_before_there_was_a_checksum_is_read()
    {
        var born = (byte[])[1, .. new AcceptorEvent.Born(Messages.Left).Encode()[1..^4]];
        Assert.Equal(new AcceptorEvent.Born(Messages.Left), AcceptorEvent.Decode(born));
        var wrote = (byte[])[2, .. AcceptorWriteCodec.Write(Sample)];
        Assert.Equal(Sample.WriteSeq, Assert.IsType<AcceptorEvent.Wrote>(AcceptorEvent.Decode(wrote)).Write.WriteSeq);
        var kept = (byte[])[3, .. born[1..], .. AcceptorWriteCodec.Write(Sample)];
        Assert.Equal(Messages.Left, Assert.IsType<AcceptorEvent.Kept>(AcceptorEvent.Decode(kept)).Life);
    }

    [Fact]
    public void A_change_that_was_cut_or_bent_or_comes_from_the_future_is_told_as_such()
    {
        var bytes = AcceptorWriteCodec.Write(Sample);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Equal(StoreError.Damaged, Assert.Throws<StoreException>(() => AcceptorWriteCodec.Read(cut)).Error);
        }

        bytes[0] = 2;
        Assert.Equal(StoreError.Incompatible, Assert.Throws<StoreException>(() => AcceptorWriteCodec.Read(bytes)).Error);
    }
}
