using Netabase.Persistence.RocksDb.Engine;
using Netabase.Persistence.Rules;
using Netabase.Persistence.Writing;

namespace Netabase.Persistence.RocksDb;

/// <summary>A log-structured store: one RocksDB database for all models of a node, for writing much and reading by key.</summary>
public sealed class RocksDbRecordStore : QueuedRecordStore
{
    /// <summary>The database's folder in the data folder.</summary>
    public const string FolderName = "store.rocksdb";

    private readonly RocksDatabase _database;
    private readonly int[] _ids;
    private bool _isClosed;

    /// <summary>The store itself and every reader at work; the last one out closes the database, since native memory is no object that waits to be collected.</summary>
    private int _users = 1;

    private RocksDbRecordStore(RocksDatabase database, StoreLayout layout, StoreLimits limits, int[] ids)
        : base(layout, limits, new RocksWriter(database, layout, ids), database.Path)
    {
        _database = database;
        _ids = ids;
    }

    /// <summary>Opens the database in a data folder; blocks while it does.</summary>
    internal static RocksDbRecordStore Open(
        DataFolder folder, StoreLayout layout, StoreLimits limits, RocksDbStoreOptions options, CancellationToken cancellation)
    {
        var path = folder.PathOf(FolderName);
        var database = RocksDatabase.Open(path, folder.HasStore, options);
        try
        {
            var ids = new RocksSchema(database, layout).BringUp(cancellation);
            folder.ConfirmStore();
            return new RocksDbRecordStore(database, layout, limits, ids);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IStoreSnapshot OpenSnapshot(long now)
    {
        Enter();
        try
        {
            CountSnapshot();
        }
        catch
        {
            Leave();
            throw;
        }

        return new RocksSnapshot(this, _database, Layout, _ids, now);
    }

    /// <inheritdoc/>
    public override bool TryRead<TState>(int model, ReadOnlySpan<byte> key, long now, TState state, RowVisitor<TState> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        BatchRules.CheckModel(Layout, model);
        Enter();
        try
        {
            return new RocksReader(_database, _database.Newest, _ids).TryRead(model, key, now, state, read);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>A snapshot has ended.</summary>
    internal void Release()
    {
        UncountSnapshot();
        Leave();
    }

    /// <summary>The database closes when its last reader has left.</summary>
    protected override void Close()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            Leave();
        }
    }

    private void Enter()
    {
        for (var users = _users; !Volatile.Read(ref _isClosed) && users > 0; users = _users)
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
            {
                return;
            }
        }

        throw new StoreException(StoreError.Closed, $"{_database.Path} is closed");
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _database.Dispose();
        }
    }
}
