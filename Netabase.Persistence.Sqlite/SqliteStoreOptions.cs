namespace Netabase.Persistence.Sqlite;

/// <summary>What can be tuned of the SQLite store. Durability cannot: every commit is synced (WAL, synchronous=FULL).</summary>
/// <param name="CacheKiB">The page cache of each connection, in KiB: one writes, and one reads for each reader at work.</param>
/// <param name="CheckpointPages">How many 4 KiB pages the write-ahead log gathers before a commit copies them into the database. More makes bursts cheaper and the log longer.</param>
/// <param name="LogBytesMax">To what size the write-ahead log is cut back after a checkpoint; when it is beyond, the writer waits a moment for the readers under way to begin it anew.</param>
/// <param name="IdleReadersMax">Read connections kept open while nobody reads.</param>
/// <param name="CheckedAtOpenBytesMax">A database of at most so many bytes is checked wholly, indexes against rows, when it is opened.</param>
/// <param name="ChecksLarger">Whether a larger one is checked while it is used, model by model, from its opening on; of one that is not, what is read.</param>
/// <param name="BytesMax">The most bytes of the database file, or null for what the disk has; more is <see cref="StoreError.Full"/>. Rounded up to pages of 4 KiB.</param>
public sealed record SqliteStoreOptions(
    int CacheKiB, int CheckpointPages, long LogBytesMax, int IdleReadersMax, long CheckedAtOpenBytesMax, bool ChecksLarger = true, long? BytesMax = null);
