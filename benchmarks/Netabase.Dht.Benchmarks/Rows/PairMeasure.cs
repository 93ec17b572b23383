using System.Globalization;
using System.Text;
using Netabase.Dht.Benchmarks.Members;
using Netabase.Interop.Node;

namespace Netabase.Dht.Benchmarks.Rows;

/// <summary>
/// Two nodes, a process each, one connection with TCP, Noise and Yamux: gets of records of 1 KiB that only the other holds, 64 in flight;
/// then the same between two of js-libp2p, in turns.
/// </summary>
internal static class PairMeasure
{
    private const int Rounds = 5;
    private const int Keys = 200;
    private const int InFlight = 64;
    private const int OurGets = 20_000;
    private const int JsGets = 2_000;

    public static async Task RunAsync(Table table)
    {
        var node = await NodeRuntime.GetAsync();
        var folder = Directory.CreateTempSubdirectory("netabase-pair-");
        try
        {
            await using var holder = await Member.StartAsync(new MemberArguments(Path.Combine(folder.FullName, "holder"), 1, 1, NetworkMode.Server));
            await using var asker = await Member.StartAsync(new MemberArguments(Path.Combine(folder.FullName, "asker"), 1, 1, NetworkMode.Client, holder.Address));
            await asker.BootstrapAsync();
            await holder.PutsAsync(0, Keys);

            var options = new JsDhtOptions("/netabase-bench/kad/1.0.0", Server: true, ["netabase"]);
            await using var jsHolder = await JsPeer.StartAsync(node, JsPeerOptions.Default with { Dht = options });
            await using var jsAsker = await JsPeer.StartAsync(node, JsPeerOptions.Default with { Dht = options with { Server = false } });
            await jsAsker.CallAsync("dial", ("address", jsHolder.Addresses[0]));
            await jsAsker.TableAsync(1);
            var keys = await JsPutsAsync(jsHolder);

            var (ours, theirs) = (new List<double>(), new List<double>());
            await asker.GetsAsync(0, Keys, OurGets, InFlight);
            await jsAsker.MeasureGetsAsync(keys, JsGets, InFlight);
            for (var round = 0; round < Rounds; round++)
            {
                ours.Add(await asker.GetsAsync(0, Keys, OurGets, InFlight));
                theirs.Add(JsGets / (await jsAsker.MeasureGetsAsync(keys, JsGets, InFlight)).TotalSeconds);
            }

            table.Beside("remote gets, two nodes, one connection, 64 in flight", Samples.Median(ours), "/s", $"js-libp2p {Samples.Range(theirs, "/s")}");
            table.AtLeast("the same, ratio", Samples.Median(ours) / Samples.Median(theirs), 5, "x");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<byte[]>> JsPutsAsync(JsPeer holder)
    {
        var keys = new List<byte[]>();
        for (var number = 0; number < Keys; number++)
        {
            var key = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/netabase/record-{number}"));
            var value = new byte[MemberProgram.ValueSize];
            Random.Shared.NextBytes(value);
            await holder.PutAsync(key, value);
            keys.Add(key);
        }

        return keys;
    }
}
