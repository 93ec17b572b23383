using System.Globalization;
using Netabase.Persistence;
using Netabase.Persistence.RocksDb;
using Netabase.Persistence.Sqlite;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>
/// What a large table costs: the same queries of 10 and of 1,000 rows on a small and on a large table, where only the matches
/// may count, and what the process holds of each when it was opened and read.
/// </summary>
internal static class TableMeasure
{
    private const int KiB = 1024;
    private const int Body = 128;

    public static async Task RunAsync(bool isQuick)
    {
        var rounds = isQuick ? 5 : 9;
        foreach (var rows in new[] { 10_000, isQuick ? 100_000 : 1_000_000 })
        {
            await MeasureAsync(
                rows, rounds, new SqliteBackend(new SqliteStoreOptions(32 * KiB, 4000, 64 << 20, 8, 0, ChecksLarger: false)), path => new RawSqlite(Path.Combine(path, "raw.db")));
            await MeasureAsync(rows, rounds, new RocksDbBackend(new RocksDbStoreOptions(64 << 20, 64 << 20)), path => new RawRocksDb(Path.Combine(path, "raw.rocksdb")));
        }
    }

    private static async Task MeasureAsync(int rows, int rounds, IRecordStoreBackend backend, Func<string, IContestant> openRaw)
    {
        var path = Directory.CreateTempSubdirectory("netabase-table-").FullName;
        try
        {
            var data = Path.Combine(path, "data");
            await using (var filled = await OurStore.OpenAsync(backend, data))
            {
                await filled.FillAsync(Enumerable.Range(0, rows).Select(n => Notes.Of(n, rows, Body)));
            }

            var before = GC.GetTotalMemory(forceFullCollection: true);
            await using var ours = await OurStore.OpenAsync(backend, data);
            await using (var raw = openRaw(path))
            {
                await FillAsync(raw, rows);
                Measure(rows, rounds, ours, raw);
            }

            var held = GC.GetTotalMemory(forceFullCollection: true) - before;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ours.Name}, {rows:N0} rows: {held:N0} bytes held by the open store, {(double)held / rows:N3} a record"));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task FillAsync(IContestant raw, int rows)
    {
        const int Portion = 50_000;
        for (var at = 0; at < rows; at += Portion)
        {
            await raw.PutAsync([.. Enumerable.Range(at, Math.Min(Portion, rows - at)).Select(n => Notes.Of(n, rows, Body))], 5000);
        }
    }

    private static void Measure(int rows, int rounds, OurStore ours, IContestant raw)
    {
        foreach (var (name, isCrowd, size, operations) in new[] { ("10", false, Notes.GroupSize, 2000), ("1,000", true, Notes.CrowdSize, 40) })
        {
            var times = Rounds.Median([Repeat(ours, rows, isCrowd, size), Repeat(raw, rows, isCrowd, size)], rounds, operations);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"query of {name,5} rows, table of {rows,9:N0}: {ours.Name,-14} {times[0] / 1000,10:N1} us, {raw.Name} {times[1] / 1000,10:N1} us, {times[1] / times[0],5:N2}x"));
        }
    }

    private static Action<int> Repeat(IContestant contestant, int rows, bool isCrowd, int size)
    {
        var next = 0;
        return operations =>
        {
            for (var i = 0; i < operations; i++)
            {
                next = (next + 7919) & int.MaxValue;
                if (contestant.Query(isCrowd, next % (rows / size)) != size)
                {
                    throw new InvalidOperationException($"{contestant.Name} did not find what was asked");
                }
            }
        };
    }
}
