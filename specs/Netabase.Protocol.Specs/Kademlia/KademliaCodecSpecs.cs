using System.Collections.Immutable;
using System.Text;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Wire;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>libp2p kad-dht, "RPC messages". The vectors are js-libp2p's fixtures (packages/kad-dht/test/fixtures), which go-libp2p made.</summary>
public sealed class KademliaCodecSpecs(ITestOutputHelper output)
{
    private static readonly KademliaWireBounds Bounds =
        new(MessageMax: 16 * 1024, PeerMax: 8 * 1024, PeersMax: 20, AddressesMax: 16, KeyMax: 1100, ProviderKeyMax: 80);

    private readonly KademliaCodec _codec = new(Bounds);

    [Fact]
    public void A_FIND_NODE_that_go_made_is_read() =>
        Assert.Equal(new KademliaRequest.FindNode(Text("/v/hello")), Request("080412082f762f68656c6c6f5000"));

    [Fact]
    public void A_PUT_VALUE_that_go_made_is_read_its_unknown_fields_passed_over()
    {
        var put = Assert.IsType<KademliaRequest.PutValue>(Request(
            "080012082f762f68656c6c6f1a350a082f762f68656c6c6f1205776f726c641a22122022b0a34f217fd364680657d82a17fb8468d28f16f60d77f7074a7e8a002c5a765000"));
        Assert.Equal(new CarriedRecord(Text("/v/hello"), Text("world")), put.Record);
    }

    [Fact]
    public void A_GET_VALUE_that_go_made_is_read() =>
        Assert.Equal(new KademliaRequest.GetValue(Text("/v/hello")), Request("080112082f762f68656c6c6f5000"));

    [Fact]
    public void An_ADD_PROVIDER_that_go_made_is_read_with_its_address()
    {
        var add = Assert.IsType<KademliaRequest.AddProvider>(Request(
            "080212221220d18f46f364ebeeec500929c72a4898feb2747730b129d970de15cf80626ebcbc"
            + "4a2e0a22122090c9620a79a8ba913d9f84394a32488494f98cf0ce4dddbb86cb44519970c4e01208047f00000106e4bb5000"));
        var provider = Assert.Single(add.Providers);
        Assert.Equal("122090c9620a79a8ba913d9f84394a32488494f98cf0ce4dddbb86cb44519970c4e0", provider.Id.Multihash.ToString());
        Assert.Equal(Multiaddr.Parse("/ip4/127.0.0.1/tcp/58555"), Assert.Single(provider.Addresses));
    }

    [Fact]
    public void Every_request_is_read_as_it_was_written()
    {
        var random = SplitMix64.Seeded(output, 81);
        foreach (var request in Requests(random))
        {
            var read = _codec.DecodeRequest(KademliaCodec.EncodeRequest(request).Span, out var fault);
            Assert.Null(fault);
            AssertSame(request, read!);
        }
    }

    [Fact]
    public void Every_answer_is_read_as_it_was_written()
    {
        var random = SplitMix64.Seeded(output, 82);
        foreach (var request in Requests(random))
        {
            var record = request is KademliaRequest.GetValue get ? new CarriedRecord(get.Key, new Payload(random.Bytes(100))) : null;
            var closer = request is KademliaRequest.FindNode or KademliaRequest.GetValue or KademliaRequest.GetProviders ? Some(random, 20) : [];
            var providers = request is KademliaRequest.GetProviders ? Some(random, 3) : [];
            var bytes = KademliaCodec.EncodeAnswer(request, new KademliaAnswer(closer, record, providers), receivedAt: 1_800_000_000_123);
            if (request is KademliaRequest.AddProvider)
            {
                Assert.True(bytes.IsEmpty);
                continue;
            }

            var read = _codec.DecodeAnswer(request, bytes.Span, out var fault);
            Assert.Null(fault);
            Assert.Equal(record, read!.Record);
            Assert.Equal<IEnumerable<PeerId>>(closer.Select(peer => peer.Id), read.Closer.Select(peer => peer.Id));
            Assert.Equal<IEnumerable<PeerId>>(providers.Select(peer => peer.Id), read.Providers.Select(peer => peer.Id));
            Assert.All(read.Closer, peer => Assert.Equal(2, peer.Addresses.Length));
        }
    }

    [Fact]
    public void A_record_says_when_it_was_received_as_RFC_3339_has_it()
    {
        var key = Text("/v/hello");
        var bytes = KademliaCodec.EncodeAnswer(
            new KademliaRequest.GetValue(key), new KademliaAnswer([], new CarriedRecord(key, Text("world")), []), receivedAt: 1_800_000_000_123);
        Assert.Contains("2027-01-15T08:00:00.123Z", Encoding.ASCII.GetString(bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_out_of_bounds_or_of_no_sense_is_a_typed_fault()
    {
        var random = SplitMix64.Seeded(output, 83);
        Faults(KademliaFaultKind.TooLarge, KademliaCodec.EncodeRequest(new KademliaRequest.FindNode(new Payload(random.Bytes(17_000)))));
        Faults(KademliaFaultKind.Malformed, new Payload(new byte[] { 0x0a }));
        Faults(KademliaFaultKind.Malformed, new Payload(new byte[] { 0x0a, 0x01, 0x01 }));
        Faults(KademliaFaultKind.UnknownType, new Payload(new byte[] { 0x08, 0x06 }));
        Faults(KademliaFaultKind.BadKey, new Payload(new byte[] { 0x08, 0x04 }));
        Faults(KademliaFaultKind.BadKey, KademliaCodec.EncodeRequest(new KademliaRequest.GetProviders(new Payload(random.Bytes(81)))));
        Faults(KademliaFaultKind.BadKey, KademliaCodec.EncodeRequest(new KademliaRequest.GetValue(new Payload(random.Bytes(1101)))));
        Faults(KademliaFaultKind.BadRecord, new Payload(Convert.FromHexString("12082f762f68656c6c6f")));
        Faults(KademliaFaultKind.BadRecord, new Payload(Convert.FromHexString("12082f762f68656c6c6f" + "1a060a0161120161")));
        Faults(KademliaFaultKind.BadKey, default);
    }

    [Fact]
    public void An_answer_to_something_else_is_a_typed_fault()
    {
        var get = new KademliaRequest.GetValue(Text("/v/hello"));
        _ = _codec.DecodeAnswer(get, KademliaCodec.EncodeRequest(new KademliaRequest.FindNode(get.Key)).Span, out var fault);
        Assert.Equal(KademliaFaultKind.WrongAnswer, fault?.Kind);
        var other = KademliaCodec.EncodeAnswer(get, new KademliaAnswer([], new CarriedRecord(Text("/v/other"), Text("world")), []));
        _ = _codec.DecodeAnswer(get, other.Span, out fault);
        Assert.Equal(KademliaFaultKind.BadRecord, fault?.Kind);

        var put = new KademliaRequest.PutValue(new CarriedRecord(get.Key, Text("world")));
        _ = _codec.DecodeAnswer(put, KademliaCodec.EncodeRequest(new KademliaRequest.PutValue(put.Record with { Value = Text("moon") })).Span, out fault);
        Assert.Equal(KademliaFaultKind.WrongAnswer, fault?.Kind);
    }

    [Fact]
    public void A_peer_or_address_of_a_foreign_form_is_passed_over_and_the_others_stay()
    {
        var random = SplitMix64.Seeded(output, 84);
        var sound = Peers.Random(random, "/ip4/10.0.0.1/tcp/1");
        byte[] id = [0x0a, (byte)sound.Id.Multihash.Length, .. sound.Id.Multihash.Span];
        byte[] unknownAddress = [.. id, 0x12, 0x03, 0xff, 0xff, 0x01, 0x12, 0x08, .. sound.Addresses[0].Bytes.Span];
        byte[] message =
        [
            0x08, 0x04, 0x12, 0x01, 0x61,
            0x42, 0x04, 0x0a, 0x02, 0x55, 0x55,
            0x42, (byte)unknownAddress.Length, .. unknownAddress,
        ];
        var read = _codec.DecodeAnswer(new KademliaRequest.FindNode(Text("a")), message, out _)!;
        Assert.Equal(sound.Id, Assert.Single(read.Closer).Id);
        Assert.True(sound.Addresses.SequenceEqual(Assert.Single(read.Closer).Addresses));
    }

    [Fact]
    public void More_peers_or_addresses_than_the_bound_are_passed_over()
    {
        var random = SplitMix64.Seeded(output, 85);
        var many = Some(random, 50).Select(peer => peer with { Addresses = [.. Enumerable.Range(1, 30).Select(i => Multiaddr.Parse($"/ip4/10.0.0.{i}/tcp/1"))] });
        var find = new KademliaRequest.FindNode(Text("a"));
        var bytes = KademliaCodec.EncodeAnswer(find, KademliaAnswer.Peers([.. many]));
        var read = new KademliaCodec(Bounds with { MessageMax = 1_000_000 }).DecodeAnswer(find, bytes.Span, out _)!;
        Assert.Equal(20, read.Closer.Length);
        Assert.All(read.Closer, peer => Assert.Equal(16, peer.Addresses.Length));
    }

    [Fact]
    public void Hostile_bytes_give_a_message_or_a_fault_and_never_an_exception()
    {
        var random = SplitMix64.Seeded(output, 86);
        var sound = Requests(random).Select(request => KademliaCodec.EncodeRequest(request).Span.ToArray()).ToList();
        sound.Add(KademliaCodec.EncodeAnswer(new KademliaRequest.GetProviders(Text("a")), new KademliaAnswer(Some(random, 5), null, Some(random, 2))).Span.ToArray());
        var get = new KademliaRequest.GetValue(Text("a"));
        for (var i = 0; i < Fuzz.Rounds(30_000); i++)
        {
            var bytes = Fuzz.Mutated(random, sound[random.Below(sound.Count)]);
            Assert.True(_codec.DecodeRequest(bytes, out var fault) is null == fault is not null);
            Assert.True(_codec.DecodeAnswer(get, bytes, out fault) is null == fault is not null);
        }
    }

    private static Payload Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static ImmutableArray<KademliaPeer> Some(SplitMix64 random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Peers.Random(random, "/ip4/10.0.0.1/tcp/4001", "/ip6/::1/udp/4001/quic-v1"))];

    private static IEnumerable<KademliaRequest> Requests(SplitMix64 random)
    {
        yield return new KademliaRequest.FindNode(Peers.Id(random).Multihash);
        yield return new KademliaRequest.GetValue(new Payload(random.Bytes(1100)));
        yield return new KademliaRequest.PutValue(new CarriedRecord(new Payload(random.Bytes(30)), new Payload(random.Bytes(2000))));
        yield return new KademliaRequest.GetProviders(new Payload(random.Bytes(34)));
        yield return new KademliaRequest.AddProvider(new Payload(random.Bytes(34)), Some(random, 1));
        yield return new KademliaRequest.Ping();
    }

    // Records compare their immutable arrays by reference.
    private static void AssertSame(KademliaRequest expected, KademliaRequest actual)
    {
        if (expected is KademliaRequest.AddProvider add)
        {
            var read = Assert.IsType<KademliaRequest.AddProvider>(actual);
            Assert.Equal(add.Key, read.Key);
            Assert.Equal(add.Providers[0].Id, Assert.Single(read.Providers).Id);
            Assert.True(add.Providers[0].Addresses.SequenceEqual(read.Providers[0].Addresses));
            return;
        }

        Assert.Equal(expected, actual);
    }

    private KademliaRequest? Request(string hexadecimal)
    {
        var read = _codec.DecodeRequest(Convert.FromHexString(hexadecimal), out var fault);
        Assert.Null(fault);
        return read;
    }

    private void Faults(KademliaFaultKind kind, Payload bytes)
    {
        Assert.Null(_codec.DecodeRequest(bytes.Span, out var fault));
        Assert.Equal(kind, fault?.Kind);
        Assert.NotEmpty(fault!.Detail);
    }
}
