using System.Text;
using Netabase.Multiformats;
using Netabase.Protocol.Records;
using Netabase.Protocol.Specs.Kademlia;

namespace Netabase.Protocol.Specs.Records;

/// <summary>The namespaces of the public DHT: <c>/pk/</c> (libp2p kad-dht) and <c>/ipns/</c> (IPNS Record and Protocol).</summary>
public sealed class NamespaceValidatorSpecs
{
    private const long Now = 1_800_000_000_000;
    private const string Later = "2027-01-15T08:00:01.123456789Z";

    private readonly SplitMix64 _random = new(121);
    private readonly SimulatedSignatures _signatures = new(5);
    private readonly RecordJudge _judge;
    private readonly PeerId _peer;
    private readonly Payload _name;

    public NamespaceValidatorSpecs()
    {
        _judge = new RecordJudge([new PublicKeyRecordValidator(_signatures), new IpnsRecordValidator(_signatures)]);
        _peer = Peers.Id(_random);
        _name = new Payload((byte[])[.. "/ipns/"u8, .. _peer.Multihash.Span]);
    }

    [Fact]
    public void Under_pk_stands_the_key_that_has_the_peer_id_and_nothing_else()
    {
        var key = _random.Bytes(300);
        var name = new Payload((byte[])[.. "/pk/"u8, .. PeerId.FromPublicKey(key).Multihash.Span]);
        Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(name, new Payload(key), Now));
        Refused(RecordRefusal.KeyDoesNotDerive, _judge.Judge(name, new Payload(_random.Bytes(300)), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(new Payload("/pk/x"u8.ToArray()), new Payload(key), Now));
        Refused(RecordRefusal.UnknownNamespace, _judge.Judge(new Payload("/v/x"u8.ToArray()), new Payload(key), Now));
    }

    [Fact]
    public void An_entry_stands_while_its_signature_holds_and_its_time_lasts()
    {
        var accepted = Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(_name, Entry(Data()), Now));
        Assert.Equal(7ul, accepted.Record.Metadata.Clock.Value);
        Assert.Equal(Now + 1123, accepted.Record.Metadata.ExpiresAt);
        Refused(RecordRefusal.Expired, _judge.Judge(_name, Entry(Data()), Now + 1123));
        Refused(RecordRefusal.BadSignature, _judge.Judge(_name, Entry(Data(), by: Peers.Id(_random)), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(_name, Entry(Data(validity: "tomorrow")), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(_name, Entry([.. Data(), 0]), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(_name, new Payload(_random.Bytes(50)), Now));
        Refused(RecordRefusal.TooLarge, _judge.Judge(_name, new Payload(_random.Bytes(10_241)), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(new Payload("/ipns/x"u8.ToArray()), Entry(Data()), Now));
    }

    [Fact]
    public void V1_fields_must_say_what_the_signed_data_says()
    {
        Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(_name, Entry(Data(), v1: "/ipfs/x"), Now));
        Refused(RecordRefusal.Malformed, _judge.Judge(_name, Entry(Data(), v1: "/ipfs/y"), Now));
    }

    [Fact]
    public void The_higher_sequence_stands_then_the_later_end()
    {
        var held = new HeldRecord(Accepted(Entry(Data())));
        Assert.Equal(RecordStanding.Newer, Standing(Entry(Data(sequence: 8)), held));
        Assert.Equal(RecordStanding.Renewed, Standing(Entry(Data(validity: "2027-01-15T08:00:02Z")), held));
        Assert.Equal(RecordStanding.Same, Standing(Entry(Data()), held));
        Refused(RecordRefusal.Older, _judge.Judge(_name, Entry(Data(sequence: 6)), held, Now));
    }

    [Fact]
    public void Hostile_entries_are_refused_and_nothing_else()
    {
        var sound = Entry(Data(), v1: "/ipfs/x").Span.ToArray();
        for (var i = 0; i < Fuzz.Rounds(20_000); i++)
        {
            // A changed entry may be accepted only where the change is in what nobody signs: the order and presence of V1 and unknown fields.
            var bytes = Fuzz.Mutated(_random, sound);
            if (_judge.Judge(_name, new Payload(bytes), Now) is RecordJudgement.Accepted accepted)
            {
                Assert.Equal(7ul, accepted.Record.Metadata.Clock.Value);
            }
        }
    }

    private static void Refused(RecordRefusal reason, RecordJudgement judgement) =>
        Assert.Equal(reason, Assert.IsType<RecordJudgement.Refused>(judgement).Reason);

    private static byte[] Data(byte sequence = 7, string validity = Later)
    {
        static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.ASCII.GetBytes(text)];
        static byte[] Bytes(string text) => [0x58, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

        // A DAG-CBOR map: the shorter keys first. TTL is one minute in nanoseconds.
        return
        [
            0xa5, .. Text("TTL"), 0x1b, .. Convert.FromHexString("0000000df8475800"), .. Text("Value"), .. Bytes("/ipfs/x"), .. Text("Sequence"), sequence,
            .. Text("Validity"), .. Bytes(validity), .. Text("ValidityType"), 0x00,
        ];
    }

    private Payload Entry(byte[] data, PeerId? by = null, string? v1 = null)
    {
        var signature = _signatures.SignerOf(by ?? _peer).Sign([.. "ipns-signature:"u8, .. data]);
        var writer = new WireWriter(new byte[512]);
        if (v1 is not null)
        {
            writer.Write((1 << 3) | 2, Encoding.ASCII.GetBytes(v1));
            writer.Write((2 << 3) | 2, new byte[] { 1, 2, 3 });
            writer.Write((4 << 3) | 2, Encoding.ASCII.GetBytes(Later));
            writer.Write(5 << 3, 7ul);
            writer.Write(6 << 3, 60_000_000_000ul);
        }

        writer.Write((8 << 3) | 2, signature.Span);
        writer.Write((9 << 3) | 2, data);
        return Payload.Copy(writer.Written);
    }

    private Netabase.Protocol.Kademlia.DhtRecord Accepted(Payload entry) => Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(_name, entry, Now)).Record;

    private RecordStanding Standing(Payload entry, HeldRecord held) => Assert.IsType<RecordJudgement.Accepted>(_judge.Judge(_name, entry, held, Now)).Standing;
}
