namespace Netabase.Packages.Specs;

/// <summary>The program of somebody who has read the README and nothing else.</summary>
internal static class ConsoleApp
{
    public const string Program = """
        using Akka.Configuration;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        using Netabase;
        using Netabase.Host;
        using Netabase.Persistence.RocksDb;

        await RunAsync("sqlite", async netabase =>
        {
            var notes = netabase.Records<Journal.Note>();
            var stored = await notes.PutManyAsync([.. Enumerable.Range(1, 25).Select(i => new Journal.Note { Number = i, Author = $"author {i % 5}", Text = $"note {i}" })]);
            Console.WriteLine(stored is PutResult.Stored ? "stored 25" : $"{stored}");

            var found = await netabase.GetRecordAsync(new Journal.Note.Key(7));
            Console.WriteLine($"found number {found.Value!.Number}");

            var byAuthor = await notes.QueryAsync(Journal.Note.Indexes.Author.EqualTo("author 3"));
            Console.WriteLine($"indexed {byAuthor.Length}");

            var pages = new List<int>();
            for (var page = 0; page < 3; page++)
            {
                pages.Add((await notes.QueryAsync(ModelQuery<Journal.Note>.All.Skip(page * 10).Take(10))).Length);
            }

            Console.WriteLine($"paged {string.Join(" then ", pages)}");
            await netabase.RemoveRecordAsync(new Journal.Note.Key(7));
            Console.WriteLine($"deleted, {await notes.CountAsync(ModelQuery<Journal.Note>.All)} left");
        });

        await RunAsync("rocksdb", async netabase =>
        {
            var put = await netabase.PutRecordLocallyAsync(new Journal.Note { Number = 1, Author = "ann", Text = "hello" });
            Console.WriteLine(put is PutResult.Stored ? "rocksdb stored" : $"{put}");
        });

        async Task RunAsync(string backend, Func<INetabase, Task> use)
        {
            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Services.AddNetabase(netabase =>
            {
                netabase.AddDefinition(Journal.Definition).AddBackend(new RocksDbPlug());
                netabase.DataPath = Path.Combine(args[0], backend);
                netabase.Configuration = ConfigurationFactory.ParseString($"akka.loglevel = WARNING\nnetabase.stores.backend = {backend}");
            });
            using var host = builder.Build();
            await host.StartAsync();
            await use(host.Services.GetRequiredService<INetabase>());
            await host.StopAsync();
        }

        [NetabaseDefinition("journal")]
        public static partial class Journal
        {
            [NetabaseModel(1)]
            public sealed partial record Note
            {
                [PrimaryKey(1)]   public required int Number { get; init; }
                [SecondaryKey(2)] public required string Author { get; init; }
                [Field(3)]        public required string Text { get; init; }
            }
        }
        """;
}
