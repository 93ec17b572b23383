using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>What a disk did to the files is told, and never served.</summary>
public sealed class DamageSpecs : IDisposable
{
    private const int Records = 400;

    private readonly TempFolder _temp = new();

    public static TheoryData<string> Persistent => Backends.Persistent;

    private string Database => Path.Combine(_temp["data"], SqliteRecordStore.FileName);

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(50_000)]
    public async Task A_truncated_database_is_damaged(int length)
    {
        await FillAsync("sqlite");
        using (var file = File.OpenWrite(Database))
        {
            file.SetLength(length);
        }

        Assert.Equal(StoreError.Damaged, await FindErrorAsync(new SqliteBackend(Backends.SqliteOptions)));
    }

    [Fact]
    public async Task A_database_that_is_gone_is_damaged_and_not_made_anew()
    {
        await FillAsync("sqlite");
        File.Delete(Database);
        Assert.Equal(StoreError.Damaged, await FindErrorAsync(new SqliteBackend(Backends.SqliteOptions)));

        Directory.Delete(_temp["data"], recursive: true);
        await FillAsync("rocksdb");
        Directory.Delete(Path.Combine(_temp["data"], "store.rocksdb"), recursive: true);
        Assert.Equal(StoreError.Damaged, await FindErrorAsync(Backends.Of("rocksdb")));
    }

    /// <summary>Without the check at opening, as with a database too large for it: every record is either right or told as damage.</summary>
    [Fact]
    public async Task A_database_whose_pages_were_overwritten_serves_nothing_that_was_not_written()
    {
        await FillAsync("sqlite");
        var whole = await File.ReadAllBytesAsync(Database);
        var random = new Random(1);
        var told = 0;
        for (var round = 0; round < 20; round++)
        {
            var broken = (byte[])whole.Clone();
            var at = random.Next(4096, broken.Length - 64);
            random.NextBytes(broken.AsSpan(at, 64));
            await File.WriteAllBytesAsync(Database, broken);
            told += await FindErrorAsync(new SqliteBackend(Backends.SqliteOptions with { CheckedAtOpenBytesMax = 0 })) switch
            {
                StoreError.Damaged => 1,
                null => 0,
                var other => throw new InvalidOperationException($"{other} at {at}"),
            };
        }

        Assert.InRange(told, 10, 20);
    }

    [Fact]
    public async Task A_small_database_is_checked_wholly_when_it_is_opened()
    {
        await FillAsync("sqlite");
        var bytes = await File.ReadAllBytesAsync(Database);
        var entry = bytes.AsSpan().LastIndexOf("author7"u8);
        bytes[entry] = (byte)'z';
        await File.WriteAllBytesAsync(Database, bytes);

        var refused = await Assert.ThrowsAsync<StoreException>(() => Backends.OpenAsync("sqlite", _temp["data"]));
        Assert.Equal(StoreError.Damaged, refused.Error);
    }

    [Fact]
    public async Task A_file_that_is_another_programs_database_is_damaged()
    {
        await FillAsync("sqlite");
        await File.WriteAllTextAsync(Database, new string('x', 20_000));
        Assert.Equal(StoreError.Damaged, await FindErrorAsync(new SqliteBackend(Backends.SqliteOptions)));
    }

    [Fact]
    public async Task Overwritten_and_truncated_files_of_RocksDB_are_damage()
    {
        await FillAsync("rocksdb");
        await (await Backends.OpenAsync("rocksdb", _temp["data"])).DisposeAsync();
        var whole = Directory.GetFiles(_temp["data"], "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
        Assert.Null(await FindErrorAsync(Backends.Of("rocksdb")));
        var tables = whole.Keys.Where(file => file.EndsWith(".sst", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(tables);
        foreach (var table in tables)
        {
            var broken = (byte[])whole[table].Clone();
            new Random(3).NextBytes(broken.AsSpan(0, Math.Min(broken.Length / 2, 2000)));
            await RestoreAsync(whole, table, broken);
            Assert.Equal(StoreError.Damaged, await FindErrorAsync(Backends.Of("rocksdb")));
            await RestoreAsync(whole, table, whole[table][..(whole[table].Length / 2)]);
            Assert.Equal(StoreError.Damaged, await FindErrorAsync(Backends.Of("rocksdb")));
        }
    }

    private async Task RestoreAsync(Dictionary<string, byte[]> whole, string but, byte[] content)
    {
        Directory.Delete(Path.Combine(_temp["data"], "store.rocksdb"), recursive: true);
        Directory.CreateDirectory(Path.Combine(_temp["data"], "store.rocksdb"));
        foreach (var (file, bytes) in whole)
        {
            await File.WriteAllBytesAsync(file, file == but ? content : bytes);
        }
    }

    private static StoreWrite.Put Record(int i) => PutMessage($"k{i:D4}", $"author{i % 10}", text: $"text {i} {new string('t', 200)}");

    private async Task FillAsync(string backend)
    {
        await using var open = await Backends.OpenAsync(backend, _temp["data"]);
        await open.Store.WriteAsync([.. Enumerable.Range(0, Records).Select(Record)]);
    }

    /// <summary>Reads everything in every way; what is served must be right, and the first error is the answer.</summary>
    private async Task<StoreError?> FindErrorAsync(IRecordStoreBackend backend)
    {
        try
        {
            await using var open = await Backends.OpenAsync(backend, _temp["data"]);
            for (var i = 0; i < Records; i++)
            {
                var seen = open.Store.Get(Message, $"k{i:D4}");
                Assert.True(seen is null || seen.Value == Record(i).Value);
            }

            foreach (var row in open.Store.All(new StoreQuery(Message, null, KeyRange.All)).Concat(open.Store.All(new StoreQuery(Message, ByAuthor, KeyRange.All))))
            {
                Assert.Equal(Record(int.Parse(Text(row.Key.Span)[1..], System.Globalization.CultureInfo.InvariantCulture)).Value, row.Value);
            }

            return null;
        }
        catch (StoreException told)
        {
            return told.Error;
        }
    }
}
