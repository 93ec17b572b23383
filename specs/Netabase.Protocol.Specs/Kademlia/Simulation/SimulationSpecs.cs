using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>The real tables, lookups, queries, judge, servers and schedules in a network that stands still. NETABASE_LONG=1 makes it 10,000 nodes.</summary>
public sealed class SimulationSpecs(ITestOutputHelper output)
{
    private static int Size => LongRun.Is ? 10_000 : 300;

    private static int Tries => LongRun.Is ? 1000 : 200;

    [Fact]
    public void What_an_operation_costs_grows_with_the_logarithm_of_the_network()
    {
        var random = SplitMix64.Seeded(output, 41);
        int[] sizes = LongRun.Is ? [100, 300, 1000, 3000, 10_000] : [100, 400];
        var points = sizes.Select(size => CostAt(SimulatedNetwork.Grown(random, SimulationRules.Default, size))).ToList();
        foreach (var point in points)
        {
            var bound = Math.Log2(point.Size) / Math.Log2(SimulationRules.K);
            output.WriteLine($"{point.Size} nodes: hops {point.Hops} against {bound:F2}; requests: lookup of k {point.LookupMessages}, get {point.GetMessages}, put {point.PutMessages}; get {point.GetMilliseconds} ms");
            Assert.True(point.Hops <= Math.Ceiling(bound), $"{point.Size} nodes: {point.Hops} hops, log2(n)/log2(k) = {bound:F2}");
        }

        Assert.StartsWith("<svg", CostPlot.Draw(points), StringComparison.Ordinal);
        if (LongRun.Is)
        {
            output.WriteLine(CostPlot.Write(points));
        }
    }

    [Fact]
    public void A_lookup_finds_the_true_neighbours()
    {
        var random = SplitMix64.Seeded(output, 42);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, Size);
        var missed = 0;
        for (var i = 0; i < 100; i++)
        {
            var key = new Payload(random.Bytes(32));
            var owner = network.Any();
            var query = network.Search(owner, key, network.Rules.Search);
            network.Run(owner, query);
            var target = KademliaKey.Of(key.Span);
            var truth = network.Nodes.Where(node => node != owner).Select(node => node.Self).OrderBy(peer => peer.Key.DistanceTo(target))
                .Take(SimulationRules.K).Select(peer => peer.Id).ToHashSet();
            missed += SimulationRules.K - query.Closest(SimulationRules.K).Count(peer => truth.Contains(peer.Id));
        }

        output.WriteLine($"{missed} of {100 * SimulationRules.K} neighbours missed");
        Assert.InRange(missed, 0, 20);
    }

    [Fact]
    public void What_is_put_anywhere_is_got_anywhere()
    {
        var random = SplitMix64.Seeded(output, 43);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, Size);
        var found = Enumerable.Range(0, Tries).Count(_ => PutAndGet(network));
        output.WriteLine($"{Size} nodes: {found} of {Tries} found");
        Assert.True(found >= Tries * 0.999, $"{found} of {Tries}");
    }

    [Fact]
    public void Requests_that_are_lost_cost_time_and_no_record()
    {
        var random = SplitMix64.Seeded(output, 44);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default with { Loss = 0.05 }, 200);
        var found = Enumerable.Range(0, 100).Count(_ => PutAndGet(network));
        output.WriteLine($"{found} of 100 found");
        Assert.Equal(100, found);
    }

    [Fact]
    public void Who_is_behind_a_NAT_puts_and_gets_and_is_in_nobodys_table()
    {
        var random = SplitMix64.Seeded(output, 45);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, 200, i => i % 3 == 0 ? Conduct.Client : Conduct.Honest);
        for (var i = 0; i < 50; i++)
        {
            var record = Record(network, network.Any(Conduct.Client));
            var reader = network.Any(Conduct.Client);
            network.Run(reader, network.PutOf(reader, record));
            var get = network.GetOf(network.Any(Conduct.Client), record.Key);
            network.Run(network.Any(Conduct.Client), get);
            Assert.Equal(record.Envelope, get.Best?.Envelope);
        }

        var clients = network.Nodes.Where(node => !node.IsServer).Select(node => node.Self.Id).ToHashSet();
        Assert.NotEmpty(clients);
        Assert.All(network.Nodes, node => Assert.DoesNotContain(node.Table.Entries, entry => clients.Contains(entry.Peer.Id)));
        Assert.All(network.Nodes.Where(node => !node.IsServer), node => Assert.Empty(node.Store));
    }

    [Fact]
    public void Providers_accumulate_across_all_who_were_told_with_their_addresses()
    {
        var random = SplitMix64.Seeded(output, 46);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, 200);
        var key = ProvidedKey.Of(SimulatedModels.KeyOf(random.Bytes(8)));
        var providers = Enumerable.Range(0, 5).Select(i => network.Nodes[i * 30]).ToList();
        foreach (var provider in providers)
        {
            var announce = network.Announce(provider, key);
            network.Run(provider, announce);
            Assert.True(announce.HasQuorum);
        }

        var reader = network.Nodes[^1];
        var query = new ProvidersQuery(key, network.Lookup(reader, key, network.Rules.Find), limit: 20);
        network.Run(reader, query);
        Assert.Equal(providers.Select(node => node.Self.Id.ToString()).Order(), query.Providers.Select(peer => peer.Id.ToString()).Order());
    }

    [Fact]
    public void A_quorum_get_returns_the_newest_and_repairs_those_who_hold_an_older_one_or_none()
    {
        var random = SplitMix64.Seeded(output, 47);
        var network = SimulatedNetwork.Grown(random, SimulationRules.Default, 200);
        var writer = network.Any();
        byte[] value = random.Bytes(40);
        var old = network.Seal(writer, value, SimulationRules.Hour);
        network.Run(writer, network.PutOf(writer, old));
        network.RunFor(1);
        var newest = network.Seal(writer, [.. value[..8], .. random.Bytes(40)], SimulationRules.Hour);
        var holders = network.Nodes.Where(node => node.Store.ContainsKey(old.Key)).ToList();
        holders[..5].ForEach(node => node.Plant(newest));

        var reader = network.Nodes.First(node => !node.Store.ContainsKey(old.Key));
        var get = network.GetOf(reader, old.Key, quorum: SimulationRules.K, network.Rules.Search);
        network.Run(reader, get);
        Assert.Equal(newest.Envelope, get.Best?.Envelope);
        Assert.Equal(
            holders[5..].Select(node => node.Self.Id.ToString()).Order(), get.Stale(caches: 0).Select(peer => peer.Id.ToString()).Order());

        network.Run(reader, new ReplicateQuery(get.Stale(caches: 1), new KademliaRequest.PutValue(get.Best!.Carried), network.Rules.Replicas));
        Assert.All(holders, node => Assert.Equal(newest.Envelope, node.Store[old.Key].Record.Envelope));
    }

    private static CostPoint CostAt(SimulatedNetwork network)
    {
        var (hops, lookups, gets, puts, times) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < (LongRun.Is ? 200 : 100); i++)
        {
            var searcher = network.Any();
            var search = network.Search(searcher, new Payload(network.Random.Bytes(32)), network.Rules.Search);
            lookups.Add(network.Run(searcher, search).Messages);
            hops.Add(search.Progress.Hops);

            var writer = network.Any();
            var record = Record(network, writer);
            puts.Add(network.Run(writer, network.PutOf(writer, record)).Messages);

            var reader = network.Any();
            var get = network.Run(reader, network.GetOf(reader, record.Key));
            gets.Add(get.Messages);
            times.Add(get.Took);
        }

        return new CostPoint(network.Nodes.Count, Median(hops), Median(lookups), Median(gets), Median(puts), Median(times));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static bool PutAndGet(SimulatedNetwork network)
    {
        var writer = network.Any();
        var record = Record(network, writer);
        network.Run(writer, network.PutOf(writer, record));
        var reader = network.Any();
        var get = network.GetOf(reader, record.Key);
        network.Run(reader, get);
        return get.Best?.Envelope == record.Envelope;
    }

    private static DhtRecord Record(SimulatedNetwork network, SimulatedNode publisher) =>
        network.Seal(publisher, network.Random.Bytes(64), 24 * SimulationRules.Hour);
}
