using Akka.Configuration;
using Netabase.Actors.Kademlia;
using Netabase.Actors.Settings;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Wire;
using Netabase.Protocol.Records;
using Netabase.Transport;
using Netabase.Transport.Keys;
using Netabase.Transport.RequestResponse;

namespace Netabase.Actors.Specs.Network;

/// <summary>A peer that speaks the DHT's protocol and breaks its rules: nothing of what it brings is held, nothing of it is got.</summary>
public sealed class HostileSpecs : NetSpec
{
    private static readonly DhtProtocol Dht = new(NetabaseSettings.Create(Config.Empty).Kademlia);

    private readonly PrivateKey _key = PrivateKey.Generate();

    [Theory]
    [InlineData("a key of another record")]
    [InlineData("a value changed after it was signed")]
    [InlineData("a signature of somebody else")]
    [InlineData("a clock ten minutes ahead")]
    [InlineData("an expiry that has passed")]
    [InlineData("a life of a thousand years")]
    [InlineData("an unknown definition")]
    [InlineData("an unknown model")]
    [InlineData("no value of the model")]
    [InlineData("a removal")]
    [InlineData("no envelope at all")]
    public async Task A_put_that_does_not_hold_is_refused(string how)
    {
        var node = await JoinAsync();
        await using var client = await ConnectAsync(node);
        var failure = await Assert.ThrowsAnyAsync<TransportException>(async () => await PutAsync(client, node, Forged(how)));
        Assert.Equal(TransportError.StreamReset, failure.Error);
        Assert.Equal(0, await node.Node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));

        // The same peer's sound record is taken: it was not the peer that was refused.
        await PutAsync(client, node, Carried(Sound()));
        Assert.Equal("sound", (await node.Node.Records<Notes.Note>().GetAsync(Key(1)))!.Text);
    }

    [Fact]
    public async Task A_put_larger_than_a_packet_is_refused_by_its_length()
    {
        var node = await JoinAsync();
        await using var client = await ConnectAsync(node, packetMax: 1 << 20);
        var large = Sound() with { Value = ModelCodec.Encode(Note(1, text: new string('x', 100_000))) };
        await Assert.ThrowsAnyAsync<TransportException>(async () => await PutAsync(client, node, Carried(large)));
        Assert.Equal(0, await node.Node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
    }

    [Fact]
    public async Task An_older_version_does_not_take_the_place_of_a_newer_one_and_the_same_one_is_confirmed()
    {
        var node = await JoinAsync();
        await using var client = await ConnectAsync(node);
        var newer = Sound();
        await PutAsync(client, node, Carried(newer));
        await PutAsync(client, node, Carried(newer));
        var older = newer with { Clock = HybridTimestamp.Create(newer.Clock.Milliseconds - 1000, 0), Value = ModelCodec.Encode(Note(1, text: "older")) };
        await Assert.ThrowsAnyAsync<TransportException>(async () => await PutAsync(client, node, Carried(older)));
        Assert.Equal("sound", (await node.Node.Records<Notes.Note>().GetAsync(Key(1)))!.Text);
    }

    [Fact]
    public async Task A_forged_record_in_an_answer_is_as_if_the_peer_had_none()
    {
        var node = await JoinAsync();
        await using var liar = World.Join(_key);
        liar.Serve(Dht.Wire, (_, request, _) => ValueTask.FromResult<DhtReply?>(new DhtReply(KademliaCodec.EncodeAnswer(
            request,
            new KademliaAnswer([], request is KademliaRequest.GetValue ? Forged("a value changed after it was signed") : null, [])))));
        await liar.StartAsync();
        await liar.ConnectAsync(node.Address);
        await KnowAsync(1, node);
        Assert.Equal(1, Assert.IsType<GetResult<Notes.Note>.NotFound>(await node.Node.GetRecordAsync(Key(1))).PeersAsked);
    }

    [Fact]
    public async Task A_record_of_a_peer_moves_the_clock_on_so_that_what_is_put_next_is_newer()
    {
        var node = await JoinAsync();
        await using var client = await ConnectAsync(node);
        var ahead = Sound() with { Clock = HybridTimestamp.Create(DateTimeOffset.UtcNow.AddMinutes(4).ToUnixTimeMilliseconds(), 7) };
        await PutAsync(client, node, Carried(ahead));
        await node.Node.PutRecordAsync(Note(1, text: "mine"));
        var got = Assert.IsType<GetResult<Notes.Note>.Found>(await node.Node.GetRecordAsync(Key(1)));
        Assert.Equal("mine", got.Record.Text);
        Assert.True(got.Metadata.Clock > ahead.Clock);
    }

    [Fact]
    public async Task An_announcement_for_somebody_else_is_passed_over_and_of_ones_own_no_address_that_leads_astray_is_kept()
    {
        var node = await JoinAsync();
        await using var client = await ConnectAsync(node);
        using var other = PrivateKey.Generate();
        var key = Multihash.Sha256("something"u8).ToPayload();
        var own = Multiaddr.Parse("/ip4/203.0.113.7/tcp/4001");
        await client.TellAsync(node.Id, new KademliaRequest.AddProvider(key, [KademliaPeer.Of(other.PublicKey.PeerId, [own])]));
        await client.TellAsync(node.Id, new KademliaRequest.AddProvider(
            key,
            [
                KademliaPeer.Of(other.PublicKey.PeerId, [own]),
                KademliaPeer.Of(_key.PublicKey.PeerId, [Multiaddr.Parse("/ip4/0.0.0.0/tcp/4001"), own, own.WithPeer(other.PublicKey.PeerId)]),
            ]));
        await AwaitAssertAsync(
            async () =>
            {
                var request = new KademliaRequest.GetProviders(key);
                var provider = Assert.Single(Dht.Read(request, await client.SendAsync(node.Id, request)).Providers);
                Assert.Equal(_key.PublicKey.PeerId, provider.Id);
                Assert.Equal(own, Assert.Single(provider.Addresses));
            },
            Patience,
            TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task One_publisher_may_not_fill_what_is_held_for_others_and_the_others_still_find_room()
    {
        var node = await JoinAsync("netabase.kademlia.held.records-per-publisher-max = 2");
        await using var client = await ConnectAsync(node);
        for (var id = 1; id <= 4; id++)
        {
            var record = Carried(Sound(id));
            await (id <= 2 ? PutAsync(client, node, record) : Assert.ThrowsAnyAsync<TransportException>(async () => await PutAsync(client, node, record)));
        }

        Assert.Equal(2, await node.Node.Records<Notes.Note>().CountAsync(ModelQuery<Notes.Note>.All));
        var honest = await JoinAsync("", node);
        await KnowAsync(1, honest);
        Assert.IsType<PutResult.Replicated>(await honest.Node.PutRecordAsync(Note(9)));
    }

    [Fact]
    public async Task A_record_owned_by_its_publisher_is_not_taken_from_anybody_else()
    {
        var node = await CreateAsync(definitions: [Cards.Definition]);
        await node.Node.StartSwarmAsync();
        await using var client = await ConnectAsync(node);
        using var victim = PrivateKey.Generate();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var card = new Cards.Card { Title = "name", Text = "forged" };
        RecordEnvelope Under(PeerId owner) => new(
            RecordKey.Derive("cards", 1, ModelCodec.EncodePrimaryKey(card, owner).Span).Bytes,
            ModelCodec.Encode(card),
            _key.PublicKey.PeerId,
            HybridTimestamp.Create(now, 0),
            now + 3_600_000);
        await Assert.ThrowsAnyAsync<TransportException>(async () => await PutAsync(client, node, Carried(Under(victim.PublicKey.PeerId))));
        Assert.IsType<GetResult<Cards.Card>.NotFound>(await node.Node.GetRecordAsync(new Cards.Card.Key("name") { Publisher = victim.PublicKey.PeerId }));
        await PutAsync(client, node, Carried(Under(_key.PublicKey.PeerId)));
        Assert.NotNull((await node.Node.GetRecordAsync(new Cards.Card.Key("name") { Publisher = _key.PublicKey.PeerId })).Value);
    }

    protected override void AfterAll()
    {
        _key.Dispose();
        base.AfterAll();
    }

    private async Task<RequestClient<KademliaRequest, DhtReply>> ConnectAsync(NetNode node, int? packetMax = null)
    {
        var peer = World.Join(_key);
        await peer.StartAsync();
        await peer.ConnectAsync(node.Address);
        var wire = packetMax is { } max ? Dht.Wire with { MaxRequest = max } : Dht.Wire;
        return new RequestClient<KademliaRequest, DhtReply>(peer, wire, new RequestSettings { Attempts = 1 });
    }

    private static async Task PutAsync(RequestClient<KademliaRequest, DhtReply> client, NetNode node, CarriedRecord record)
    {
        var request = new KademliaRequest.PutValue(record);
        Dht.Read(request, await client.SendAsync(node.Id, request));
    }

    private RecordEnvelope Sound(int id = 1)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return new RecordEnvelope(KeyBytes(id), ModelCodec.Encode(Note(id, text: "sound")), _key.PublicKey.PeerId, HybridTimestamp.Create(now, 0), now + 3_600_000);
    }

    private CarriedRecord Carried(RecordEnvelope envelope) => new(envelope.Key, envelope.SealedBy(new RecordSigner(_key)).Encode());

    private CarriedRecord Forged(string how)
    {
        var sound = Sound();
        switch (how)
        {
            case "a key of another record":
                return Carried(sound with { Key = KeyBytes(2) });
            case "a value changed after it was signed":
                var changed = sound.SealedBy(new RecordSigner(_key)) with { Value = ModelCodec.Encode(Note(1, text: "forged")) };
                return new CarriedRecord(changed.Key, changed.Encode());
            case "a signature of somebody else":
                using (var other = PrivateKey.Generate())
                {
                    var stolen = sound.SealedBy(new RecordSigner(other)) with { Publisher = sound.Publisher };
                    return new CarriedRecord(stolen.Key, stolen.Encode());
                }

            case "a clock ten minutes ahead":
                return Carried(sound with { Clock = HybridTimestamp.Create(sound.Clock.Milliseconds + 600_000, 0) });
            case "an expiry that has passed":
                return Carried(sound with { ExpiresAt = sound.Clock.Milliseconds - 1 });
            case "a life of a thousand years":
                return Carried(sound with { ExpiresAt = sound.ExpiresAt + (1000L * 366 * 86_400_000) });
            case "an unknown definition":
                return Carried(sound with { Key = RecordKey.Derive("nobodys", 1, ModelCodec.EncodePrimaryKey(Note(1)).Span).Bytes });
            case "an unknown model":
                return Carried(sound with { Key = RecordKey.Derive("notes", 77, ModelCodec.EncodePrimaryKey(Note(1)).Span).Bytes });
            case "no value of the model":
                return Carried(sound with { Value = new Payload(new byte[] { 0xff, 0xff, 0xff }) });
            case "a removal":
                return Carried(sound with { Value = default, IsRemoval = true });
            default:
                return new CarriedRecord(sound.Key, new Payload("nothing of the kind"u8.ToArray()));
        }
    }

    private static Payload KeyBytes(int id) => RecordKey.Derive("notes", 1, ModelCodec.EncodePrimaryKey(Note(id)).Span).Bytes;
}
