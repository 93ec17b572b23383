using System.Buffers;

namespace Netabase.Transport.Yamux;

/// <summary>A piece of a stream's queue: bytes, what of them is filled and unread, and the next piece.</summary>
internal sealed class Block(int size)
{
    internal byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(size);

    /// <summary>The first unread byte; the reader's.</summary>
    internal int Start { get; set; }

    /// <summary>Behind the last filled byte; the writer's.</summary>
    internal int End { get; set; }

    internal Block? Next { get; set; }

    internal int Unread => End - Start;

    internal int Free => Bytes.Length - End;
}

/// <summary>
/// Lends blocks to streams and buffers to loops, keeps a bounded number of blocks for the next who ask, and counts what
/// is out: a session that is over must have brought everything back.
/// </summary>
internal sealed class BlockPool
{
    /// <summary>Bytes of a block for small messages.</summary>
    internal const int SmallSize = 2 * 1024;

    /// <summary>Bytes of a block for bulk.</summary>
    internal const int LargeSize = 32 * 1024;

    private const int SmallKept = 1024;
    private const int LargeKept = 512;

    private readonly Shelf _small = new(SmallSize, SmallKept);
    private readonly Shelf _large = new(LargeSize, LargeKept);
    private int _outstanding;

    /// <summary>The process's pool.</summary>
    internal static BlockPool Shared { get; } = new();

    /// <summary>Blocks and buffers lent and not returned.</summary>
    internal int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Bytes of the block that <see cref="Rent"/> gives for so many.</summary>
    internal static int SizeFor(int wanted) => wanted <= SmallSize ? SmallSize : LargeSize;

    /// <summary>A block for so many bytes, or for the first of them.</summary>
    internal Block Rent(int wanted)
    {
        Interlocked.Increment(ref _outstanding);
        return wanted <= SmallSize ? _small.Take() : _large.Take();
    }

    /// <summary>Takes a block back; nobody may touch it any more.</summary>
    internal void Return(Block block)
    {
        Interlocked.Decrement(ref _outstanding);
        (block.Bytes.Length == SmallSize ? _small : _large).Put(block);
    }

    /// <summary>Takes a whole chain back.</summary>
    internal void ReturnAll(Block? first)
    {
        while (first is not null)
        {
            var next = first.Next;
            Return(first);
            first = next;
        }
    }

    /// <summary>A plain buffer of at least so many bytes.</summary>
    internal byte[] RentBuffer(int size)
    {
        Interlocked.Increment(ref _outstanding);
        return ArrayPool<byte>.Shared.Rent(size);
    }

    /// <summary>Takes a plain buffer back.</summary>
    internal void ReturnBuffer(byte[] buffer)
    {
        Interlocked.Decrement(ref _outstanding);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private sealed class Shelf(int size, int kept)
    {
        private readonly Lock _gate = new();
        private Block? _first;
        private int _count;

        internal Block Take()
        {
            lock (_gate)
            {
                if (_first is { } block)
                {
                    _first = block.Next;
                    _count--;
                    block.Next = null;
                    block.Start = block.End = 0;
                    return block;
                }
            }

            return new Block(size);
        }

        internal void Put(Block block)
        {
            lock (_gate)
            {
                if (_count == kept)
                    return;
                block.Next = _first;
                _first = block;
                _count++;
            }
        }
    }
}
