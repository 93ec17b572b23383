using Netabase.Multiformats;
using Netabase.Protocol.Records;
using Netabase.Protocol.Specs.Kademlia;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Records;

public sealed class RecordEnvelopeSpecs(ITestOutputHelper output)
{
    private const long Now = 1_800_000_000_000;

    [Fact]
    public void It_looks_as_the_wire_page_says()
    {
        var publisher = PeerId.FromBytes([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, .. new byte[32]]);
        var envelope = new RecordEnvelope(
            new Payload("k"u8.ToArray()), new Payload("v"u8.ToArray()), publisher, new HybridTimestamp(300), 5, Signature: new Payload(new byte[] { 0xaa }));
        Assert.Equal(
            "0a016b" + "120176" + "1a26" + "002408011220" + new string('0', 64) + "20ac02" + "2805" + "7a01aa", envelope.Encode().ToString());
        Assert.Equal(
            "11" + Convert.ToHexStringLower("netabase-record-1"u8) + "0a016b" + "120176" + "1a26" + "002408011220" + new string('0', 64) + "20ac02" + "2805",
            envelope.SignedBytes().ToString());
    }

    [Fact]
    public void Every_envelope_is_read_as_it_was_written_and_no_byte_can_be_exchanged()
    {
        var random = SplitMix64.Seeded(output, 61);
        var signatures = new SimulatedSignatures(random.Next());
        for (var i = 0; i < 200; i++)
        {
            var signer = signatures.SignerOf(Peers.Id(random));
            var envelope = Sealed(random, signer);
            var bytes = envelope.Encode();
            Assert.Equal(envelope, RecordEnvelope.Decode(bytes.Span));

            var changed = bytes.Span.ToArray();
            changed[random.Below(changed.Length)] ^= (byte)(1 << random.Below(8));
            var read = RecordEnvelope.Decode(changed);
            Assert.True(
                read is null || !signatures.Verify(read.Publisher, read.PublicKey.Span, read.SignedBytes().Span, read.Signature.Span), $"round {i}");
        }
    }

    [Fact]
    public void There_is_one_encoding_only()
    {
        var random = SplitMix64.Seeded(output, 62);
        var bytes = Sealed(random, new SimulatedSignatures(1).SignerOf(Peers.Id(random))).Encode().Span.ToArray();
        Assert.NotNull(RecordEnvelope.Decode(bytes));
        Assert.Null(RecordEnvelope.Decode([.. bytes, 0x80, 0x01, 0x01]));
        Assert.Null(RecordEnvelope.Decode([0x38, 0x00, .. bytes]));
        Assert.Null(RecordEnvelope.Decode([.. bytes[^18..], .. bytes[..^18]]));
        Assert.Null(RecordEnvelope.Decode(bytes.AsSpan()[..^1]));
        Assert.Null(RecordEnvelope.Decode([]));
    }

    [Fact]
    public void The_public_key_is_there_exactly_when_the_peer_id_does_not_carry_it()
    {
        var random = SplitMix64.Seeded(output, 63);
        var inlined = Sealed(random, new SimulatedSignatures(1).SignerOf(Peers.Id(random)));
        Assert.Null(RecordEnvelope.Decode((inlined with { PublicKey = new Payload(random.Bytes(36)) }).Encode().Span));

        var hashed = inlined with { Publisher = PeerId.FromPublicKey(random.Bytes(300)) };
        Assert.Null(RecordEnvelope.Decode(hashed.Encode().Span));
        Assert.NotNull(RecordEnvelope.Decode((hashed with { PublicKey = new Payload(random.Bytes(300)) }).Encode().Span));
    }

    [Fact]
    public void A_stores_row_gives_the_same_envelope_again_even_where_it_is_held_for_less_long()
    {
        var random = SplitMix64.Seeded(output, 64);
        var envelope = Sealed(random, new SimulatedSignatures(1).SignerOf(Peers.Id(random)));
        RecordEnvelope[] all =
        [
            envelope,
            envelope with { Publisher = PeerId.FromPublicKey(random.Bytes(300)), PublicKey = new Payload(random.Bytes(300)) },
            envelope with { IsRemoval = true, Value = default },
        ];
        foreach (var one in all)
        {
            foreach (var heldUntil in new long?[] { null, one.ExpiresAt - 1000, one.ExpiresAt + 1000 })
            {
                var row = one.ToMetadata(heldUntil);
                Assert.Equal(Math.Min(heldUntil ?? one.ExpiresAt, one.ExpiresAt), row.ExpiresAt);
                Assert.Equal(one.Encode(), RecordEnvelope.Of(one.Key, one.Value, row, one.IsRemoval)?.Encode());
            }
        }

        Assert.Null(RecordEnvelope.Of(envelope.Key, envelope.Value, new RecordMetadata(envelope.Clock)));
        Assert.Null(RecordEnvelope.Of(envelope.Key, envelope.Value, envelope.ToMetadata() with { Signature = new Payload(random.Bytes(9)) }));
    }

    [Fact]
    public void Hostile_bytes_are_refused_and_nothing_else()
    {
        var random = SplitMix64.Seeded(output, 65);
        var sound = Sealed(random, new SimulatedSignatures(1).SignerOf(Peers.Id(random))).Encode().Span.ToArray();
        for (var i = 0; i < Fuzz.Rounds(50_000); i++)
        {
            var bytes = Fuzz.Mutated(random, sound);
            if (RecordEnvelope.Decode(bytes) is { } read)
            {
                Assert.Equal(bytes, read.Encode().Span.ToArray());
            }

            _ = RecordSeal.Decode(bytes);
        }
    }

    private static RecordEnvelope Sealed(SplitMix64 random, IRecordSigner signer)
    {
        var value = random.Bytes(8 + random.Below(200));
        return SimulatedModels.Seal(signer, value, HybridTimestamp.Create(Now, random.Below(100)), Now + random.Below(1_000_000)).Content!;
    }
}
