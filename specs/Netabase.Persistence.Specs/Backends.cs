using Netabase.Persistence.Memory;
using Netabase.Persistence.RocksDb;
using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;

namespace Netabase.Persistence.Specs;

/// <summary>The persistent backends by name, and a store with its folder.</summary>
internal static class Backends
{
    public static readonly TheoryData<string> Persistent = ["sqlite", "rocksdb"];

    public static readonly SqliteStoreOptions SqliteOptions = new(
        CacheKiB: 2048, CheckpointPages: 1000, LogBytesMax: 16 << 20, IdleReadersMax: 4, CheckedAtOpenBytesMax: 64 << 20);

    public static IRecordStoreBackend Of(string name) => name switch
    {
        "sqlite" => new SqliteBackend(SqliteOptions),
        "rocksdb" => new RocksDbBackend(new RocksDbStoreOptions(CacheBytes: 8 << 20, WriteBufferBytes: 4 << 20)),
        "memory" => new MemoryBackend(1 << 30),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    public static Task<OpenStore> OpenAsync(string backend, string path, StoreLayout? layout = null, StoreLimits? limits = null) =>
        OpenAsync(Of(backend), path, layout, limits);

    public static async Task<OpenStore> OpenAsync(IRecordStoreBackend backend, string path, StoreLayout? layout = null, StoreLimits? limits = null)
    {
        var folder = DataFolder.Open(path, backend.Name);
        try
        {
            return new OpenStore(folder, await backend.OpenAsync(folder, layout ?? Sample.Layout, limits ?? Sample.Limits, CancellationToken.None));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}

/// <summary>A store and the folder that it lies in.</summary>
internal sealed record OpenStore(DataFolder Folder, IRecordStore Store) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Folder.Dispose();
    }
}
