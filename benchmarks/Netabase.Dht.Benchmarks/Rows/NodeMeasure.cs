using System.Globalization;
using Netabase.Dht.Benchmarks.Members;

namespace Netabase.Dht.Benchmarks.Rows;

/// <summary>The <c>netabase node</c> command: how long from its start to its word that it listens, and what it holds while nothing happens.</summary>
internal static class NodeMeasure
{
    private const int Starts = 9;
    private const int Idlers = 3;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Table table)
    {
        var folder = Directory.CreateTempSubdirectory("netabase-node-");
        try
        {
            var published = await CommandNode.PublishAsync(Path.Combine(folder.FullName, "program"));
            var (ours, built) = (new List<double>(), new List<double>());
            for (var number = 0; number < Starts; number++)
            {
                ours.Add(await StartAsync(published, Place(folder, "published", number)));
                built.Add(await StartAsync(CommandNode.Built, Place(folder, "built", number)));
            }

            table.AtMost(
                "start of a published node in an empty folder to listening, with the runtime's own start",
                Samples.Median(ours) / 1000,
                1,
                "s",
                $"as built, without `dotnet publish`: {Samples.Range(built, "ms")}");
            await MemoryAsync(table, folder, published);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> StartAsync(string program, string place)
    {
        await using var node = await CommandNode.StartAsync(program, place, MdnsMeasure.Service());
        return node.ListensAfter;
    }

    private static async Task MemoryAsync(Table table, DirectoryInfo folder, string published)
    {
        var (ours, built) = (new List<CommandNode>(), new List<CommandNode>());
        for (var number = 0; number < Idlers; number++)
        {
            ours.Add(await CommandNode.StartAsync(published, Place(folder, "idle", number), MdnsMeasure.Service()));
            built.Add(await CommandNode.StartAsync(CommandNode.Built, Place(folder, "idle-built", number), MdnsMeasure.Service()));
        }

        await Task.Delay(Settling);
        var (resident, beside) = (ours.Select(node => node.Resident()).ToList(), built.Select(node => node.Resident()).ToList());
        foreach (var node in ours.Concat(built))
        {
            await node.DisposeAsync();
        }

        table.AtMost($"resident memory of an idle published node, {Settling.TotalSeconds} s after its start", Samples.Median(resident), 80, "MiB", $"as built: {Samples.Range(beside, "MiB")}");
    }

    private static string Place(DirectoryInfo folder, string name, int number) =>
        Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
}
