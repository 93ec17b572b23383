using System.Globalization;
using Netabase.Data.Benchmarks;
using Netabase.Dht.Benchmarks.Members;
using Netabase.Host;
using Netabase.Persistence;
using Netabase.Persistence.Sqlite;

namespace Netabase.Dht.Benchmarks.Rows;

/// <summary>A get of a record that is here: through the whole face of a node whose swarm is up, and from a store like its own, decoded alike, in turns.</summary>
internal static class LocalMeasure
{
    private const int Records = 5_000;
    private const int Gets = 50_000;
    private const int Turns = 9;

    public static async Task RunAsync(Table table)
    {
        var folder = Directory.CreateTempSubdirectory("netabase-local-");
        try
        {
            await using var nodes = new Nodes(new MemberArguments(folder.FullName, 1, 1, NetworkMode.Server));
            await nodes.StartAsync();
            using var data = DataFolder.Open(Path.Combine(folder.FullName, "bare"), "sqlite");
            var backend = new SqliteBackend(new SqliteStoreOptions(8192, 4000, 67108864, 8, 16777216, ChecksLarger: true, 0));
            await using var store = await backend.OpenAsync(
                data, StoreLayout.Of([KeyValue.Definition]), new StoreLimits(66_560, 64, 1024, TimeSpan.FromSeconds(5)), CancellationToken.None);
            var keys = await FillAsync(nodes[0], store);
            var times = Rounds.Median([count => Face(nodes[0], keys, count), count => Store(store, keys, count)], Turns, Gets);
            table.AtMost(
                "local-first get of a record that is here, through the whole face",
                times[0] / times[1],
                1.5,
                "of the store's time",
                $"{Table.Text(times[0] / 1000)} us; the store itself {Table.Text(times[1] / 1000)} us");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The same sealed records in both: what the DHT has published carries a signature, which every get hands out.</summary>
    private static async Task<List<KeyValue.Entry.Key>> FillAsync(INetabase node, IRecordStore store)
    {
        var keys = new List<KeyValue.Entry.Key>();
        for (var number = 0; number < Records; number++)
        {
            var value = new byte[MemberProgram.ValueSize];
            Random.Shared.NextBytes(value);
            var entry = new KeyValue.Entry { Name = string.Create(CultureInfo.InvariantCulture, $"record-{number}"), Value = new Payload(value) };
            var put = (PutResult.StoredLocally)await node.PutRecordAsync(entry);
            await store.CommitAsync([new StoreBatch([Row(entry, put.Metadata)], [])], 0, CancellationToken.None);
            keys.Add(new KeyValue.Entry.Key(entry.Name));
        }

        return keys;
    }

    private static StoreWrite.Put Row(KeyValue.Entry entry, RecordMetadata metadata)
    {
        var value = new System.Buffers.ArrayBufferWriter<byte>(MemberProgram.ValueSize + 64);
        KeyValue.Entry.Encode(entry, value);
        var key = new KeyWriter(stackalloc byte[128]);
        try
        {
            new KeyValue.Entry.Key(entry.Name).Encode(ref key);
            return new StoreWrite.Put(0, Payload.Copy(key.Written), new Payload(value.WrittenMemory), metadata, []);
        }
        finally
        {
            key.Dispose();
        }
    }

    private static void Face(INetabase node, List<KeyValue.Entry.Key> keys, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var got = node.GetRecordAsync(keys[Place(number, keys.Count)]).AsTask().GetAwaiter().GetResult();
            if (got is not GetResult<KeyValue.Entry>.Found { Source: RecordSource.Local })
            {
                throw new InvalidOperationException(got.ToString());
            }
        }
    }

    private static void Store(IRecordStore store, List<KeyValue.Entry.Key> keys, int count)
    {
        for (var number = 0; number < count; number++)
        {
            if (Get(store, keys[Place(number, keys.Count)]) is null)
            {
                throw new InvalidOperationException("A record is not in the store.");
            }
        }
    }

    private static KeyValue.Entry? Get(IRecordStore store, KeyValue.Entry.Key wanted)
    {
        var read = new Read();
        var key = new KeyWriter(stackalloc byte[128]);
        try
        {
            wanted.Encode(ref key);
            store.TryRead(0, key.Written, 0, read, Read.Visit);
            return read.Entry;
        }
        finally
        {
            key.Dispose();
        }
    }

    private static int Place(int number, int count) => (int)(number * 2_654_435_761L % count);

    private sealed class Read
    {
        public static readonly RowVisitor<Read> Visit = static (Read read, in StoreRow row) =>
        {
            read.Entry = KeyValue.Entry.Decode(row.Value);
            return true;
        };

        public KeyValue.Entry? Entry { get; private set; }
    }
}
