namespace Netabase.Persistence.RocksDb;

/// <summary>The RocksDB store as a plug.</summary>
/// <param name="options">Its tuning.</param>
public sealed class RocksDbBackend(RocksDbStoreOptions options) : IRecordStoreBackend
{
    internal const string StoreName = "rocksdb";

    /// <inheritdoc/>
    public string Name => StoreName;

    /// <inheritdoc/>
    public bool IsPersistent => true;

    /// <inheritdoc/>
    public ValueTask<IRecordStore> OpenAsync(DataFolder? folder, StoreLayout layout, StoreLimits limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(limits);
        return new(Task.Run<IRecordStore>(() => RocksDbRecordStore.Open(folder, layout, limits, options, cancellation), cancellation));
    }
}
