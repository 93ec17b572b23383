using Netabase.Persistence.Rules;
using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

internal sealed class RocksSnapshot : IStoreSnapshot
{
    private readonly RocksDbRecordStore _store;
    private readonly RocksDatabase _database;
    private readonly StoreLayout _layout;
    private readonly Snapshot _snapshot;
    private readonly ReadOptions _options;
    private readonly RocksReader _reader;
    private readonly long _now;
    private int _isDisposed;

    public RocksSnapshot(RocksDbRecordStore store, RocksDatabase database, StoreLayout layout, int[] ids, long now)
    {
        _store = store;
        _database = database;
        _layout = layout;
        _now = now;
        _snapshot = database.CreateSnapshot();
        _options = new ReadOptions().SetVerifyChecksums(true).SetSnapshot(_snapshot);
        _reader = new RocksReader(database, _options, ids);
    }

    public bool TryRead<TState>(int model, ReadOnlySpan<byte> key, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(_layout, model);
        return Reader().TryRead(model, key, _now, state, read);
    }

    public int Scan<TState>(in StoreQuery query, TState state, RowVisitor<TState> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        QueryRules.PlaceOf(_layout, query);
        return Reader().Scan(query, _now, state, visit);
    }

    public long Count(in StoreQuery query)
    {
        QueryRules.PlaceOf(_layout, query);
        return Reader().Count(query, _now);
    }

    public Payload? ReadMark(string name)
    {
        BatchRules.CheckMarkName(name);
        _ = Reader();
        return _database.ReadCopy(_database.Meta, RocksSchema.MarkKey(name), _options) is { } value ? new Payload(value) : null;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _snapshot.Dispose();
            GC.KeepAlive(_options);
            _store.Release();
        }
    }

    private RocksReader Reader() => _isDisposed == 0 ? _reader : throw new ObjectDisposedException(nameof(IStoreSnapshot));
}
