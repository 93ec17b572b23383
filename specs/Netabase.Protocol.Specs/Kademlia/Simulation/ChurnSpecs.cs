using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>The same in a network whose nodes come and go, and in one of which a fifth lies. NETABASE_LONG=1 makes it 10,000 nodes and 48 hours.</summary>
public sealed class ChurnSpecs(ITestOutputHelper output)
{
    private const double ReplacedPerHour = 0.3;

    private static int Size => LongRun.Is ? 10_000 : 200;

    [Fact]
    public void Records_survive_days_in_which_a_third_of_all_nodes_is_replaced_every_hour()
    {
        var random = SplitMix64.Seeded(output, 51);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, Size);
        var records = Enumerable.Range(0, LongRun.Is ? 200 : 30).Select(_ => Put(network, 72 * SimulationRules.Hour)).ToList();
        network.Churn(ReplacedPerHour, _ => false);
        var hours = LongRun.Is ? 48 : 8;
        var (found, asked) = (0, 0);
        for (var hour = 0; hour < hours; hour++)
        {
            network.RunFor(SimulationRules.Hour);
            foreach (var _ in Enumerable.Range(0, LongRun.Is ? 50 : 20))
            {
                asked++;
                found += Gets(network, records[random.Below(records.Count)]) ? 1 : 0;
            }
        }

        var survived = records.Count(record => network.Nodes.Any(node => node.Store.ContainsKey(record.Key)));
        var readable = records.Count(record => Gets(network, record));
        var copies = records.Average(record => network.Nodes.Count(node => node.Store.ContainsKey(record.Key)));
        output.WriteLine($"{Size} nodes, {ReplacedPerHour:P0} replaced an hour: {found} of {asked} gets found; after {hours} h {survived} of {records.Count} records live, {readable} are found, {copies:F1} copies on average; {network.Messages} requests");
        Assert.True(found >= asked * 0.99, $"{found} of {asked}");
        Assert.Equal(records.Count, survived);
        Assert.True(readable >= records.Count * 0.99, $"{readable} of {records.Count}");
    }

    [Fact]
    public void What_was_just_put_is_got_while_nodes_come_and_go()
    {
        var random = SplitMix64.Seeded(output, 52);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, Size);
        network.Churn(ReplacedPerHour, _ => false);
        network.RunFor(SimulationRules.Hour);
        var (found, tries) = (0, LongRun.Is ? 1000 : 150);
        for (var i = 0; i < tries; i++)
        {
            var record = Put(network, SimulationRules.Hour);
            network.RunFor(10 * SimulationRules.Second);
            found += Gets(network, record) ? 1 : 0;
        }

        output.WriteLine($"{Size} nodes, {ReplacedPerHour:P0} replaced an hour: {found} of {tries} found");
        Assert.True(found >= tries * 0.99, $"{found} of {tries}");
    }

    [Fact]
    public void One_node_in_five_lying_hides_almost_nothing_and_forges_nothing()
    {
        var random = SplitMix64.Seeded(output, 53);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, Size, _ => !random.Chance(0.2)
            ? Conduct.Honest
            : random.Below(3) switch { 0 => Conduct.NamesStrangers, 1 => Conduct.Forges, _ => Conduct.Silent });
        var (found, forged, refused, tries) = (0, 0, 0, LongRun.Is ? 1000 : 200);
        for (var i = 0; i < tries; i++)
        {
            var record = Put(network, SimulationRules.Hour);
            var reader = network.Any();
            var get = network.GetOf(reader, record.Key);
            network.Run(reader, get);
            refused += get.Refused;
            found += get.Best?.Envelope == record.Envelope ? 1 : 0;
            forged += get.Best is { } best && best.Envelope != record.Envelope ? 1 : 0;
        }

        output.WriteLine($"{Size} nodes, {network.Nodes.Count(node => node.Conduct != Conduct.Honest)} of them hostile: {found} of {tries} found, {refused} forged records refused, {forged} taken");
        Assert.Equal(0, forged);
        Assert.True(refused > 0, "no liar was met");
        Assert.True(found >= tries * 0.95, $"{found} of {tries}");
    }

    private static DhtRecord Put(SimulatedNetwork network, long timeToLive)
    {
        var writer = network.Any();
        var record = network.Seal(writer, network.Random.Bytes(64), timeToLive);
        network.Run(writer, network.PutOf(writer, record));
        return record;
    }

    private static bool Gets(SimulatedNetwork network, DhtRecord record)
    {
        var reader = network.Any();
        var get = network.GetOf(reader, record.Key);
        network.Run(reader, get);
        return get.Best?.Envelope == record.Envelope;
    }
}

/// <summary>Whether this is a long run.</summary>
internal static class LongRun
{
    public static bool Is { get; } = Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";
}
