namespace Netabase.Protocol.Paxos;

/// <summary>Something for each slot of a moving stretch of the log: a place is found by a mask, and the array grows in powers of two.</summary>
internal sealed class SlotRing<T>
{
    private const int Most = 1 << 30;

    private T?[] _items;

    public SlotRing(Slot first, int capacity = 64)
    {
        First = first;
        _items = new T?[capacity];
    }

    /// <summary>The first slot of the stretch.</summary>
    public Slot First { get; private set; }

    /// <summary>After the last slot that was set.</summary>
    public Slot End { get; private set; }

    /// <summary>What is there; default when nothing is, or the slot lies outside.</summary>
    public T? this[Slot slot] => slot >= First && slot < End ? _items[Index(slot)] : default;

    /// <summary>Puts something at a slot not before <see cref="First"/>; how far after it, its owner bounds.</summary>
    public void Set(Slot slot, T item)
    {
        var distance = slot.Since(First);
        PaxosInvariantException.Demand(distance is >= 0 and < Most, "a slot lies where there is room for it");
        var needed = distance + 1;
        if (needed > _items.Length)
        {
            Grow(needed);
        }

        _items[Index(slot)] = item;
        End = Slot.Max(End, slot.Next);
    }

    /// <summary>Forgets everything before a slot.</summary>
    public void DropBefore(Slot slot)
    {
        if (slot <= First)
        {
            return;
        }

        var end = Slot.Min(slot, End);
        for (var at = First; at < end; at = at.Next)
        {
            _items[Index(at)] = default;
        }

        First = slot;
    }

    /// <summary>Forgets everything, and begins anew at a slot.</summary>
    public void Clear(Slot first)
    {
        Array.Clear(_items);
        First = first;
        End = Slot.None;
    }

    private int Index(Slot slot) => (int)(slot.Number & (ulong)(_items.Length - 1));

    private void Grow(long needed)
    {
        var old = _items;
        var size = old.Length;
        while (size < needed)
        {
            size *= 2;
        }

        _items = new T?[size];
        for (var at = First; at < End; at = at.Next)
        {
            _items[Index(at)] = old[(int)(at.Number & (ulong)(old.Length - 1))];
        }
    }
}
