namespace Netabase.Persistence;

/// <summary>A kind of store with its own options already in it: the plug that a host chooses, by code or by configuration.</summary>
public interface IRecordStoreBackend
{
    /// <summary>The name in configuration and in the data folder: <c>sqlite</c>, <c>rocksdb</c> or <c>memory</c>.</summary>
    string Name { get; }

    /// <summary>Whether it keeps its data in a folder; without one it forgets everything when it is closed.</summary>
    bool IsPersistent { get; }

    /// <summary>
    /// Opens the store, creates it where there is none, and brings it up to the layout: a new model or field is taken in, a
    /// new secondary key is filled from the records that are there.
    /// </summary>
    /// <param name="folder">Where its data lie, held by the caller for as long as the store is open; null for a store that is not persistent.</param>
    /// <param name="layout">The models.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="cancellation">Gives up between two steps; what was begun is undone or finished at the next opening.</param>
    /// <exception cref="StoreException">Incompatible, damaged, busy, full, or unavailable.</exception>
    ValueTask<IRecordStore> OpenAsync(DataFolder? folder, StoreLayout layout, StoreLimits limits, CancellationToken cancellation);
}
