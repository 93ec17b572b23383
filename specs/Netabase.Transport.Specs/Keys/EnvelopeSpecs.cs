using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Specs.Keys;

/// <summary>libp2p RFC 0002 and RFC 0003, as go, js and rust carry them out.</summary>
public sealed class EnvelopeSpecs
{
    private static readonly ImmutableArray<Multiaddr> Addresses =
        [Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001"), Multiaddr.Parse("/dns4/a.example/tcp/443/wss")];

    [Theory]
    [MemberData(nameof(KeySpecs.EveryKind), MemberType = typeof(KeySpecs))]
    public void A_sealed_record_opens_for_everybody(string crypto, KeyType type)
    {
        using var key = PrivateKey.Generate(type, cryptography: PrimitiveSpecs.Get(crypto));
        var sealedRecord = new PeerRecord(key.PublicKey.PeerId, ulong.MaxValue, Addresses).Seal(key);
        var opened = PeerRecord.Open(sealedRecord.Encoded.Span, PrimitiveSpecs.Get(crypto));
        Assert.Equal(key.PublicKey.PeerId, opened.Peer);
        Assert.Equal(ulong.MaxValue, opened.Sequence);
        Assert.Equal(Addresses.AsEnumerable(), opened.Addresses);
    }

    /// <summary>The whole layout, byte by byte, for a key whose signatures are deterministic (peer-ids.md, Ed25519).</summary>
    [Fact]
    public void The_envelope_has_the_bytes_that_the_rfc_says()
    {
        var row = Assert.Single(Vectors.Lines("keys/peer-ids.txt"), r => r[0] == "ED25519");
        using var key = PrivateKey.Decode(Convert.FromHexString(row[1]));
        var record = new PeerRecord(key.PublicKey.PeerId, 300, [Addresses[0]]);
        var content = "0a26" + key.PublicKey.PeerId.Multihash + "10ac02" + "1a0a0a08" + "04c0000201060fa1";
        var signed = "12" + Convert.ToHexStringLower("libp2p-peer-record"u8) + "020301" + (content.Length / 2).ToString("x2") + content;
        var signature = Convert.ToHexStringLower(key.Sign(Convert.FromHexString(signed)));
        Assert.Equal(
            "0a24" + row[2] + "12020301" + "1a" + (content.Length / 2).ToString("x2") + content + "2a40" + signature,
            record.Seal(key).Encoded.ToString());
    }

    [Fact]
    public void A_record_about_somebody_else_is_refused()
    {
        using var key = PrivateKey.Generate();
        using var other = PrivateKey.Generate();
        var foreign = new PeerRecord(other.PublicKey.PeerId, 1, Addresses);
        Assert.Throws<ArgumentException>(() => foreign.Seal(key));
        var content = SignedEnvelope.Open(foreign.Seal(other).Encoded.Span, EnvelopeKind.PeerRecord).Content;
        var forged = SignedEnvelope.Seal(key, EnvelopeKind.PeerRecord, content.Span);
        KeySpecs.Refused(() => PeerRecord.Open(forged.Encoded.Span));
        Assert.False(PeerRecord.TryOpen(forged.Encoded.Span, out _));
    }

    [Fact]
    public void A_signature_for_one_purpose_is_worth_nothing_for_another()
    {
        using var key = PrivateKey.Generate();
        var voucher = SignedEnvelope.Seal(key, EnvelopeKind.RelayVoucher, "content"u8);
        KeySpecs.Refused(() => SignedEnvelope.Open(voucher.Encoded.Span, EnvelopeKind.PeerRecord));
        Assert.True(SignedEnvelope.TryOpen(voucher.Encoded.Span, EnvelopeKind.RelayVoucher, out var opened));
        Assert.Equal("content"u8.ToArray(), opened.Content.Span.ToArray());

        // The same type bytes under another domain: only the signature tells.
        var otherDomain = new EnvelopeKind("elsewhere", EnvelopeKind.RelayVoucher.PayloadType);
        KeySpecs.Refused(() => SignedEnvelope.Open(voucher.Encoded.Span, otherDomain));
    }

    [Fact]
    public void Any_changed_byte_of_an_envelope_is_noticed()
    {
        using var key = PrivateKey.Generate();
        var envelope = new PeerRecord(key.PublicKey.PeerId, 7, Addresses).Seal(key).Encoded;
        for (var at = 0; at < envelope.Length; at++)
        {
            foreach (var flip in new byte[] { 0x01, 0x80 })
            {
                var forged = envelope.Span.ToArray();
                forged[at] ^= flip;
                Assert.False(PeerRecord.TryOpen(forged, out _), $"byte {at}");
            }

            Assert.False(PeerRecord.TryOpen(envelope.Span[..at], out _), $"cut at {at}");
        }
    }

    [Fact]
    public void Addresses_of_unknown_protocols_are_passed_over_and_the_others_kept()
    {
        using var key = PrivateKey.Generate();
        byte[] content =
        [
            0x0a, 38, .. key.PublicKey.PeerId.Multihash.Span, 0x10, 1,
            0x1a, 5, 0x0a, 3, 0xff, 0x7f, 0,
            0x1a, 10, 0x0a, 8, .. Addresses[0].Bytes.Span,
        ];
        var envelope = SignedEnvelope.Seal(key, EnvelopeKind.PeerRecord, content);
        Assert.Equal(Addresses.Take(1), PeerRecord.Open(envelope.Encoded.Span).Addresses);
    }

    [Fact]
    public void Sequences_grow_when_the_clock_stands_or_goes_back()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000)) { AutoAdvanceAmount = TimeSpan.Zero };
        var sequence = new PeerRecordSequence(time);
        Assert.Equal([1_000_000ul, 1_000_001ul, 1_000_002ul], [sequence.Next(), sequence.Next(), sequence.Next()]);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1_060_000ul, sequence.Next());
        Assert.Equal(1_060_000ul, new PeerRecordSequence(time).Next());
    }
}
