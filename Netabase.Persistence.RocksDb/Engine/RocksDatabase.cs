using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>The open database: its column families, and reads that look at pinned memory.</summary>
internal sealed class RocksDatabase : IDisposable
{
    private const string RowsName = "rows";
    private const string IndexName = "index";
    private const string ExpiryName = "expiry";
    private const string MetaName = "default";
    private const int BloomBitsPerKey = 10;

    private readonly RocksDbSharp.RocksDb _db;

    private RocksDatabase(RocksDbSharp.RocksDb db, string path)
    {
        _db = db;
        Path = path;
        Rows = db.GetColumnFamily(RowsName);
        Index = db.GetColumnFamily(IndexName);
        Expiry = db.GetColumnFamily(ExpiryName);
        Meta = db.GetColumnFamily(MetaName);
    }

    public string Path { get; }

    /// <summary>The rows by model and primary key.</summary>
    public ColumnFamilyHandle Rows { get; }

    /// <summary>The secondary keys; an entry's value is its row's expiry, so that a walk passes over what is expired without reading it.</summary>
    public ColumnFamilyHandle Index { get; }

    /// <summary>Rows by the time at which they end.</summary>
    public ColumnFamilyHandle Expiry { get; }

    /// <summary>The catalogue and the marks.</summary>
    public ColumnFamilyHandle Meta { get; }

    /// <summary>Reads on the newest state.</summary>
    public ReadOptions Newest { get; } = new ReadOptions().SetVerifyChecksums(true);

    /// <summary>A torn last record of the log is a crash and is cut off; any other damage in it is told (kTolerateCorruptedTailRecords).</summary>
    public static RocksDatabase Open(string path, bool isThere, RocksDbStoreOptions options)
    {
        var table = new BlockBasedTableOptions()
            .SetBlockCache(Cache.CreateLru((ulong)options.CacheBytes))
            .SetFilterPolicy(BloomFilterPolicy.Create(BloomBitsPerKey, use_block_based_builder: false));
        var family = new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(table)
            .SetWriteBufferSize((ulong)options.WriteBufferBytes);
        var database = new DbOptions()
            .SetCreateIfMissing(!isThere)
            .SetCreateMissingColumnFamilies(!isThere)
            .SetParanoidChecks(true)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            .SetRecycleLogFileNum(0)
            .SetKeepLogFileNum(2);
        var families = new ColumnFamilies { { RowsName, family }, { IndexName, family }, { ExpiryName, family }, { MetaName, family } };
        try
        {
            return new RocksDatabase(RocksDbSharp.RocksDb.Open(database, path, families), path);
        }
        catch (RocksDbException failure)
        {
            throw RocksFailure.Translate(failure, path);
        }
    }

    public Snapshot CreateSnapshot() => _db.CreateSnapshot();

    public void Write(WriteBatch batch, WriteOptions options)
    {
        try
        {
            _db.Write(batch, options);
        }
        catch (RocksDbException failure)
        {
            throw RocksFailure.Translate(failure, Path);
        }
    }

    public byte[]? ReadCopy(ColumnFamilyHandle family, ReadOnlySpan<byte> key, ReadOptions options)
    {
        using var pin = Pin(family, key, options);
        return pin.IsFound ? pin.Bytes.ToArray() : null;
    }

    /// <summary>Looks at a value where it lies; dispose it soon.</summary>
    public unsafe PinnedValue Pin(ColumnFamilyHandle family, ReadOnlySpan<byte> key, ReadOptions options)
    {
        fixed (byte* first = &MemoryMarshal.GetReference(key))
        {
            var slice = Native.Instance.rocksdb_get_pinned_cf(_db.Handle, options.Handle, family.Handle, first, (nuint)key.Length, out var error);
            return error == IntPtr.Zero ? new PinnedValue(slice) : throw RocksFailure.Translate(TakeText(error), Path);
        }
    }

    public Iterator Walk(ColumnFamilyHandle family, ReadOptions options) => _db.NewIterator(family, options);

    /// <summary>An iterator that is at its end may have stopped at damage.</summary>
    public void CheckEnd(Iterator iterator)
    {
        Native.Instance.rocksdb_iter_get_error(iterator.Handle, out var error);
        if (error != IntPtr.Zero)
        {
            throw RocksFailure.Translate(TakeText(error), Path);
        }
    }

    public void Dispose() => _db.Dispose();

    private static string TakeText(IntPtr error)
    {
        var text = Marshal.PtrToStringUTF8(error) ?? "unknown error";
        Native.Instance.rocksdb_free(error);
        return text;
    }

    /// <summary>A value in RocksDB's memory.</summary>
    internal readonly ref struct PinnedValue(IntPtr slice)
    {
        public bool IsFound => slice != IntPtr.Zero;

        public unsafe ReadOnlySpan<byte> Bytes
        {
            get
            {
                var bytes = Native.Instance.rocksdb_pinnableslice_value(slice, out var length);
                return new ReadOnlySpan<byte>((void*)bytes, checked((int)length));
            }
        }

        public void Dispose()
        {
            if (IsFound)
            {
                Native.Instance.rocksdb_pinnableslice_destroy(slice);
            }
        }
    }
}
