using System.Globalization;
using Netabase;
using Netabase.Persistence;
using Netabase.Persistence.RocksDb;
using Netabase.Persistence.Sqlite;
using Netabase.StoreWriter;

// Writes until it is killed, and says each write that was acknowledged: "writer step". Arguments: backend, folder, round.
var (name, path, round) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
IRecordStoreBackend backend = name == "sqlite"
    ? new SqliteBackend(new SqliteStoreOptions(CacheKiB: 2048, CheckpointPages: 50, LogBytesMax: 1 << 20, IdleReadersMax: 2, CheckedAtOpenBytesMax: 0))
    : new RocksDbBackend(new RocksDbStoreOptions(CacheBytes: 4 << 20, WriteBufferBytes: 256 << 10));
using var folder = DataFolder.Open(path, backend.Name);
await using var store = await backend.OpenAsync(
    folder, new StoreLayout([KillPlan.Layout.Schema]), new StoreLimits(66_560, 4, 64, TimeSpan.FromSeconds(5)), CancellationToken.None);
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
await Task.WhenAll(Enumerable.Range(0, KillPlan.Writers).Select(writer => Task.Run(() => WriteForeverAsync(writer))));

async Task WriteForeverAsync(int writer)
{
    for (var step = 0; ; step++)
    {
        var key = KillPlan.Key(round, writer, KillPlan.SlotOf(step));
        StoreWrite write = KillPlan.IsRemoval(step)
            ? new StoreWrite.Remove(0, key)
            : new StoreWrite.Put(0, key, KillPlan.Value(step), new RecordMetadata(new HybridTimestamp((ulong)step)), [KillPlan.IndexKey(step)]);
        var outcome = await store.CommitAsync([new StoreBatch([write], [])], 0, CancellationToken.None);
        if (outcome[0] is not BatchOutcome.Written)
        {
            throw new InvalidOperationException($"step {step} of writer {writer} was {outcome[0]}");
        }

        await output.WriteLineAsync($"{writer} {step}");
    }
}
