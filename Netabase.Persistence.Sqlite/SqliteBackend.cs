namespace Netabase.Persistence.Sqlite;

/// <summary>The SQLite store as a plug.</summary>
/// <param name="options">Its tuning.</param>
public sealed class SqliteBackend(SqliteStoreOptions options) : IRecordStoreBackend
{
    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public bool IsPersistent => true;

    /// <inheritdoc/>
    public ValueTask<IRecordStore> OpenAsync(DataFolder? folder, StoreLayout layout, StoreLimits limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(limits);
        return new(Task.Run<IRecordStore>(() => SqliteRecordStore.Open(folder, layout, limits, options, cancellation), cancellation));
    }
}
