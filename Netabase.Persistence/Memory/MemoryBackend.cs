namespace Netabase.Persistence.Memory;

/// <summary>The store in memory as a plug.</summary>
/// <param name="bytesMax">The most bytes of keys, values and index keys together.</param>
public sealed class MemoryBackend(long bytesMax) : IRecordStoreBackend
{
    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool IsPersistent => false;

    /// <inheritdoc/>
    public ValueTask<IRecordStore> OpenAsync(DataFolder? folder, StoreLayout layout, StoreLimits limits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IRecordStore>(new MemoryRecordStore(layout, limits, bytesMax));
    }
}
