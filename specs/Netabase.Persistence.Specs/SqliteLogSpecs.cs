using Netabase.Persistence.Specs.Contract;
using Netabase.Persistence.Sqlite;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>The write-ahead log does not grow without end, whoever reads.</summary>
public sealed class SqliteLogSpecs : IDisposable
{
    private const int LogBytesMax = 1 << 20;

    private readonly TempFolder _temp = new();

    private static SqliteStoreOptions Options => Backends.SqliteOptions with { CheckpointPages = 50, LogBytesMax = LogBytesMax };

    private long LogLength => new FileInfo(Path.Combine(_temp["data"], SqliteRecordStore.FileName + "-wal")).Length;

    public void Dispose() => _temp.Dispose();

    /// <summary>Pages that do not change are not written.</summary>
    private static string Text(int i) => new((char)('a' + (i % 26)), 30_000);

    /// <summary>Two readers hand over to each other, so that there is never a moment without one.</summary>
    [Fact]
    public async Task Reading_that_never_pauses_does_not_let_the_log_grow_beyond_its_bound_for_long()
    {
        await using var open = await Backends.OpenAsync(new SqliteBackend(Options), _temp["data"]);
        await open.Store.WriteAsync(PutMessage("k", "ada"));
        using var isOver = new CancellationTokenSource();
        var begun = new SemaphoreSlim(0);
        var readers = Task.Run(() =>
        {
            var current = open.Store.OpenSnapshot(0);
            while (!isOver.IsCancellationRequested)
            {
                current.Get(Message, Bytes("k"));
                var next = open.Store.OpenSnapshot(0);
                next.Get(Message, Bytes("k"));
                current.Dispose();
                current = next;
                begun.Release();
            }

            current.Dispose();
        });

        var longest = 0L;
        for (var i = 0; i < 400; i++)
        {
            await begun.WaitAsync(TimeSpan.FromSeconds(20));
            await open.Store.WriteAsync(PutMessage($"k{i % 7}", "ada", text: Text(i)));
            longest = Math.Max(longest, LogLength);
        }

        await isOver.CancelAsync();
        await readers.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.InRange(longest, LogBytesMax / 2, 4 * LogBytesMax);
    }

    [Fact]
    public async Task A_snapshot_that_stays_lets_the_log_grow_and_its_end_cuts_it_back()
    {
        await using var open = await Backends.OpenAsync(new SqliteBackend(Options), _temp["data"]);
        await open.Store.WriteAsync(PutMessage("k", "ada"));
        using (var snapshot = open.Store.OpenSnapshot(0))
        {
            for (var i = 0; i < 100; i++)
            {
                await open.Store.WriteAsync(PutMessage($"k{i % 7}", "bob", text: Text(i)));
            }

            Assert.True(LogLength > 2 * LogBytesMax, $"{LogLength}");
            Assert.Equal(1, snapshot.Count(new StoreQuery(Message, null, KeyRange.All)));
        }

        for (var i = 0; i < 100 && LogLength > LogBytesMax; i++)
        {
            await open.Store.WriteAsync(PutMessage($"k{i % 7}", "ada", text: Text(i)));
        }

        Assert.InRange(LogLength, 1, LogBytesMax);
    }
}
