using Netabase.Persistence.Rules;

namespace Netabase.Persistence.Sqlite.Engine;

/// <summary>A pinned reader.</summary>
internal sealed class SqliteSnapshot(SqliteRecordStore store, SqliteReader reader, StoreLayout layout, long now) : IStoreSnapshot
{
    private SqliteReader? _reader = reader;

    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(layout, model);
        return Reader().TryRead(model, key, now, state, read);
    }

    public int Scan<TState>(in StoreQuery query, TState state, RowVisitor<TState> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        return Reader().Scan(query, QueryRules.PlaceOf(layout, query), now, state, visit);
    }

    public long Count(in StoreQuery query) => Reader().Count(query, QueryRules.PlaceOf(layout, query), now);

    public Payload? ReadMark(string name)
    {
        BatchRules.CheckMarkName(name);
        return Reader().ReadMark(name);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _reader, null) is { } reader)
        {
            reader.Unpin();
            store.Release(reader);
        }
    }

    private SqliteReader Reader() => _reader ?? throw new ObjectDisposedException(nameof(IStoreSnapshot));
}
