namespace Netabase.Persistence.RocksDb;

/// <summary>What can be tuned of the RocksDB store. Durability cannot: every commit is synced.</summary>
/// <param name="CacheBytes">The block cache that all readers share.</param>
/// <param name="WriteBufferBytes">How much of each kind of data (rows, indexes, expiries) is gathered in memory before it is written as a sorted file.</param>
public sealed record RocksDbStoreOptions(long CacheBytes, long WriteBufferBytes);
