using System.Diagnostics;
using System.Globalization;
using Netabase.Persistence.Memory;
using Netabase.Persistence.RocksDb;
using Netabase.Persistence.Sqlite;

namespace Netabase.Data.Benchmarks.Store;

/// <summary>Our stores against the databases under them, by hand: single gets, queries of 10 and 1000 rows, durable puts.</summary>
internal static class StoreMeasure
{
    private const int KiB = 1024;
    private const int SmallBody = 128;
    private const int Batch = 64;
    private const int Contestants = 5;

    public static async Task RunAsync(bool isQuick)
    {
        var rounds = isQuick ? 5 : 15;
        await MeasurePutsAsync(isQuick ? 3 : 9, isQuick ? 6_400 : 19_200);
        await MeasureReadsAsync("get, 1 KiB", 10_000, KiB, rounds, 20_000, static (one, n, rows) => one.Get(Notes.IdOf(n % rows)) is null ? 0 : 1, 1);
        foreach (var rows in new[] { 10_000, isQuick ? 100_000 : 1_000_000 })
        {
            await MeasureReadsAsync(
                Label("query of 10", rows), rows, SmallBody, rounds, 2_000, static (one, n, rows) => one.Query(false, n % (rows / Notes.GroupSize)), Notes.GroupSize,
                (Label("query of 1000", rows), 40, static (one, n, rows) => one.Query(true, n % (rows / Notes.CrowdSize)), Notes.CrowdSize));
        }
    }

    private static string Label(string what, int rows) => string.Create(CultureInfo.InvariantCulture, $"{what}, table of {rows:N0}");

    private static async Task<IContestant[]> OpenAsync(string path) =>
    [
        new RawSqlite(Path.Combine(path, "raw.db")),
        await OurStore.OpenAsync(new SqliteBackend(new SqliteStoreOptions(32 * KiB, 4000, 64 << 20, 8, 0)), Path.Combine(path, "sqlite")),
        new RawRocksDb(Path.Combine(path, "raw.rocksdb")),
        await OurStore.OpenAsync(new RocksDbBackend(new RocksDbStoreOptions(64 << 20, 64 << 20)), Path.Combine(path, "rocksdb")),
        await OurStore.OpenAsync(new MemoryBackend(4L << 30), path),
    ];

    private static async Task MeasureReadsAsync(
        string name, int rows, int bytes, int rounds, int operations, Func<IContestant, int, int, int> read, int expected,
        params (string Name, int Operations, Func<IContestant, int, int, int> Read, int Expected)[] more)
    {
        await UseAsync(async contestants =>
        {
            foreach (var contestant in contestants)
            {
                var notes = Enumerable.Range(0, rows).Select(n => Notes.Of(n, rows, bytes));
                await (contestant is OurStore ours ? ours.FillAsync(notes) : contestant.PutAsync([.. notes], 5000));
            }

            foreach (var measure in more.Prepend((name, operations, read, expected)))
            {
                Print(measure.Item1, contestants, Rounds.Median([.. contestants.Select(contestant => Repeat(contestant, rows, measure.Item3, measure.Item4))], rounds, measure.Item2));
            }
        });
    }

    private static Action<int> Repeat(IContestant contestant, int rows, Func<IContestant, int, int, int> read, int expected)
    {
        var next = 0;
        return operations =>
        {
            for (var i = 0; i < operations; i++)
            {
                next = (next + 7919) & int.MaxValue;
                if (read(contestant, next, rows) != expected)
                {
                    throw new InvalidOperationException($"{contestant.Name} did not find what was asked");
                }
            }
        };
    }

    private static Task MeasurePutsAsync(int rounds, int puts) => UseAsync(async contestants =>
    {
        var times = contestants.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round <= rounds; round++)
        {
            var notes = Enumerable.Range(round * puts, puts).Select(n => Notes.Of(n, 100_000, KiB)).ToList();
            for (var i = 0; i < contestants.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await contestants[i].PutAsync(notes, Batch);
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / puts);
            }
        }

        Print("durable put, 1 KiB, 64 at once", contestants, [.. times.Select(list => list.Skip(1).Order().ElementAt(rounds / 2))]);
    });

    private static async Task UseAsync(Func<IContestant[], Task> use)
    {
        var path = Directory.CreateTempSubdirectory("netabase-bench-").FullName;
        try
        {
            var contestants = await OpenAsync(path);
            await use(contestants);
            foreach (var contestant in contestants)
            {
                await contestant.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Each of ours against the raw one under it; memory, which has none, against raw SQLite.</summary>
    private static void Print(string name, IContestant[] contestants, double[] nanoseconds)
    {
        for (var i = 0; i < Contestants; i++)
        {
            var raw = nanoseconds[i is 2 or 3 ? 2 : 0];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-36} {contestants[i].Name,-26} {nanoseconds[i] / 1000,10:N2} us {raw / nanoseconds[i],6:N2}x"));
        }
    }
}
