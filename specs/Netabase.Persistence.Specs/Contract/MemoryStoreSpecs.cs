using Netabase.Persistence.Memory;

namespace Netabase.Persistence.Specs.Contract;

public sealed class MemoryStoreSpecs : RecordStoreContract
{
    protected override Task<IRecordStore> OpenAsync(StoreLayout layout, StoreLimits limits) =>
        Task.FromResult<IRecordStore>(new MemoryRecordStore(layout, limits, bytesMax: 1L << 30));
}
