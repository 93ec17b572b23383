using System.Collections.Immutable;

namespace Netabase.Persistence.Transactions;

/// <summary>Merges a snapshot's walk with a transaction's own records, and applies the query's offset and limit to what comes out.</summary>
internal sealed class OverlayWalk<TState>(
    StoreQuery query, OverlayWrites writes, ImmutableArray<OverlayEntry> own, TState state, RowVisitor<TState> visit)
{
    private int _next;
    private int _offset = query.Offset;

    /// <summary>Rows visited so far.</summary>
    public int Visited { get; private set; }

    /// <summary>Whether the limit is reached or the visitor has ended it.</summary>
    public bool IsOver { get; private set; } = query.Limit == 0;

    /// <summary>Takes the snapshot's next row, own records that come before it first.</summary>
    /// <returns>False when the walk is over.</returns>
    public bool OnRow(in StoreRow row)
    {
        while (!IsOver && _next < own.Length && ComesBefore(own[_next], row))
        {
            VisitOwn();
        }

        if (!IsOver && !writes.TryFind(row.Key, out _))
        {
            Visit(row);
        }

        return !IsOver;
    }

    /// <summary>Takes the own records behind the snapshot's last row.</summary>
    public void Finish()
    {
        while (!IsOver && _next < own.Length)
        {
            VisitOwn();
        }
    }

    private bool ComesBefore(OverlayEntry entry, in StoreRow row)
    {
        var order = entry.CompareTo(row.IndexKey, row.Key);
        return query.IsDescending ? order > 0 : order < 0;
    }

    private void VisitOwn()
    {
        var entry = own[_next++];
        Visit(OverlayWrites.View(entry.Put, entry.IndexKey.Span));
    }

    private void Visit(in StoreRow row)
    {
        if (_offset > 0)
        {
            _offset--;
            return;
        }

        Visited++;
        IsOver = !visit(state, row) || Visited == query.Limit;
    }
}
