using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Persistence;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Stores;

/// <summary>
/// The node's one hybrid clock, shared by its writers. A stretch ahead of it is reserved on disk before it is used, so that
/// after a restart it begins later than every reading it ever gave, even where the wall clock was set back meanwhile.
/// </summary>
internal sealed class NodeClock
{
    /// <summary>The store's mark under which the reserved reading lies: its 64 bits, big endian.</summary>
    public const string Mark = "clock";

    private readonly Lock _gate = new();
    private readonly long _reserve;
    private HybridTimestamp _last;
    private long _reservedUntil;

    /// <param name="reserved">What <see cref="Mark"/> holds, or null on a new store.</param>
    /// <param name="reserve">How far ahead is reserved.</param>
    /// <exception cref="StoreException">Damaged: the mark is no reading, and a clock that began anew could give readings it gave before.</exception>
    public NodeClock(Payload? reserved, TimeSpan reserve)
    {
        _reserve = (long)reserve.TotalMilliseconds;
        _last = reserved switch
        {
            null => HybridTimestamp.Zero,
            { Length: sizeof(ulong) } mark => new HybridTimestamp(BinaryPrimitives.ReadUInt64BigEndian(mark.Span)),
            { } mark => throw new StoreException(StoreError.Damaged, $"the mark \"{Mark}\" of the node's clock has {mark.Length} bytes instead of {sizeof(ulong)}"),
        };
    }

    /// <summary>The reading for something written now.</summary>
    /// <param name="now">Unix milliseconds.</param>
    public HybridTimestamp Next(long now)
    {
        lock (_gate)
        {
            return _last = HybridClock.Tick(_last, now);
        }
    }

    /// <summary>A record of another node was taken in: what is written next is later than that.</summary>
    /// <param name="seen">Its reading.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="aheadMax">How many milliseconds it may be ahead.</param>
    /// <returns>False when it is further ahead; the clock stays as it was.</returns>
    public bool TryMerge(HybridTimestamp seen, long now, long aheadMax)
    {
        lock (_gate)
        {
            return HybridClock.TryMerge(_last, seen, now, aheadMax, out _last);
        }
    }

    /// <summary>What must be on disk no later than the next readings, or null while enough is reserved.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="until">What to <see cref="Confirm"/> once it is.</param>
    public StoreBatch? Reservation(long now, out long until)
    {
        lock (_gate)
        {
            var current = Math.Max(now, _last.Milliseconds);
            until = current + _reserve;

            // Half a stretch is left over: two writers that reserve at once may reach the disk in either order.
            if (current + (_reserve / 2) < _reservedUntil)
            {
                return null;
            }
        }

        var mark = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(mark, HybridTimestamp.Create(Math.Min(until, HybridTimestamp.MillisecondsMax), HybridTimestamp.CounterMax).Value);
        return new StoreBatch([new StoreWrite.SetMark(Mark, new Payload(mark))], ImmutableArray<StoreCondition>.Empty);
    }

    /// <summary>A reservation is on disk.</summary>
    public void Confirm(long until)
    {
        lock (_gate)
        {
            _reservedUntil = Math.Max(_reservedUntil, until);
        }
    }
}
