using Netabase.Multiformats;
using Netabase.Protocol.Records;
using Netabase.Protocol.Specs.Kademlia;

namespace Netabase.Protocol.Specs.Records;

/// <summary>Generated models judged: one that everybody writes, and one that is owned by its publishers.</summary>
public sealed class OwnedModelSpecs
{
    private const long Now = 1_800_000_000_000;

    private readonly SplitMix64 _random = new(131);
    private readonly SimulatedSignatures _signatures = new(8);
    private readonly RecordJudge _judge;
    private readonly PeerId _ada;
    private readonly PeerId _bob;

    public OwnedModelSpecs()
    {
        (_ada, _bob) = (Peers.Id(_random), Peers.Id(_random));
        var models = new DefinedModels([People.Definition]);
        _judge = new RecordJudge([new NetabaseRecordValidator(models, _signatures, new RecordBounds(1000, 1000, 1_000_000))]);
    }

    [Fact]
    public void The_key_of_an_owned_record_begins_with_its_owner()
    {
        var profile = new People.Profile { Name = "ada" };
        var key = ModelCodec.EncodePrimaryKey(profile, _ada);
        Assert.True(RecordKey.TrySplitOwner(key.Span, out var owner, out var rest));
        Assert.Equal(_ada, owner);
        Assert.Equal("ada"u8.ToArray(), rest.ToArray());
        Assert.Equal(key, ModelCodec.Encode(new People.Profile.Key("ada"), self: _ada));
        Assert.Equal(key, ModelCodec.Encode(new People.Profile.Key("ada") { Publisher = _ada }, self: _bob));
        Assert.Throws<ArgumentException>(() => ModelCodec.EncodePrimaryKey(profile));
        Assert.Throws<ArgumentException>(() => ModelCodec.Encode(new People.Profile.Key("ada")));
        Assert.Equal("ada"u8.ToArray(), ModelCodec.EncodePrimaryKey(new People.Entry { Name = "ada" }, _ada).Span.ToArray());
        Assert.Equal(RecordOwnership.Publisher, People.Profile.Schema.Ownership);
        Assert.Equal(RecordOwnership.Anybody, People.Entry.Schema.Ownership);
    }

    [Fact]
    public void Nobody_writes_anothers_record()
    {
        var value = ModelCodec.Encode(new People.Profile { Name = "ada" });
        var key = RecordKey.Derive("people", 2, ModelCodec.Encode(new People.Profile.Key("ada"), _ada).Span);
        Assert.IsType<RecordJudgement.Accepted>(Judge(key, value, _ada));
        Assert.Equal(RecordRefusal.KeyDoesNotDerive, Assert.IsType<RecordJudgement.Refused>(Judge(key, value, _bob)).Reason);
        var bare = RecordKey.Derive("people", 2, "ada"u8);
        Assert.Equal(RecordRefusal.KeyDoesNotDerive, Assert.IsType<RecordJudgement.Refused>(Judge(bare, value, _ada)).Reason);
    }

    [Fact]
    public void A_generated_model_is_checked_by_its_own_codec()
    {
        var value = ModelCodec.Encode(new People.Entry { Name = "ada", Text = "hello" });
        Assert.IsType<RecordJudgement.Accepted>(Judge(RecordKey.Derive("people", 1, "ada"u8), value, _bob));
        Refused(RecordRefusal.KeyDoesNotDerive, RecordKey.Derive("people", 1, "eve"u8), value);
        Refused(RecordRefusal.UnknownModel, RecordKey.Derive("people", 3, "ada"u8), value);
        Refused(RecordRefusal.Undecodable, RecordKey.Derive("people", 1, "ada"u8), new Payload(new byte[] { 0x0a, 0xff }));
    }

    private void Refused(RecordRefusal reason, RecordKey key, Payload value) =>
        Assert.Equal(reason, Assert.IsType<RecordJudgement.Refused>(Judge(key, value, _ada)).Reason);

    private RecordJudgement Judge(RecordKey key, Payload value, PeerId publisher) => _judge.Judge(
        key.Bytes, new RecordEnvelope(key.Bytes, value, publisher, HybridTimestamp.Create(Now, 0), Now + 1000).SealedBy(_signatures.SignerOf(publisher)).Encode(), Now);
}

[NetabaseDefinition("people")]
internal static partial class People
{
    [NetabaseModel(1)]
    internal sealed partial record Entry
    {
        [PrimaryKey(1)]
        public required string Name { get; init; }

        [Field(2)]
        public string Text { get; init; } = string.Empty;
    }

    [NetabaseModel(2, Ownership = RecordOwnership.Publisher)]
    internal sealed partial record Profile
    {
        [PrimaryKey(1)]
        public required string Name { get; init; }
    }
}
