namespace Netabase.Persistence.RocksDb;

/// <summary>The RocksDB store, chosen by <c>netabase.stores.backend = rocksdb</c> and tuned by <c>netabase.stores.rocksdb</c>.</summary>
public sealed class RocksDbPlug : IRecordStorePlug
{
    /// <inheritdoc/>
    public string Name => RocksDbBackend.StoreName;

    /// <summary>The embedded <c>HOCON/rocksdb.conf</c>.</summary>
    public string Reference { get; } = ReadReference();

    /// <inheritdoc/>
    public IRecordStoreBackend Create(IStoreSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return new RocksDbBackend(new RocksDbStoreOptions(
            section.Number("cache-bytes", 1 << 16, 1L << 40),
            section.Number("write-buffer-bytes", 1 << 16, 1L << 32)));
    }

    private static string ReadReference()
    {
        using var stream = typeof(RocksDbPlug).Assembly.GetManifestResourceStream("Netabase.rocksdb.conf")
            ?? throw new InvalidOperationException("Netabase.Persistence.RocksDb was built without its rocksdb.conf.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
