using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Records;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>libp2p kad-dht, the answering side; save before send.</summary>
public sealed class KademliaServerSpecs
{
    private const long Now = 1_800_000_000_000;
    private const long Hour = 3_600_000;

    private readonly SplitMix64 _random = new(91);
    private readonly SimulatedSignatures _signatures = new(3);
    private readonly RoutingTable _table;
    private readonly HeldLedger _ledger = new(new HoldingBounds(RecordsMax: 5, BytesMax: 2000, RecordsPerPublisherMax: 3, BytesPerPublisherMax: 1000));
    private readonly ProviderStore _providers = new(new ProviderBounds(PerKeyMax: 2, KeysMax: 3, AddressesMax: 2, TimeToLive: 48 * Hour, AddressesTimeToLive: 24 * Hour));
    private readonly KademliaServer _server;
    private readonly KademliaPeer _self;
    private readonly PeerId _asker;

    public KademliaServerSpecs()
    {
        _self = Peers.Random(_random, "/ip4/10.0.0.1/tcp/1");
        _asker = Peers.Id(_random);
        _table = new RoutingTable(_self.Key, Peers.Bounds);
        var judge = new RecordJudge([new NetabaseRecordValidator(new SimulatedModels(), _signatures, new RecordBounds(1000, Hour, 48 * Hour))]);
        _server = new KademliaServer(_self, _table, judge, _ledger, _providers, new ServerBounds(CloserPeers: 20, RequestsMax: 4, RequestsPerPeerMax: 2)) { IsServing = true };
    }

    [Fact]
    public void A_client_serves_nobody()
    {
        _server.IsServing = false;
        Refused(ServerRefusal.NotServing, Ask(1, new KademliaRequest.FindNode(_asker.Multihash)));
    }

    [Fact]
    public void It_names_the_nearest_it_knows_and_never_the_one_who_asks()
    {
        foreach (var peer in Peers.Many(_random, 100))
        {
            _table.Offer(peer, Now);
        }

        _table.Offer(KademliaPeer.Of(_asker, []), Now);
        var answer = Answered(Ask(1, new KademliaRequest.FindNode(_asker.Multihash)));
        Assert.Equal<IEnumerable<PeerId>>(_table.Closest(KademliaKey.Of(_asker), 20, _asker).Select(peer => peer.Id), answer.Closer.Select(peer => peer.Id));
        Assert.DoesNotContain(answer.Closer, peer => peer.Id == _asker);
        Assert.Equal(_self, Answered(Ask(2, new KademliaRequest.FindNode(_self.Id.Multihash))).Closer[0]);
    }

    [Fact]
    public void A_record_is_confirmed_after_it_is_on_disk_and_not_before()
    {
        var record = Record();
        Assert.Equal(new ServerEffect.Load(1, record.Key), Assert.Single(Ask(1, Put(record))));
        var save = Assert.IsType<ServerEffect.Save>(Assert.Single(_server.OnLoaded(1, null, Now)));
        Assert.Equal(record, save.Record);
        Assert.Null(save.Replaces);
        Assert.Equal(record.Metadata.ExpiresAt, save.HeldUntil);
        Assert.Equal(0, _ledger.Count);

        var effects = _server.OnSaved(1, SaveOutcome.Saved, Now);
        _ = Answered(effects);
        Assert.Equal(new ServerEffect.Held(record.Key), effects[1]);
        Assert.Equal(1, _ledger.Count);
        Assert.Equal(0, _server.UnderWay);
    }

    [Fact]
    public void A_save_that_was_overtaken_is_judged_once_more_against_what_stands_now()
    {
        var old = Record(at: Now);
        var newer = Record([.. old.Content!.Value.Span], at: Now + 1);
        Ask(1, Put(old));
        _server.OnLoaded(1, null, Now);
        Assert.IsType<ServerEffect.Load>(Assert.Single(_server.OnSaved(1, SaveOutcome.Overtaken, Now)));
        Refused(ServerRefusal.BadRecord, _server.OnLoaded(1, new HeldRecord(newer), Now));
        Assert.Equal(0, _server.UnderWay);
    }

    [Fact]
    public void What_the_store_does_not_write_is_never_confirmed()
    {
        Ask(1, Put(Record()));
        _server.OnLoaded(1, null, Now);
        Refused(ServerRefusal.StoreFailed, _server.OnSaved(1, SaveOutcome.Failed, Now));
        Assert.Equal(0, _ledger.Count);

        Ask(2, Put(Record()));
        Refused(ServerRefusal.StoreFailed, _server.OnGone(2));
        Assert.Empty(_server.OnLoaded(2, null, Now));
    }

    [Fact]
    public void A_record_that_breaks_the_rules_is_refused_and_its_place_is_free_again()
    {
        var record = Record();
        var forged = record.Carried with { Value = (record.Content! with { ExpiresAt = Now + Hour }).Encode() };
        Ask(1, new KademliaRequest.PutValue(forged));
        Refused(ServerRefusal.BadRecord, _server.OnLoaded(1, null, Now));
        Refused(ServerRefusal.BadRecord, Ask(2, new KademliaRequest.PutValue(new CarriedRecord(new Payload("/x/y"u8.ToArray()), record.Envelope))));
        Assert.Equal(0, _server.UnderWay);
    }

    [Fact]
    public void A_get_gives_the_record_and_neither_a_removed_an_expired_nor_an_unsealed_one()
    {
        var record = Record();
        Assert.Equal(record.Carried, Get(new HeldRecord(record)).Record);
        Assert.Null(Get(new HeldRecord(record, IsRemoval: true)).Record);
        Assert.Null(Get(null).Record);
        Assert.Null(Get(new HeldRecord(record with { Metadata = record.Metadata with { ExpiresAt = Now } })).Record);
        Assert.Null(Get(HeldRecord.OfRow(SimulatedModels.KeyOf(record.Content!.Value.Span), record.Content.Value, new RecordMetadata(record.Metadata.Clock), false)).Record);

        KademliaAnswer Get(HeldRecord? held)
        {
            Ask(1, new KademliaRequest.GetValue(record.Key));
            return Answered(_server.OnLoaded(1, held, Now));
        }
    }

    [Fact]
    public void What_is_held_for_others_has_a_bound_for_each_publisher_and_for_all()
    {
        var (ada, bob) = (_signatures.SignerOf(Peers.Id(_random)), _signatures.SignerOf(Peers.Id(_random)));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(Stores(Record(by: ada))));
        Assert.False(Stores(Record(by: ada)));
        Assert.True(Stores(Record(by: bob)));
        Assert.True(Stores(Record(by: bob)));
        Assert.False(Stores(Record(by: bob)));
        Assert.Equal(5, _ledger.Count);

        // Our own records are ours to hold.
        Assert.True(Stores(Record(by: _signatures.SignerOf(_self.Id))));
        Assert.Equal(5, _ledger.Count);
        Assert.Equal(5, _ledger.Expire(Now + (24 * Hour)));
        Assert.Equal(0, _ledger.Bytes);
        Assert.True(Stores(Record(by: ada)));
    }

    [Fact]
    public void Bytes_are_bounded_too_and_a_newer_version_takes_the_place_of_its_own()
    {
        var ada = _signatures.SignerOf(Peers.Id(_random));
        var value = _random.Bytes(700);
        Assert.True(Stores(Record(value, by: ada)));
        Assert.False(Stores(Record(_random.Bytes(400), by: ada)));
        Assert.True(Stores(Record(value, at: Now + 1, by: ada)));
        Assert.Equal(1, _ledger.Count);
    }

    [Fact]
    public void A_peer_has_a_bound_of_requests_under_way_and_all_have()
    {
        Ask(1, Put(Record()));
        Ask(2, Put(Record()));
        Refused(ServerRefusal.Busy, Ask(3, Put(Record())));
        var (second, third) = (Peers.Id(_random), Peers.Id(_random));
        Assert.IsType<ServerEffect.Load>(Assert.Single(_server.OnRequest(4, second, Put(Record()), Now)));
        Assert.IsType<ServerEffect.Load>(Assert.Single(_server.OnRequest(5, second, Put(Record()), Now)));
        Refused(ServerRefusal.Busy, _server.OnRequest(6, third, Put(Record()), Now));
        _server.OnGone(1);
        Assert.IsType<ServerEffect.Load>(Assert.Single(_server.OnRequest(7, third, Put(Record()), Now)));
    }

    [Fact]
    public void Who_is_nearer_than_k_others_holds_it_for_its_whole_time_and_the_rest_for_less()
    {
        Assert.Equal(Now + 800, ExpiryRules.HeldUntil(Now + 800, Now, nearer: 0, replicas: 20));
        Assert.Equal(Now + 800, ExpiryRules.HeldUntil(Now + 800, Now, nearer: 19, replicas: 20));
        Assert.Equal(Now + 400, ExpiryRules.HeldUntil(Now + 800, Now, nearer: 20, replicas: 20));
        Assert.Equal(Now + 100, ExpiryRules.HeldUntil(Now + 800, Now, nearer: 22, replicas: 20));
        Assert.Equal(Now, ExpiryRules.HeldUntil(Now + 800, Now, nearer: ExpiryRules.CountMax, replicas: 20));
    }

    [Fact]
    public void Nobody_announces_for_another_and_no_announcement_is_answered()
    {
        var key = new Payload(_random.Bytes(34));
        var other = Peers.Random(_random, "/ip4/10.0.0.2/tcp/1");
        Assert.Equal(new ServerEffect.Close(1), Assert.Single(Ask(1, new KademliaRequest.AddProvider(key, [other]))));
        Assert.Empty(Answered(Ask(2, new KademliaRequest.GetProviders(key))).Providers);

        var own = KademliaPeer.Of(_asker, other.Addresses);
        var effects = Ask(3, new KademliaRequest.AddProvider(key, [other, own]));
        Assert.True(effects.SequenceEqual([new ServerEffect.ProviderAdded(key, _asker), new ServerEffect.Close(3)]));
        Assert.Equal(new ServerEffect.Close(4), Assert.Single(Ask(4, new KademliaRequest.AddProvider(key, [own]))));
        var provider = Assert.Single(Answered(Ask(5, new KademliaRequest.GetProviders(key))).Providers);
        Assert.Equal(_asker, provider.Id);
        Assert.Equal(own.Addresses[0], Assert.Single(provider.Addresses));
    }

    [Fact]
    public void Providers_are_bounded_per_key_and_in_keys_and_their_time_passes()
    {
        var keys = Enumerable.Range(0, 4).Select(_ => new Payload(_random.Bytes(34))).ToArray();
        var peers = Enumerable.Range(0, 3).Select(_ => Peers.Random(_random, "/ip4/10.0.0.2/tcp/1", "/ip4/10.0.0.2/tcp/2", "/ip4/10.0.0.2/tcp/3")).ToArray();
        Assert.Equal(ProviderOutcome.Added, _providers.Add(keys[0], peers[0], Now));
        Assert.Equal(ProviderOutcome.Added, _providers.Add(keys[0], peers[1], Now + Hour));
        Assert.Equal(ProviderOutcome.PassedOver, _providers.Add(keys[0], peers[2], Now));
        Assert.Equal(ProviderOutcome.Renewed, _providers.Add(keys[0], peers[1], Now + Hour));
        Assert.Equal(ProviderOutcome.Added, _providers.Add(keys[1], peers[0], Now + Hour));
        Assert.Equal(ProviderOutcome.Added, _providers.Add(keys[2], peers[0], Now + Hour));
        Assert.Equal(ProviderOutcome.Full, _providers.Add(keys[3], peers[0], Now + Hour));
        Assert.Equal(3, _providers.Keys);

        Assert.All(_providers.Find(keys[0], Now + Hour), peer => Assert.Equal(2, peer.Addresses.Length));
        Assert.Equal([0, 2], _providers.Find(keys[0], Now + (24 * Hour)).Select(peer => peer.Addresses.Length));
        Assert.Equal(peers[1].Id, Assert.Single(_providers.Find(keys[0], Now + (48 * Hour))).Id);
        Assert.Equal(3, _providers.Expire(Now + (49 * Hour)));
        Assert.True(_providers.Add(keys[3], peers[0], Now) == ProviderOutcome.Added && _providers.Remove(keys[3], peers[0].Id));
        Assert.Equal(0, _providers.Keys);
    }

    private static KademliaRequest.PutValue Put(DhtRecord record) => new(record.Carried);

    private static KademliaAnswer Answered(ImmutableArray<ServerEffect> effects) => Assert.IsType<ServerEffect.Answer>(effects[0]).Reply;

    private static void Refused(ServerRefusal reason, ImmutableArray<ServerEffect> effects) =>
        Assert.Equal(reason, Assert.IsType<ServerEffect.Refuse>(Assert.Single(effects)).Reason);

    private ImmutableArray<ServerEffect> Ask(long request, KademliaRequest asked) => _server.OnRequest(request, _asker, asked, Now);

    private bool Stores(DhtRecord record)
    {
        Ask(1, Put(record));
        var effect = Assert.Single(_server.OnLoaded(1, null, Now));
        if (effect is ServerEffect.Refuse refuse)
        {
            Assert.Equal(ServerRefusal.Full, refuse.Reason);
            return false;
        }

        _ = Answered(_server.OnSaved(1, SaveOutcome.Saved, Now));
        return true;
    }

    private DhtRecord Record(byte[]? value = null, long at = Now, IRecordSigner? by = null) => SimulatedModels.Seal(
        by ?? _signatures.SignerOf(_asker), value ?? _random.Bytes(20), HybridTimestamp.Create(at, 0), Now + (24 * Hour));
}
