using System.Collections.Immutable;
using Netabase.Persistence.Rules;

namespace Netabase.Persistence.Memory;

internal sealed class MemorySnapshot(MemoryRecordStore store, MemoryState state, StoreLayout layout, long now) : IStoreSnapshot
{
    private MemoryState? _state = state;

    public static bool TryRead<TState>(MemoryTable table, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        if (table.Find(Payload.Copy(key)) is not { } row || !row.IsLive(now))
        {
            return false;
        }

        read(state, row.View([]));
        return true;
    }

    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(layout, model);
        return TryRead(Current().Tables[model], key, now, state, read);
    }

    public int Scan<TState>(in StoreQuery query, TState state, RowVisitor<TState> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var visited = 0;
        var walk = new Walk(Order(query), query, now);
        while (walk.Next(out var entry))
        {
            visited++;
            if (!visit(state, entry.Row!.View(query.Index is null ? [] : entry.First.Span)))
            {
                break;
            }
        }

        return visited;
    }

    public long Count(in StoreQuery query)
    {
        var count = 0L;
        var walk = new Walk(Order(query), query, now);
        while (walk.Next(out _))
        {
            count++;
        }

        return count;
    }

    public Payload? ReadMark(string name)
    {
        BatchRules.CheckMarkName(name);
        return Current().Marks.TryGetValue(name, out var value) ? value : null;
    }

    public void Dispose()
    {
        if (_state is not null)
        {
            _state = null;
            store.Release();
        }
    }

    private ImmutableSortedSet<MemoryEntry> Order(in StoreQuery query)
    {
        var place = QueryRules.PlaceOf(layout, query);
        var table = Current().Tables[query.Model];
        return place < 0 ? table.Rows : table.Indexes[place];
    }

    private MemoryState Current() => _state ?? throw new ObjectDisposedException(nameof(IStoreSnapshot));

    /// <summary>Goes through the visible entries of a query, offset and limit applied.</summary>
    private ref struct Walk
    {
        private readonly ImmutableSortedSet<MemoryEntry> _order;
        private readonly bool _withTombstones;
        private readonly int _step;
        private readonly long _now;
        private int _place;
        private int _left;
        private int _offset;
        private int _limit;

        public Walk(ImmutableSortedSet<MemoryEntry> order, in StoreQuery query, long now)
        {
            var (start, end) = MemoryTable.Bounds(order, query);
            _order = order;
            _withTombstones = query.WithTombstones;
            _step = query.IsDescending ? -1 : 1;
            _place = query.IsDescending ? end - 1 : start;
            _left = end - start;
            _offset = query.Offset;
            _limit = query.Limit ?? int.MaxValue;
            _now = now;
        }

        public bool Next(out MemoryEntry entry)
        {
            while (_left > 0 && _limit > 0)
            {
                entry = _order[_place];
                _place += _step;
                _left--;
                var row = entry.Row!;
                if (row.IsExpired(_now) || (row.State == RowState.Tombstone && !_withTombstones))
                {
                    continue;
                }

                if (_offset > 0)
                {
                    _offset--;
                    continue;
                }

                _limit--;
                return true;
            }

            entry = default;
            return false;
        }
    }
}
