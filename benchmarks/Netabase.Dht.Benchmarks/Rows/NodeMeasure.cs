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
            var (first, again) = (new List<double>(), new List<double>());
            for (var number = 0; number < Starts; number++)
            {
                var place = Path.Combine(folder.FullName, number.ToString(CultureInfo.InvariantCulture));
                first.Add(await StartAsync(place));
                again.Add(await StartAsync(place));
            }

            table.AtMost("start of a node in an empty folder to listening, with the runtime's own start", Samples.Median(first) / 1000, 1, "s", $"on its folder again {Samples.Range(again, "ms")}");
            await MemoryAsync(table, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> StartAsync(string place)
    {
        await using var node = await CommandNode.StartAsync(place, MdnsMeasure.Service());
        return node.ListensAfter;
    }

    private static async Task MemoryAsync(Table table, string folder)
    {
        var nodes = new List<CommandNode>();
        for (var number = 0; number < Idlers; number++)
        {
            nodes.Add(await CommandNode.StartAsync(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"idle-{number}")), MdnsMeasure.Service()));
        }

        await Task.Delay(Settling);
        var resident = nodes.Select(node => node.Resident()).ToList();
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        table.AtMost("resident memory of an idle node", Samples.Median(resident), 80, "MiB", $"{Samples.Range(resident, "MiB")} after {Settling.TotalSeconds} s");
    }
}
