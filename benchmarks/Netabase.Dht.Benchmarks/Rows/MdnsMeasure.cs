using System.Globalization;
using Netabase.Dht.Benchmarks.Members;

namespace Netabase.Dht.Benchmarks.Rows;

/// <summary>Two nodes on one network that know nothing of each other: how long from the second's word that it listens until it is connected.</summary>
internal static class MdnsMeasure
{
    private const int Meetings = 7;

    /// <summary>A name that no other run has.</summary>
    public static string Service() => string.Create(CultureInfo.InvariantCulture, $"_nb{Random.Shared.Next():x8}._udp.local");

    public static async Task RunAsync(Table table)
    {
        var folder = Directory.CreateTempSubdirectory("netabase-mdns-");
        try
        {
            var times = new List<double>();
            for (var number = 0; number < Meetings; number++)
            {
                var service = Service();
                string Place(string name) => Path.Combine(folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
                await using var first = await CommandNode.StartAsync(CommandNode.Built, Place("first"), service);
                await using var second = await CommandNode.StartAsync(CommandNode.Built, Place("second"), service, "--watch");
                times.Add(await second.SaysAsync("  connected ") - second.ListensAfter);
            }

            table.AtMost("mDNS: two nodes connected after the second listens", Samples.Median(times) / 1000, 2, "s", Samples.Range(times, "ms"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
