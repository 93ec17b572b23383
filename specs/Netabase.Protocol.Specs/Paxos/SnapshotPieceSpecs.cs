using Netabase.Protocol.Paxos;
using static Netabase.Protocol.Specs.Paxos.PaxosSamples;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>Which pieces of a snapshot that arrives are taken: what was asked for, from who was asked, once.</summary>
public sealed class SnapshotPieceSpecs
{
    private const int Piece = 4096;

    private readonly byte[] _bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31))];
    private readonly CatchUp _follower = new(B, Settings);
    private readonly List<Duty.WriteChunk> _written = [];

    [Fact]
    public void Pieces_that_nobody_asked_for_are_not_kept()
    {
        Begin();
        for (var offset = 1; offset < 4 * Piece; offset++)
        {
            Hear(A, offset, 1);
        }

        // The first piece joins what is kept: whatever is handed on beside it was.
        Hear(A, 0, Piece);
        Assert.Equal([(0L, Piece)], _written.Select(write => (write.Offset, write.Bytes.Length)));
    }

    [Fact]
    public void A_piece_of_somebody_else_than_was_asked_is_not_taken()
    {
        Begin();
        Hear(C, 0, Piece);
        Assert.Empty(_written);
        Hear(A, 0, Piece);
        Assert.Single(_written);
    }

    [Fact]
    public void A_piece_that_came_already_is_not_taken_again()
    {
        Begin();
        Hear(A, 2 * Piece, Piece);
        Hear(A, 2 * Piece, Piece);
        Hear(A, 0, Piece);
        Hear(A, 0, Piece);
        Hear(A, Piece, Piece);
        Assert.Equal([0L, Piece, 2 * Piece], _written.Select(write => write.Offset));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 4095)]
    [InlineData(100_000)]
    public void A_piece_beyond_the_end_is_none(long offset)
    {
        Begin();
        var piece = new Payload(_bytes.AsMemory(0, Piece));
        var ready = _follower.Step(
            new PaxosInput.Received(A, new PaxosMessage.SnapshotChunk(Info.Id, offset, piece, Digest.Of(piece.Span))), 0);
        Assert.Empty(ready.Duties);
    }

    /// <summary>Another's pieces may be smaller: the whole comes all the same, without waiting for a time-out at each piece.</summary>
    [Theory]
    [InlineData(Piece / 4, 0)]
    [InlineData(1000, 0)]
    [InlineData(1000, 12_345)]
    [InlineData(Piece - 1, 1)]
    public void A_sender_of_smaller_pieces_is_asked_for_those_and_nothing_is_waited_for(int most, int resumed)
    {
        var asked = new Queue<PaxosMessage.SnapshotRequest>(Requests(Begin(resumed)));
        var through = (long)resumed;
        var requests = 0;
        while (asked.TryDequeue(out var request))
        {
            requests++;
            var ready = Hear(A, request.Offset, Math.Min(request.Length, most));
            foreach (var write in ready.Duties.OfType<Duty.WriteChunk>())
            {
                Assert.Equal(through, write.Offset);
                Assert.Equal(_bytes.AsSpan((int)write.Offset, write.Bytes.Length), write.Bytes.Span);
                through += write.Bytes.Length;
            }

            foreach (var next in Requests(ready).Concat(Requests(_follower.Step(new PaxosInput.ChunkWritten(Info.Id, through), 0))))
            {
                asked.Enqueue(next);
            }
        }

        Assert.Equal(_bytes.Length, through);
        Assert.InRange(requests, 1, (2 * _bytes.Length / most) + 32);
    }

    private SnapshotInfo Info => new(Digest.Of(_bytes), new Slot(950), _bytes.Length);

    private Ready Begin(long resumed = 0)
    {
        _follower.Step(new PaxosInput.Advanced(Slot.None, Slot.None, Three()), 0);
        _follower.Step(new PaxosInput.Received(A, new PaxosMessage.SnapshotOffer(Info)), 0);
        return _follower.Step(new PaxosInput.ChunkWritten(Info.Id, resumed), 0);
    }

    private Ready Hear(NodeId from, long offset, int length)
    {
        var piece = new Payload(_bytes.AsMemory((int)offset, length));
        var ready = _follower.Step(new PaxosInput.Received(from, new PaxosMessage.SnapshotChunk(Info.Id, offset, piece, Digest.Of(piece.Span))), 0);
        _written.AddRange(ready.Duties.OfType<Duty.WriteChunk>());
        return ready;
    }

    private static IEnumerable<PaxosMessage.SnapshotRequest> Requests(Ready ready) =>
        ready.SendNow.Select(outgoing => outgoing.Message).OfType<PaxosMessage.SnapshotRequest>();
}
