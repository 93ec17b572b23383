using System.Diagnostics;
using System.Diagnostics.Metrics;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host;

namespace Netabase.Data.Benchmarks.Face;

/// <summary>Durable puts and single gets through the face of a node in a real host, against raw SQLite on the same disk in the same turns.</summary>
internal static class FaceMeasure
{
    private const int Callers = 64;

    public static async Task RunAsync(bool isQuick)
    {
        var rounds = isQuick ? 3 : 9;
        var puts = isQuick ? 6_400 : 32_000;
        var folder = Directory.CreateTempSubdirectory("netabase-face-");
        try
        {
            using var host = Build(folder.FullName);
            await host.StartAsync();
            var node = host.Services.GetRequiredService<INetabase>();
            using var raw = new RawSqlite(folder.FullName);
            await PutsAsync(node, raw, rounds, puts);
            await GetsAsync(node, raw, rounds, isQuick ? 20_000 : 100_000);
            await host.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task PutsAsync(INetabase node, RawSqlite raw, int rounds, int puts)
    {
        var (ours, theirs, group) = (new List<double>(), new List<double>(), new List<double>());
        await OursAsync(node, puts / 4);
        Theirs(raw, puts / 4, Callers);
        for (var round = 0; round < rounds; round++)
        {
            var (rate, size) = await OursAsync(node, puts);
            ours.Add(rate);
            group.Add(size);
            theirs.Add(Theirs(raw, puts, Math.Max(1, (int)Math.Round(size))));
        }

        Console.WriteLine($"durable puts, 1 KiB, {Callers} callers, synchronous=FULL, median of {rounds} rounds:");
        Console.WriteLine($"  INetabase            {Median(ours),10:N0} puts/s (commits of {Median(group):N1} on average)");
        Console.WriteLine($"  raw, same batches    {Median(theirs),10:N0} puts/s");
        Console.WriteLine($"  ratio                {Median(ours) / Median(theirs),10:N2} (goal 0.85)");
    }

    private static async Task<(double Rate, double Group)> OursAsync(INetabase node, int puts)
    {
        var rows = Rows(puts);
        long commits = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "netabase.store.commit.size")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => Interlocked.Increment(ref commits));
        listener.Start();
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < puts)
            {
                if (await node.PutRecordLocallyAsync(rows[i]) is not PutResult.Stored)
                {
                    throw new InvalidOperationException("A put was not stored.");
                }
            }
        })));
        return (puts / Stopwatch.GetElapsedTime(start).TotalSeconds, (double)puts / commits);
    }

    private static double Theirs(RawSqlite raw, int puts, int batch)
    {
        var rows = Rows(puts);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < puts; i += batch)
        {
            raw.Put(rows.AsSpan(i, Math.Min(batch, puts - i)));
        }

        return puts / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task GetsAsync(INetabase node, RawSqlite raw, int rounds, int gets)
    {
        var rows = Rows(10_000);
        raw.Put(rows);
        await node.Records<Sample.Row>().PutManyAsync(rows);
        var times = Rounds.Median(
            [
                count => Get(count, id => node.GetRecordAsync(new Sample.Row.Key(id)).AsTask().GetAwaiter().GetResult().Value!),
                count => Get(count, raw.Get),
            ],
            rounds,
            gets);
        Console.WriteLine($"single get of 1 KiB among the above, decoded, median of {rounds} rounds:");
        Console.WriteLine($"  INetabase            {1e9 / times[0],10:N0} gets/s ({times[0] / 1000:N2} us)");
        Console.WriteLine($"  raw, same decode     {1e9 / times[1],10:N0} gets/s ({times[1] / 1000:N2} us)");
        Console.WriteLine($"  ratio                {times[1] / times[0],10:N2} (goal 0.9)");

        void Get(int count, Func<Guid, Sample.Row> get)
        {
            for (var i = 0; i < count; i++)
            {
                var row = rows[(int)(i * 2_654_435_761L % rows.Length)];
                if (get(row.Id).Id != row.Id)
                {
                    throw new InvalidOperationException("A get returned another record.");
                }
            }
        }
    }

    private static Sample.Row[] Rows(int count)
    {
        var rows = new Sample.Row[count];
        for (var i = 0; i < count; i++)
        {
            var body = new byte[1024];
            Random.Shared.NextBytes(body);
            rows[i] = new Sample.Row { Id = Guid.NewGuid(), Body = body };
        }

        return rows;
    }

    private static IHost Build(string folder)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(options =>
        {
            options.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
            options.DataPath = Path.Combine(folder, "node");
            options.AddDefinition(Sample.Definition);
        });
        return builder.Build();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
