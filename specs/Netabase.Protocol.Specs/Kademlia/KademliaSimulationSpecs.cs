using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>The real tables, lookups and queries in a simulated network. The run at 10,000 peers belongs to the long run.</summary>
public sealed class KademliaSimulationSpecs(ITestOutputHelper output)
{
    private static readonly LookupBounds Lookups = new(Parallelism: 10, Results: 20, CandidatesMax: 400, CloserMax: 20, PeerTimeout: 10_000);
    private static readonly ReplicateBounds Replicas = new(Replicas: 20, Quorum: 20, Parallelism: 10, PeerTimeout: 10_000);

    private static int Size => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1" ? 10_000 : 600;

    [Fact]
    public void A_lookup_finds_the_true_neighbours_in_about_log_n_over_log_k_hops()
    {
        var random = SplitMix64.Seeded(output, 31);
        var world = World(random, Size);
        var hops = new List<int>();
        for (var i = 0; i < 100; i++)
        {
            var key = new Payload(random.Bytes(32));
            var target = KademliaKey.Of(key.Span);
            var owner = world.All[random.Below(world.All.Count)];
            var query = world.Search(owner, key, target);
            world.Run(owner, query);
            hops.Add(query.Progress.Hops);

            var truth = world.All.Select(peer => peer.Self).Where(peer => peer.Id != owner.Self.Id)
                .OrderBy(peer => peer.Key.DistanceTo(target)).Take(20).Select(peer => peer.Id).ToHashSet();
            Assert.True(query.Closest(20).Count(peer => truth.Contains(peer.Id)) >= 19, $"lookup {i}");
        }

        hops.Sort();
        var bound = Math.Log2(Size) / Math.Log2(20);
        output.WriteLine($"{Size} peers: median hops {hops[hops.Count / 2]}, most {hops[^1]}, log2(n)/log2(k) = {bound:F2}");
        Assert.True(hops[hops.Count / 2] <= Math.Ceiling(bound) + 1);
    }

    [Fact]
    public void What_is_put_anywhere_is_got_anywhere()
    {
        var random = SplitMix64.Seeded(output, 32);
        var world = World(random, Size);
        for (var i = 0; i < 50; i++)
        {
            var record = Put(world, random, world.All[random.Below(world.All.Count)], out var put);
            Assert.Equal(20, put.Stored);
            var reader = world.All[random.Below(world.All.Count)];
            var get = new GetValueQuery(record.Key, world.Lookup(reader, KademliaKey.Of(record.Key.Span)), world.Judge, quorum: 1);
            world.Run(reader, get);
            Assert.Equal(record, get.Best);
        }
    }

    [Fact]
    public void One_peer_in_five_lying_or_silent_hides_almost_nothing()
    {
        var random = SplitMix64.Seeded(output, 33);
        var world = World(random, Size, () => !random.Chance(0.2) ? Behaviour.Honest : random.Chance(0.5) ? Behaviour.Lying : Behaviour.Silent);
        var honest = world.All.Where(peer => peer.Behaviour == Behaviour.Honest).ToList();
        var found = 0;
        const int Tries = 100;
        for (var i = 0; i < Tries; i++)
        {
            var record = Put(world, random, honest[random.Below(honest.Count)], out _);
            var reader = honest[random.Below(honest.Count)];
            var get = new GetValueQuery(record.Key, world.Lookup(reader, KademliaKey.Of(record.Key.Span)), world.Judge, quorum: 1);
            world.Run(reader, get);
            found += get.Best == record ? 1 : 0;
        }

        output.WriteLine($"{found} of {Tries} found");
        Assert.True(found >= 95, $"{found} of {Tries}");
    }

    [Fact]
    public void Providers_accumulate_across_all_who_were_told()
    {
        var random = SplitMix64.Seeded(output, 34);
        var world = World(random, 300);
        var key = new Payload(random.Bytes(34));
        var providers = Enumerable.Range(0, 5).Select(i => world.All[i * 50]).ToList();
        foreach (var provider in providers)
        {
            var announce = new ReplicateQuery(
                world.Search(provider, key, KademliaKey.Of(key.Span)), new KademliaRequest.AddProvider(key, []), Replicas);
            world.Run(provider, announce);
            Assert.True(announce.HasQuorum);
        }

        var reader = world.All[^1];
        var query = new ProvidersQuery(key, world.Lookup(reader, KademliaKey.Of(key.Span)), limit: 20);
        world.Run(reader, query);
        Assert.Equal(
            providers.Select(peer => peer.Self.Id.ToString()).Order(), query.Providers.Select(peer => peer.Id.ToString()).Order());
    }

    [Fact]
    public void A_quorum_get_returns_the_newest_and_names_those_who_hold_an_older_one()
    {
        var random = SplitMix64.Seeded(output, 35);
        var world = World(random, 300);
        var old = Put(world, random, world.All[0], out _);
        var newest = Record(world, [.. old.Content!.Value.Span[..8], .. random.Bytes(50)], world.All[0], old.Metadata.Clock.Milliseconds + 1);
        var holders = world.All.Where(peer => peer.Records.ContainsKey(old.Key)).ToList();
        foreach (var holder in holders.Take(5))
        {
            holder.Records[old.Key] = newest.Carried;
        }

        var reader = world.All[^1];
        var get = new GetValueQuery(old.Key, world.Lookup(reader, KademliaKey.Of(old.Key.Span)), world.Judge, quorum: 20);
        world.Run(reader, get);
        Assert.Equal(newest, get.Best);
        Assert.Equal(
            holders.Skip(5).Where(peer => peer != reader).Select(peer => peer.Self.Id.ToString()).Order(),
            get.Stale(caches: 0).Select(peer => peer.Id.ToString()).Order());
    }

    private static KademliaWorld World(SplitMix64 random, int size, Func<Behaviour>? behaviour = null)
    {
        var world = new KademliaWorld(random, Peers.Bounds, Lookups);
        for (var i = 0; i < size; i++)
        {
            world.Join(i < KademliaWorld.FirstPeers ? Behaviour.Honest : behaviour?.Invoke() ?? Behaviour.Honest);
        }

        return world;
    }

    private static DhtRecord Put(KademliaWorld world, SplitMix64 random, SimulatedPeer writer, out ReplicateQuery put)
    {
        var record = Record(world, random.Bytes(100), writer, 1000 + world.Now);
        var key = record.Key;
        put = new ReplicateQuery(world.Search(writer, key, KademliaKey.Of(key.Span)), new KademliaRequest.PutValue(record.Carried), Replicas);
        world.Run(writer, put);
        return record;
    }

    private static DhtRecord Record(KademliaWorld world, byte[] value, SimulatedPeer writer, long at) =>
        SimulatedModels.Seal(world.Signatures.SignerOf(writer.Self.Id), value, HybridTimestamp.Create(at, 0), at + 86_400_000);
}
