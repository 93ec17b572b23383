using Netabase.Persistence.Memory;
using Xunit.Abstractions;

namespace Netabase.Persistence.Specs.Contract;

public sealed class MemoryStoreSpecs(ITestOutputHelper output) : RecordStoreContract(output)
{
    protected override Task<IRecordStore> OpenAsync(StoreLayout layout, StoreLimits limits) =>
        Task.FromResult<IRecordStore>(new MemoryRecordStore(layout, limits, bytesMax: 1L << 30));
}
