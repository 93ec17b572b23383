using Netabase.Persistence.Memory;
using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>No room: nothing is half-written, and later it works again.</summary>
public sealed class FullSpecs : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_full_SQLite_store_refuses_whole_batches_and_takes_again_what_fits()
    {
        var backend = new SqliteBackend(Backends.SqliteOptions with { BytesMax = 1 << 20 });
        await using var open = await Backends.OpenAsync(backend, _temp["data"]);
        await CheckAsync(open.Store);
    }

    [Fact]
    public async Task A_full_memory_store_does_the_same()
    {
        await using var store = new MemoryRecordStore(Layout, Limits, bytesMax: 1 << 20);
        await CheckAsync(store);
    }

    private static async Task CheckAsync(IRecordStore store)
    {
        var written = 0;
        var refused = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (; written < 1000; written++)
            {
                await store.WriteAsync(PutMessage($"k{written:D4}a", "ada", text: new string('x', 4000)), PutMessage($"k{written:D4}b", "ada", text: new string('x', 4000)));
            }
        });

        Assert.Equal(StoreError.Full, refused.Error);
        Assert.InRange(written, 20, 200);
        Assert.Equal(2 * written, store.Count(new StoreQuery(Message, null, KeyRange.All)));
        Assert.Equal(2 * written, store.Count(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
        Assert.NotNull(store.Get(Message, "k0000a"));

        await store.WriteAsync([.. Enumerable.Range(0, 10).Select(i => new StoreWrite.Remove(Message, Bytes($"k{i:D4}a")))]);
        await store.WriteAsync(PutMessage("again", "ada", text: new string('x', 4000)));
        Assert.NotNull(store.Get(Message, "again"));
        Assert.Equal((2 * written) - 9, store.Count(new StoreQuery(Message, ByAuthor, Exactly("ada"))));
    }
}
