using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Netabase;

/// <summary>
/// Collects the elements of a list while a record is read. A list that came in one piece ends in an array of exactly its
/// size; one that came in many grows by doubling, so that it costs no more than its bytes justify.
/// </summary>
public struct WireItems<T>
{
    private const int FirstCapacity = 4;

    private T[]? _items;
    private int _count;

    /// <summary>Room for so many elements more, counted as collected: as many as the reader has counted bytes for.</summary>
    public Span<T> Claim(int count)
    {
        var start = _count;
        _count = checked(start + count);
        if (_items is null)
        {
            _items = new T[count];
        }
        else if (_count > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(_count, Math.Min(_items.Length * 2, Array.MaxLength)));
        }

        return _items.AsSpan(start, count);
    }

    /// <summary>One element more.</summary>
    public void Add(T item)
    {
        var items = _items ??= new T[FirstCapacity];
        if (_count == items.Length)
        {
            Array.Resize(ref _items, Math.Max(FirstCapacity, items.Length * 2));
            items = _items;
        }

        items[_count++] = item;
    }

    /// <summary>The elements as an array of their number; the collector is not used afterwards.</summary>
    public readonly T[] ToArray() =>
        _items is null || _count == 0 ? [] : _count == _items.Length ? _items : _items.AsSpan(0, _count).ToArray();

    /// <summary>The elements as an immutable array; the collector is not used afterwards.</summary>
    public readonly ImmutableArray<T> ToImmutableArray() => ImmutableCollectionsMarshal.AsImmutableArray(ToArray());

    /// <summary>The elements as a list.</summary>
    public readonly List<T> ToList()
    {
        var list = new List<T>(_count);
        CollectionsMarshal.SetCount(list, _count);
        _items.AsSpan(0, _count).CopyTo(CollectionsMarshal.AsSpan(list));
        return list;
    }
}
