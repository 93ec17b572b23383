using System.Collections.Immutable;

namespace Netabase.Protocol.Paxos;

/// <summary>Chosen batches kept in memory so that others can catch up: an unbroken run, its oldest let go when it holds too many bytes.</summary>
internal sealed class ChosenLog(long bytesMax)
{
    private SlotRing<Batch> _batches = new(new Slot(1));
    private long _bytes;

    /// <summary>The first slot held; <see cref="End"/> when none is.</summary>
    public Slot First => _batches.First;

    /// <summary>After the last slot held.</summary>
    public Slot End => Slot.Max(_batches.End, _batches.First);

    /// <summary>Takes what was chosen. What does not join the run either begins it anew, when it is later, or is left.</summary>
    public void Add(Slot first, ImmutableArray<Batch> batches)
    {
        var end = first.Plus(batches.Length);
        if (batches.IsEmpty || (end <= End && first >= First) || end < First)
        {
            return;
        }

        if (first > End || First == End)
        {
            Restart(first);
        }
        else if (first < First)
        {
            var later = Batches(First, End);
            Restart(first);
            Append(first, batches);
            Append(end, later.Skip((int)end.Since(First)));
            return;
        }

        Append(End, batches.Skip((int)End.Since(first)));
    }

    /// <summary>A snapshot stands in for everything up to here.</summary>
    public void SkipTo(Slot first)
    {
        if (first > End)
        {
            Restart(first);
        }
    }

    /// <summary>Batches from a slot on, as many as fit; one at least, where one is held.</summary>
    public ImmutableArray<Batch> Chunk(Slot from, long bytesMost, long slotsMost)
    {
        var chunk = ImmutableArray.CreateBuilder<Batch>();
        var bytes = 0L;
        for (var slot = from; chunk.Count < slotsMost && _batches[slot] is { } batch; slot = slot.Next)
        {
            bytes += batch.Bytes.Length;
            if (chunk.Count > 0 && bytes > bytesMost)
            {
                break;
            }

            chunk.Add(batch);
        }

        return chunk.ToImmutable();
    }

    private ImmutableArray<Batch> Batches(Slot from, Slot end) => Chunk(from, long.MaxValue, end.Since(from));

    private void Restart(Slot first)
    {
        _batches = new SlotRing<Batch>(first);
        _bytes = 0;
    }

    private void Append(Slot slot, IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
        {
            _batches.Set(slot, batch);
            _bytes += batch.Bytes.Length;
            slot = slot.Next;
        }

        while (_bytes > bytesMax && _batches[First] is { } oldest)
        {
            _bytes -= oldest.Bytes.Length;
            _batches.DropBefore(First.Next);
        }
    }
}
