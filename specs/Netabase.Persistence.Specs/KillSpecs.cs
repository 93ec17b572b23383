using System.Diagnostics;
using System.Globalization;
using Netabase.Persistence.Specs.Contract;
using Netabase.StoreWriter;
using Xunit.Abstractions;

namespace Netabase.Persistence.Specs;

/// <summary>A process that writes is killed at a random moment; what it had acknowledged is there, with its index entries.</summary>
public sealed class KillSpecs(ITestOutputHelper output) : IDisposable
{
    private const int RoundsInTheTestRun = 3;
    private const int RoundsWhenLong = 200;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _temp = new();

    public static TheoryData<string> Persistent => Backends.Persistent;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task Every_acknowledged_write_survives_a_kill_at_any_moment(string backend)
    {
        var seed = Seeds.Take(output, 1, 1).Single();
        var random = new Random(seed);
        for (var round = 0; round < (Seeds.IsLong ? RoundsWhenLong : RoundsInTheTestRun); round++)
        {
            var acknowledged = await WriteUntilKilledAsync(backend, round, random.Next(1, 600));
            await using var open = await Backends.OpenAsync(backend, _temp["data"], new StoreLayout([KillPlan.Layout.Schema]));
            output.WriteLine($"round {round}: last steps {string.Join(' ', acknowledged)}");
            for (var writer = 0; writer < KillPlan.Writers; writer++)
            {
                CheckWriter(open.Store, round, writer, acknowledged[writer]);
            }

            CheckIndex(open.Store);
        }
    }

    /// <summary>A slot holds what its last acknowledged step left, or what the one step that was under way would leave.</summary>
    private static void CheckWriter(IRecordStore store, int round, int writer, int lastStep)
    {
        for (var slot = 0; slot < KillPlan.Slots; slot++)
        {
            var known = lastStep - ((((lastStep - slot) % KillPlan.Slots) + KillPlan.Slots) % KillPlan.Slots);
            var allowed = new List<int?> { After(known) };
            if (KillPlan.SlotOf(lastStep + 1) == slot)
            {
                allowed.Add(After(lastStep + 1));
            }

            var seen = store.Get(0, KillPlan.Key(round, writer, slot));
            int? step = seen is null ? null : KillPlan.StepOf(seen.Value.Span);
            Assert.True(allowed.Contains(step), $"round {round} writer {writer} slot {slot}: step {step}, acknowledged {lastStep}, allowed {string.Join(" or ", allowed)}");
            if (seen is not null)
            {
                Assert.Equal(KillPlan.Value(step!.Value), seen.Value);
            }
        }

        static int? After(int step) => step < 0 || KillPlan.IsRemoval(step) ? null : step;
    }

    private static void CheckIndex(IRecordStore store)
    {
        var rows = store.All(new StoreQuery(0, null, KeyRange.All));
        var entries = store.All(new StoreQuery(0, KillPlan.StoreLayoutParts.ByAuthor, KeyRange.All));
        Assert.Equal(
            rows.Select(row => (Author: KillPlan.IndexKey(KillPlan.StepOf(row.Value.Span)), row.Key)).Order(),
            entries.Select(entry => (Author: entry.IndexKey, entry.Key)));
    }

    private async Task<int[]> WriteUntilKilledAsync(string backend, int round, int lines)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", typeof(KillPlan).Assembly.Location, backend, _temp["data"], round.ToString(CultureInfo.InvariantCulture),
            },
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("the writer did not start");
        using var deadline = new CancellationTokenSource(Deadline);
        var last = Enumerable.Repeat(-1, KillPlan.Writers).ToArray();
        var seen = 0;
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
            {
                last[int.Parse(parts[0], CultureInfo.InvariantCulture)] = step;
            }

            if (++seen == lines)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(deadline.Token);
        Assert.True(seen >= lines, $"the writer ended by itself: {await errors}");
        return last;
    }
}
