using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Specs.Network;

/// <summary>The DHT by opaque keys, for what other libp2p nodes keep in it.</summary>
public sealed class RawSpecs : NetSpec
{
    private static readonly Payload RawKey = Bytes("/raw/key");

    [Fact]
    public async Task A_value_is_held_here_and_at_peers_that_know_its_rules_and_the_better_one_stands()
    {
        var one = await RawAsync();
        var other = await RawAsync(one);
        await KnowAsync(1, one, other);
        Assert.Equal(1, await one.Node.PutRawAsync(RawKey, Bytes("a")));
        Assert.Equal(Bytes("a"), await other.Node.GetRawAsync(RawKey));
        Assert.Equal(1, await other.Node.PutRawAsync(RawKey, Bytes("b")));
        Assert.Equal(Bytes("b"), await one.Node.GetRawAsync(RawKey));
        await Assert.ThrowsAsync<ArgumentException>(async () => await one.Node.PutRawAsync(RawKey, Bytes("a")));

        var third = await RawAsync(one);
        await KnowAsync(1, third);
        Assert.Equal(Bytes("b"), await third.Node.GetRawAsync(RawKey));
        Assert.Null(await third.Node.GetRawAsync(Bytes("/raw/nothing")));
    }

    [Fact]
    public async Task A_peer_without_the_rules_holds_nothing_and_a_key_without_rules_or_of_a_model_is_refused()
    {
        var one = await RawAsync();
        var other = await JoinAsync("", one);
        await KnowAsync(1, one, other);
        Assert.Equal(0, await one.Node.PutRawAsync(RawKey, Bytes("a")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await one.Node.PutRawAsync(Bytes("/other/key"), Bytes("a")));
        var record = RecordKey.Derive("notes", 1, ModelCodec.Encode(Key(1)).Span).Bytes;
        await Assert.ThrowsAsync<ArgumentException>(async () => await one.Node.PutRawAsync(record, Bytes("a")));
    }

    [Fact]
    public async Task More_than_may_be_held_is_refused_with_the_setting()
    {
        var one = await RawAsync("netabase.kademlia.held.raw-records-max = 1");
        await one.Node.PutRawAsync(RawKey, Bytes("a"));
        var refused = await Assert.ThrowsAsync<NetabaseException>(async () => await one.Node.PutRawAsync(Bytes("/raw/two"), Bytes("a")));
        Assert.Contains("raw-records-max", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_found_nobody_is_given_to_the_first_peers_that_come()
    {
        var one = await RawAsync("netabase.kademlia.retry-interval = 200ms");
        Assert.Equal(0, await one.Node.PutRawAsync(RawKey, Bytes("a")));
        await using var events = one.Node.SubscribeToBroadcasts();
        var other = await RawAsync(one);
        await UntilAsync<QueryEvent.RecordReplicated>(events, replicated => replicated.Key == RawKey);
        await one.Node.StopSwarmAsync();
        Assert.Equal(Bytes("a"), await other.Node.GetRawAsync(RawKey));
    }

    [Fact]
    public async Task Providers_and_peers_are_found_with_their_addresses()
    {
        var nodes = await NetworkAsync(4);
        var key = Multihash.Sha256("a file"u8).ToPayload();
        Assert.IsType<ProvideResult.Announced>(await nodes[1].Node.StartProvidingRawAsync(key));
        var provider = Assert.Single(await nodes[3].Node.GetProvidersRawAsync(key));
        Assert.Equal((nodes[1].Id, false), (provider.Id, provider.Addresses.IsEmpty));
        Assert.True(await nodes[1].Node.StopProvidingRawAsync(key));
        Assert.False(await nodes[1].Node.StopProvidingRawAsync(key));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await nodes[1].Node.StartProvidingRawAsync(default));

        Assert.Equal(nodes[2].Id, (await nodes[3].Node.FindPeerAsync(nodes[2].Id))!.Id);
        var nearest = await nodes[3].Node.FindNearestAsync(key);
        Assert.Equal(3, nearest.Length);
        Assert.Equal(nearest.OrderBy(peer => peer.Key.DistanceTo(KademliaKey.Of(key.Span))).Select(peer => peer.Id), nearest.Select(peer => peer.Id));
        using var stranger = Transport.Keys.PrivateKey.Generate();
        Assert.Null(await nodes[3].Node.FindPeerAsync(stranger.PublicKey.PeerId));
    }

    private Task<NetNode> RawAsync(params NetNode[] bootstrap) => RawAsync("", bootstrap);

    private async Task<NetNode> RawAsync(string hocon, params NetNode[] bootstrap)
    {
        var node = await CreateAsync(hocon, bootstrap, validators: [new GreaterIsBetter()]);
        await node.Node.StartSwarmAsync();
        return node;
    }

    private static Payload Bytes(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private sealed class GreaterIsBetter : IRecordValidator
    {
        public bool Covers(ReadOnlySpan<byte> key) => key.StartsWith("/raw/"u8);

        public RecordJudgement Validate(Payload key, Payload value, long now) =>
            new RecordJudgement.Accepted(new DhtRecord(key, value, new RecordMetadata(HybridTimestamp.Zero)), RecordStanding.First);

        public int Compare(DhtRecord one, DhtRecord other) => one.Envelope.CompareTo(other.Envelope);
    }
}
