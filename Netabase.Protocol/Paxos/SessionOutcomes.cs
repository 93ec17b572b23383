namespace Netabase.Protocol.Paxos;

/// <summary>
/// What came of a session's commands, by sequence. Sequences come nearly in order and are forgotten from the lowest: both ends cost the same however many are
/// remembered, unlike in a sorted list.
/// </summary>
internal sealed class SessionOutcomes
{
    private const int SmallestCapacity = 4;

    private (ulong Sequence, Slot Slot, Payload Outcome)[] _items = [];
    private int _first;

    /// <summary>How many are remembered.</summary>
    public int Count { get; private set; }

    /// <summary>The lowest sequence; there is one.</summary>
    public ulong Lowest => _items[_first].Sequence;

    /// <summary>All of them, the lowest first.</summary>
    public ReadOnlySpan<(ulong Sequence, Slot Slot, Payload Outcome)> InOrder => _items.AsSpan(_first, Count);

    /// <summary>Looks one up.</summary>
    public bool TryGet(ulong sequence, out Slot slot, out Payload outcome)
    {
        var at = Find(sequence);
        (_, slot, outcome) = at >= 0 ? InOrder[at] : (0UL, Slot.None, Payload.Empty);
        return at >= 0;
    }

    /// <summary>Remembers one.</summary>
    /// <returns>Whether it is new; one that is there is left as it is.</returns>
    public bool TryAdd(ulong sequence, Slot slot, Payload outcome)
    {
        var at = Count == 0 || sequence > InOrder[^1].Sequence ? ~Count : Find(sequence);
        if (at >= 0)
        {
            return false;
        }

        MakeRoom();
        var place = _first + ~at;
        Array.Copy(_items, place, _items, place + 1, Count - ~at);
        _items[place] = (sequence, slot, outcome);
        Count++;
        return true;
    }

    /// <summary>Forgets the lowest.</summary>
    public void RemoveLowest()
    {
        _items[_first] = default;
        Count--;
        _first = Count == 0 ? 0 : _first + 1;
    }

    /// <summary>The place of a sequence, or the complement of where it would be.</summary>
    private int Find(ulong sequence)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            switch (InOrder[middle].Sequence.CompareTo(sequence))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }

    // What was forgotten in front makes the room, once it is as much as what is kept: each is moved once on average.
    private void MakeRoom()
    {
        if (_first + Count < _items.Length)
        {
            return;
        }

        var items = _first > Count ? _items : new (ulong, Slot, Payload)[Math.Max(SmallestCapacity, Count * 2)];
        InOrder.CopyTo(items);
        if (items == _items)
        {
            Array.Clear(items, Count, items.Length - Count);
        }

        (_items, _first) = (items, 0);
    }
}
