using Netabase.Protocol.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>Kademlia, section 2.1: the distance between two identifiers is their bitwise exclusive or, interpreted as an integer.</summary>
public sealed class KademliaKeySpecs(ITestOutputHelper output)
{
    [Fact]
    public void The_distance_is_zero_to_itself_alone_and_the_same_both_ways()
    {
        var random = SplitMix64.Seeded(output, 1);
        for (var i = 0; i < 1000; i++)
        {
            var a = KademliaKey.Of(random.Bytes(34));
            var b = KademliaKey.Of(random.Bytes(34));
            Assert.Equal(Distance.Zero, a.DistanceTo(a));
            Assert.True(a.DistanceTo(b) > Distance.Zero);
            Assert.Equal(a.DistanceTo(b), b.DistanceTo(a));
        }
    }

    [Fact]
    public void A_longer_common_prefix_is_nearer()
    {
        var random = SplitMix64.Seeded(output, 2);
        var self = KademliaKey.Of(random.Bytes(34));
        Distance? before = null;
        for (var bit = KademliaKey.Bits - 1; bit >= 0; bit--)
        {
            var other = self.InBucket(bit, random.Bytes(32));
            Assert.Equal(bit, self.CommonPrefixLength(other));
            Assert.True(before is null || self.DistanceTo(other) > before, $"bit {bit}");
            before = self.DistanceTo(other);
        }

        Assert.Equal(KademliaKey.Bits, self.CommonPrefixLength(self));
    }

    [Fact]
    public void Distances_order_as_256_bit_numbers()
    {
        var random = SplitMix64.Seeded(output, 3);
        var origin = KademliaKey.FromBytes(new byte[32]);
        var keys = Enumerable.Range(0, 500).Select(_ => random.Bytes(32)).ToList();
        var byNumber = keys.OrderBy(key => new System.Numerics.BigInteger(key, isUnsigned: true, isBigEndian: true));
        var byDistance = keys.OrderBy(key => KademliaKey.FromBytes(key).DistanceTo(origin));
        Assert.Equal(byNumber.Select(Convert.ToHexString), byDistance.Select(Convert.ToHexString));
    }
}
