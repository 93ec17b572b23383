using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia;

public sealed class RoutingTableSpecs(ITestOutputHelper output)
{
    private const long Now = 1_000_000;

    [Fact]
    public void The_closest_are_those_that_sorting_everybody_would_give()
    {
        var random = SplitMix64.Seeded(output, 11);
        var table = Table(random, out _);
        foreach (var peer in Peers.Many(random, 2000))
        {
            table.Offer(peer, Now);
        }

        for (var i = 0; i < 200; i++)
        {
            var target = KademliaKey.Of(random.Bytes(34));
            var count = 1 + random.Below(40);
            var expected = table.Entries.Select(entry => entry.Peer).OrderBy(peer => peer.Key.DistanceTo(target)).Take(count);
            Assert.Equal(expected.Select(peer => peer.Id), table.Closest(target, count).Select(peer => peer.Id));
        }
    }

    [Fact]
    public void A_full_bucket_keeps_whom_it_knows_and_lets_newcomers_wait()
    {
        var random = SplitMix64.Seeded(output, 12);
        var table = Table(random, out var self);
        var far = InBucket(random, self, 0, 25);
        foreach (var peer in far[..20])
        {
            Assert.IsType<RoutingOutcome.Added>(table.Offer(peer, Now));
        }

        Assert.All(far[20..], peer => Assert.Equal(new RoutingOutcome.Waiting(null), table.Offer(peer, Now)));
        Assert.Equal(20, table.Count);
        Assert.All(far[20..], peer => Assert.Null(table.Find(peer.Id)));
    }

    [Fact]
    public void A_full_bucket_names_the_peer_it_has_not_heard_of_for_longest()
    {
        var random = SplitMix64.Seeded(output, 13);
        var table = Table(random, out var self);
        var far = InBucket(random, self, 0, 21);
        for (var i = 0; i < 20; i++)
        {
            table.Offer(far[i], Now + i);
        }

        table.Offer(far[0], Now + 100);
        var later = Now + 50 + Peers.Bounds.StaleAfter;
        var outcome = Assert.IsType<RoutingOutcome.Waiting>(table.Offer(far[20], later));
        Assert.Equal(far[1].Id, outcome.Check?.Id);
    }

    [Fact]
    public void The_newest_of_those_who_wait_replaces_one_that_failed()
    {
        var random = SplitMix64.Seeded(output, 14);
        var table = Table(random, out var self);
        var far = InBucket(random, self, 0, 22);
        Array.ForEach(far, peer => table.Offer(peer, Now));

        Assert.Equal(far[21].Id, table.Failed(far[3].Id, Now)?.Peer.Id);
        Assert.Equal(far[20].Id, table.Failed(far[4].Id, Now)?.Peer.Id);
        Assert.Null(table.Failed(far[5].Id, Now));
        Assert.Equal(19, table.Count);
    }

    [Fact]
    public void We_are_never_in_our_own_table()
    {
        var random = SplitMix64.Seeded(output, 15);
        var self = Peers.Random(random);
        var table = new RoutingTable(self.Key, Peers.Bounds);
        Assert.Equal(new RoutingOutcome.Refused(RoutingRefusal.Ourselves), table.Offer(self, Now));
    }

    [Fact]
    public void One_public_network_gets_three_places_and_two_in_a_bucket()
    {
        var random = SplitMix64.Seeded(output, 16);
        var table = Table(random, out var self);
        var bucket = new[] { 0, 0, 0, 1, 2 };
        var outcomes = bucket.Select((index, i) =>
        {
            var peer = InBucket(random, self, index, 1)[0];
            return table.Offer(peer with { Addresses = [Multiaddr.Parse($"/ip4/203.7.{i}.1/tcp/4001")] }, Now);
        }).ToList();

        Assert.IsType<RoutingOutcome.Added>(outcomes[0]);
        Assert.IsType<RoutingOutcome.Added>(outcomes[1]);
        Assert.Equal(new RoutingOutcome.Refused(RoutingRefusal.TooManyOfItsNetwork), outcomes[2]);
        Assert.IsType<RoutingOutcome.Added>(outcomes[3]);
        Assert.Equal(new RoutingOutcome.Refused(RoutingRefusal.TooManyOfItsNetwork), outcomes[4]);
    }

    [Theory]
    [InlineData("/ip4/192.168.1.{0}/tcp/4001")]
    [InlineData("/ip4/10.0.0.{0}/tcp/4001")]
    [InlineData("/ip4/127.0.0.{0}/tcp/4001")]
    [InlineData("/ip6/fd00::{0}/tcp/4001")]
    public void A_LAN_may_fill_the_table(string address)
    {
        var random = SplitMix64.Seeded(output, 17);
        var table = Table(random, out _);
        for (var i = 1; i <= 10; i++)
        {
            var peer = Peers.Random(random, string.Format(System.Globalization.CultureInfo.InvariantCulture, address, i));
            Assert.IsType<RoutingOutcome.Added>(table.Offer(peer, Now));
        }
    }

    [Fact]
    public void A_peer_leaves_with_its_last_address_only()
    {
        var random = SplitMix64.Seeded(output, 18);
        var table = Table(random, out _);
        var peer = Peers.Random(random, "/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/2");
        table.Offer(peer, Now);

        Assert.False(table.RemoveAddress(peer.Id, peer.Addresses[0], Now));
        Assert.Single(table.Find(peer.Id)!.Peer.Addresses);
        Assert.False(table.RemoveAddress(peer.Id, Multiaddr.Parse("/ip4/10.0.0.9/tcp/2"), Now));
        Assert.True(table.RemoveAddress(peer.Id, peer.Addresses[1], Now));
        Assert.Null(table.Find(peer.Id));
    }

    [Fact]
    public void The_network_counts_stay_right_through_any_sequence_of_arrivals_and_failures()
    {
        var random = SplitMix64.Seeded(output, 19);
        var table = Table(random, out _);
        var peers = Enumerable.Range(0, 300).Select(i => Peers.Random(random, $"/ip4/203.{i % 50}.0.1/tcp/1")).ToArray();
        for (var step = 0; step < 20_000; step++)
        {
            var peer = peers[random.Below(peers.Length)];
            switch (random.Below(4))
            {
                case 0: table.Failed(peer.Id, step); break;
                case 1: table.Remove(peer.Id, step); break;
                default: table.Offer(peer, step); break;
            }

            Assert.Equal(table.Count, table.OccupiedBuckets.Sum(bucket => table.Entries.Count(entry => entry.Bucket == bucket)));
            Assert.All(table.Entries.GroupBy(entry => entry.Group), group => Assert.InRange(group.Count(), 1, Peers.Bounds.PerNetworkMax));
        }
    }

    private static RoutingTable Table(SplitMix64 random, out KademliaPeer self)
    {
        self = Peers.Random(random);
        return new RoutingTable(self.Key, Peers.Bounds);
    }

    private static KademliaPeer[] InBucket(SplitMix64 random, KademliaPeer self, int bucket, int count)
    {
        var found = new List<KademliaPeer>();
        while (found.Count < count)
        {
            var peer = Peers.Random(random);
            if (self.Key.CommonPrefixLength(peer.Key) == bucket)
            {
                found.Add(peer);
            }
        }

        return [.. found];
    }
}
