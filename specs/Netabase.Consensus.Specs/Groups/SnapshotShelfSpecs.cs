using Netabase.Actors.Paxos.State;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>A snapshot that arrives, over restarts of its receiver.</summary>
public sealed class SnapshotShelfSpecs : IDisposable
{
    private const int Piece = 1000;

    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-shelf-").FullName;
    private readonly byte[] _bytes = [.. Enumerable.Range(0, 10 * Piece).Select(i => (byte)(i * 7))];

    private string File => Path.Combine(_folder, "arriving.snapshot");

    private SnapshotInfo Info => new(Digest.Of(_bytes), new Slot(9), _bytes.Length);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_has_arrived_is_still_there_after_a_restart_and_the_rest_makes_it_whole()
    {
        Receive(0, 4);
        using var shelf = new SnapshotShelf(File, 1 << 20);
        Assert.Equal(4 * Piece, shelf.Expect(Info));
        Assert.Null(shelf.Whole(Info));
        Receive(shelf, 4, 10);
        Assert.Equal(_bytes, shelf.Whole(Info)!.Value.ToArray());
        shelf.Forget(Info.Id);
        Assert.False(System.IO.File.Exists(File));
    }

    /// <summary>A machine that lost its power wrote as much as it liked, and where it liked.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(-Piece)]
    [InlineData(-Piece - 3)]
    public void A_piece_that_was_torn_and_all_behind_it_are_fetched_anew(int from)
    {
        Receive(0, 4);
        using (var file = new FileStream(File, FileMode.Open))
        {
            file.Seek(from, SeekOrigin.End);
            file.Write([1, 2, 3, 4, 5]);
        }

        using var shelf = new SnapshotShelf(File, 1 << 20);
        Assert.Equal(3 * Piece, shelf.Expect(Info));
        Receive(shelf, 3, 10);
        Assert.Equal(_bytes, shelf.Whole(Info)!.Value.ToArray());
    }

    [Fact]
    public void A_disk_that_is_full_in_the_middle_of_a_piece_costs_that_piece_and_nothing_else()
    {
        var room = 3L * Piece;
        using (var shelf = new SnapshotShelf(File, 1 << 20, path => new SmallFile(path, () => room)))
        {
            shelf.Expect(Info);
            Receive(shelf, 0, 2);
            Assert.Throws<IOException>(() => shelf.Write(Info.Id, 2 * Piece, Payload.Copy(_bytes.AsSpan(2 * Piece, Piece))));

            // Who asked is started anew, and there is room again.
            room = long.MaxValue;
            Assert.Equal(2 * Piece, shelf.Expect(Info));
            Receive(shelf, 2, 10);
            Assert.Equal(_bytes, shelf.Whole(Info)!.Value.ToArray());
        }
    }

    [Fact]
    public void Another_snapshot_takes_the_place_of_one_that_will_not_be_finished()
    {
        Receive(0, 4);
        using var shelf = new SnapshotShelf(File, 1 << 20);
        var other = new SnapshotInfo(Digest.Of([1, 2, 3]), new Slot(10), 3);
        Assert.Equal(0, shelf.Expect(other));
        Assert.Equal(3, shelf.Write(other.Id, 0, Payload.Copy([1, 2, 3])));
        Assert.Equal(0, shelf.Expect(Info));
    }

    [Fact]
    public void More_than_was_offered_and_what_is_out_of_order_and_what_is_too_large_is_not_taken()
    {
        using var shelf = new SnapshotShelf(null, 9_999);
        Assert.Equal(0, shelf.Expect(Info));
        Assert.Equal(0, shelf.Write(Info.Id, 0, Payload.Copy([1])));
        var small = new SnapshotInfo(Digest.Of([1, 2, 3]), new Slot(10), 3);
        Assert.Equal(0, shelf.Expect(small));
        Assert.Equal(0, shelf.Write(small.Id, 1, Payload.Copy([2])));
        Assert.Equal(0, shelf.Write(small.Id, 0, Payload.Copy([1, 2, 3, 4])));
        Assert.Equal(2, shelf.Write(small.Id, 0, Payload.Copy([1, 2])));
        Assert.Equal(2, shelf.Write(Info.Id, 2, Payload.Copy([3])));
    }

    private void Receive(int first, int end)
    {
        using var shelf = new SnapshotShelf(File, 1 << 20);
        Assert.Equal(first * Piece, shelf.Expect(Info));
        Receive(shelf, first, end);
    }

    private void Receive(SnapshotShelf shelf, int first, int end)
    {
        for (var piece = first; piece < end; piece++)
        {
            Assert.Equal((piece + 1) * Piece, shelf.Write(Info.Id, piece * Piece, Payload.Copy(_bytes.AsSpan(piece * Piece, Piece))));
        }
    }

    /// <summary>A file on a disk with so much room: what does not fit is written in part.</summary>
    private sealed class SmallFile(string path, Func<long> room) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = (int)Math.Min(buffer.Length, Math.Max(0, room() - Position));
            base.Write(buffer[..fits]);
            if (fits < buffer.Length)
            {
                throw new IOException("No space left on device");
            }
        }
    }
}
