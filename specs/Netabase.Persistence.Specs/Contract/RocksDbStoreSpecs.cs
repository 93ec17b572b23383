using Netabase.Persistence.RocksDb;
using Xunit.Abstractions;

namespace Netabase.Persistence.Specs.Contract;

public sealed class RocksDbStoreSpecs(ITestOutputHelper output) : RecordStoreContract(output)
{
    public static readonly RocksDbBackend Backend = new(new RocksDbStoreOptions(CacheBytes: 32 << 20, WriteBufferBytes: 16 << 20));

    private readonly TempFolder _temp = new();
    private DataFolder? _folder;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder?.Dispose();
        _temp.Dispose();
    }

    protected override async Task<IRecordStore> OpenAsync(StoreLayout layout, StoreLimits limits)
    {
        _folder = DataFolder.Open(_temp["data"], Backend.Name);
        return await Backend.OpenAsync(_folder, layout, limits, CancellationToken.None);
    }
}
