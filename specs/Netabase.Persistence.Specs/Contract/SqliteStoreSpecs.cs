using Netabase.Persistence.Sqlite;
using Xunit.Abstractions;

namespace Netabase.Persistence.Specs.Contract;

public sealed class SqliteStoreSpecs(ITestOutputHelper output) : RecordStoreContract(output)
{
    public static readonly SqliteBackend Backend = new(new SqliteStoreOptions(
        CacheKiB: 8192, CheckpointPages: 4000, LogBytesMax: 64 << 20, IdleReadersMax: 8, CheckedAtOpenBytesMax: 64 << 20));

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
