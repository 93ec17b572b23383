using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Records;
using Netabase.Protocol.Specs.Kademlia;

namespace Netabase.Protocol.Specs.Records;

/// <summary>What comes from peers is judged: the cheap first, the signature last.</summary>
public sealed class RecordJudgeSpecs
{
    private const long Now = 1_800_000_000_000;
    private const long Minute = 60_000;
    private const long Day = 24 * 60 * Minute;

    private static readonly RecordBounds Bounds = new(ValueMax: 1000, ClockAheadMax: 5 * Minute, TimeToLiveMax: 2 * Day);

    private readonly SplitMix64 _random = new(71);
    private readonly CountingVerifier _verifier = new(new SimulatedSignatures(7));
    private readonly RecordJudge _judge;
    private readonly IRecordSigner _ada;
    private readonly IRecordSigner _bob;

    public RecordJudgeSpecs()
    {
        _judge = new RecordJudge([new NetabaseRecordValidator(new SimulatedModels(), _verifier, Bounds)]);
        var signers = new[] { Peers.Id(_random), Peers.Id(_random) }.Order(Comparer<Multiformats.PeerId>.Create((a, b) => a.Multihash.CompareTo(b.Multihash)));
        (_ada, _bob) = (_verifier.Signatures.SignerOf(signers.First()), _verifier.Signatures.SignerOf(signers.Last()));
    }

    [Fact]
    public void A_sound_record_is_taken()
    {
        var record = Record();
        var accepted = Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(record.Key, record.Envelope, Now));
        Assert.Equal(record, accepted.Record);
        Assert.Equal(RecordStanding.First, accepted.Standing);
    }

    [Fact]
    public void Each_rule_refuses_what_breaks_it_before_a_signature_is_looked_at()
    {
        var value = _random.Bytes(40);
        Refuses(RecordRefusal.WrongKey, Record(value).Envelope, under: SimulatedModels.KeyOf(_random.Bytes(8)).Bytes);
        Refuses(RecordRefusal.TooLarge, Record([.. value[..8], .. _random.Bytes(1000)]).Envelope);
        Refuses(RecordRefusal.TooLarge, new Payload(_random.Bytes(20_000)));
        Refuses(RecordRefusal.Malformed, new Payload(_random.Bytes(100)));
        Refuses(RecordRefusal.ClockAhead, Record(at: Now + (5 * Minute) + 1).Envelope);
        Refuses(RecordRefusal.Expired, Record(until: Now).Envelope);
        Refuses(RecordRefusal.LivesTooLong, Record(until: Now + (2 * Day) + (5 * Minute) + 1).Envelope);
        Refuses(RecordRefusal.Removal, (Content(value) with { IsRemoval = true }).SealedBy(_ada).Encode());
        Refuses(RecordRefusal.UnknownModel, Under(RecordKey.Derive("elsewhere", 1, value.AsSpan()[..8]), value));
        Refuses(RecordRefusal.UnknownModel, Under(RecordKey.Derive(SimulatedModels.Definition, 2, value.AsSpan()[..8]), value));
        Refuses(RecordRefusal.Undecodable, Under(SimulatedModels.KeyOf(value), [1, 2, 3]));
        Refuses(RecordRefusal.KeyDoesNotDerive, Under(SimulatedModels.KeyOf(_random.Bytes(8)), value));
        Refuses(RecordRefusal.UnknownNamespace, Record(value).Envelope, under: new Payload("/elsewhere/x"u8.ToArray()));
        Assert.Equal(0, _verifier.Asked);
    }

    [Fact]
    public void Up_to_its_bound_everything_is_taken()
    {
        Takes(Record(at: Now + (5 * Minute)));
        Takes(Record(until: Now + 1));
        Takes(Record(until: Now + (2 * Day)));
        Takes(Record([.. _random.Bytes(1000)]));
    }

    [Fact]
    public void Nobody_speaks_in_anothers_name()
    {
        var record = Record();
        Refuses(RecordRefusal.BadSignature, (record.Content! with { Publisher = _bob.Publisher }).Encode());
        Refuses(RecordRefusal.BadSignature, (record.Content! with { Clock = new HybridTimestamp(record.Metadata.Clock.Value + 1) }).Encode());
        Refuses(RecordRefusal.BadSignature, (record.Content! with { ExpiresAt = record.Content!.ExpiresAt + 1 }).Encode());
        Refuses(RecordRefusal.BadSignature, (record.Content! with { Value = new Payload((byte[])[.. record.Content!.Value.Span, 1]) }).Encode());
    }

    [Fact]
    public void The_newer_wins_then_the_larger_publisher_then_the_one_that_lives_longer()
    {
        var value = _random.Bytes(20);
        var held = new HeldRecord(Record(value));
        Stands(RecordStanding.Newer, Record(value, at: Now + 1), held);
        Stands(RecordStanding.Newer, Record(value, by: _bob), held);
        Stands(RecordStanding.Renewed, Record(value, until: Now + Day + 1), held);
        Loses(Record(value, at: Now - 1), held);
        Loses(Record(value, until: Now + Day - 1), held);
        Loses(Record(value), new HeldRecord(Record(value, by: _bob)));
    }

    [Fact]
    public void What_is_held_already_is_accepted_without_a_look_at_its_signature()
    {
        var record = Record();
        Stands(RecordStanding.Same, record, new HeldRecord(record));
        Assert.Equal(0, _verifier.Asked);
    }

    [Fact]
    public void A_removal_is_not_beaten_by_what_is_older_than_it_until_its_time_has_passed()
    {
        var value = _random.Bytes(20);
        var removal = (Content(value, at: Now + 10) with { IsRemoval = true, Value = default, ExpiresAt = Now + Day }).SealedBy(_ada);
        var held = HeldRecord.OfRow(SimulatedModels.KeyOf(value), default, removal.ToMetadata(), isRemoval: true);
        Assert.False(held.IsServable);
        Loses(Record(value, at: Now + 9, by: _bob), held);
        Stands(RecordStanding.Newer, Record(value, at: Now + 11), held);
        Assert.IsType<RecordJudgement.Accepted>(
            _judge.Judge(held.Record.Key, Record(value, until: Now + Day + 1000).Envelope, held, Now + Day));
    }

    [Fact]
    public void A_shorter_stay_here_changes_nothing_in_how_versions_compare()
    {
        var record = Record();
        var row = HeldRecord.OfRow(Key(record), record.Content!.Value, record.Content.ToMetadata(Now + 1000), isRemoval: false);
        Assert.Equal(Now + 1000, row.Record.Metadata.ExpiresAt);
        Stands(RecordStanding.Same, record, row);
    }

    private static RecordKey Key(DhtRecord record) => RecordKey.TryParse(record.Key.Span, out var key, out _, out _, out _) ? key : throw new InvalidOperationException();

    private RecordEnvelope Content(byte[] value, long at = Now) =>
        new(SimulatedModels.KeyOf(value).Bytes, new Payload(value), _ada.Publisher, HybridTimestamp.Create(at, 0), Now + Day);

    private Payload Under(RecordKey key, byte[] value) =>
        new RecordEnvelope(key.Bytes, new Payload(value), _ada.Publisher, HybridTimestamp.Create(Now, 0), Now + Day).SealedBy(_ada).Encode();

    private DhtRecord Record(byte[]? value = null, long at = Now, long until = Now + Day, IRecordSigner? by = null) =>
        SimulatedModels.Seal(by ?? _ada, value ?? _random.Bytes(40), HybridTimestamp.Create(at, 0), until);

    private void Takes(DhtRecord record) => Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(record.Key, record.Envelope, Now));

    private void Refuses(RecordRefusal reason, Payload envelope, Payload? under = null)
    {
        var key = under ?? RecordEnvelope.Decode(envelope.Span)?.Key ?? SimulatedModels.KeyOf(_random.Bytes(8)).Bytes;
        var refused = Assert.IsType<RecordJudgement.Refused>(_judge.Judge(key, envelope, Now));
        Assert.Equal(reason, refused.Reason);
        Assert.NotEmpty(refused.Detail);
    }

    private void Stands(RecordStanding standing, DhtRecord record, HeldRecord held) =>
        Assert.Equal(standing, Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(record.Key, record.Envelope, held, Now)).Standing);

    private void Loses(DhtRecord record, HeldRecord held) =>
        Assert.Equal(RecordRefusal.Older, Assert.IsType<RecordJudgement.Refused>(_judge.Judge(record.Key, record.Envelope, held, Now)).Reason);

    private sealed class CountingVerifier(SimulatedSignatures signatures) : IRecordVerifier
    {
        public SimulatedSignatures Signatures => signatures;

        public int Asked { get; private set; }

        public bool Verify(Multiformats.PeerId signer, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
        {
            Asked++;
            return signatures.Verify(signer, publicKey, message, signature);
        }

        public bool IsKeyOf(Multiformats.PeerId peer, ReadOnlySpan<byte> publicKey) => signatures.IsKeyOf(peer, publicKey);
    }
}
