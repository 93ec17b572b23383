using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>Peers for specs: ids of the form that Ed25519 keys give (an identity multihash of 36 bytes).</summary>
internal static class Peers
{
    public static PeerId Id(SplitMix64 random) =>
        PeerId.FromBytes([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, .. random.Bytes(32)]);

    public static KademliaPeer Random(SplitMix64 random, params string[] addresses) =>
        KademliaPeer.Of(Id(random), [.. addresses.Select(Multiaddr.Parse)]);

    public static ImmutableArray<KademliaPeer> Many(SplitMix64 random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Random(random))];

    public static RoutingBounds Bounds { get; } = new(
        BucketSize: 20, WaitingMax: 20, AddressesMax: 16, PerNetworkMax: 3, PerNetworkAndBucketMax: 2, StaleAfter: 600_000);
}
