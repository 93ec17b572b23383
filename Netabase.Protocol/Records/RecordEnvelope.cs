using Netabase.Multiformats;

namespace Netabase.Protocol.Records;

/// <summary>
/// A record as its publisher sealed it for others (<c>specs/wire.md</c>, "The record envelope"): one encoding only, so that equal
/// envelopes are equal bytes, and the signature covers all of it.
/// </summary>
/// <param name="Key">The record key.</param>
/// <param name="Value">The encoded value; empty for a removal.</param>
/// <param name="Publisher">Who vouches for it.</param>
/// <param name="Clock">When it was written, by the publisher's hybrid clock.</param>
/// <param name="ExpiresAt">Unix milliseconds at which it is gone; a record among peers always has an end.</param>
/// <param name="PublicKey">The publisher's encoded public key, or empty when the peer id carries it.</param>
/// <param name="IsRemoval">Whether it says that the record was removed.</param>
/// <param name="Signature">The publisher's signature over <see cref="SignedBytes"/>.</param>
public sealed record RecordEnvelope(
    Payload Key,
    Payload Value,
    PeerId Publisher,
    HybridTimestamp Clock,
    long ExpiresAt,
    Payload PublicKey = default,
    bool IsRemoval = false,
    Payload Signature = default)
{
    /// <summary>The most bytes an envelope has beside its value: record key, ids, the largest key and signature that peers use.</summary>
    public const int OverheadMax = 8 * 1024;

    private const uint KeyTag = (1 << 3) | 2;
    private const uint ValueTag = (2 << 3) | 2;
    private const uint PublisherTag = (3 << 3) | 2;
    private const uint ClockTag = 4 << 3;
    private const uint ExpiresAtTag = 5 << 3;
    private const uint PublicKeyTag = (6 << 3) | 2;
    private const uint RemovalTag = 7 << 3;
    private const uint SignatureTag = (15 << 3) | 2;

    // Never sent, always signed: a signature made for anything else is worth nothing here.
    private static ReadOnlySpan<byte> Domain => "netabase-record-1"u8;

    /// <summary>What the signature covers: the domain behind its length, then the envelope without its last field.</summary>
    public Payload SignedBytes()
    {
        var writer = new WireWriter(new byte[64 + Key.Length + Value.Length + PublicKey.Length + PeerId.MaxLength]);
        Write(ref writer);
        var signed = new byte[1 + Domain.Length + writer.Written.Length];
        signed[0] = (byte)Domain.Length;
        Domain.CopyTo(signed.AsSpan(1));
        writer.Written.CopyTo(signed.AsSpan(1 + Domain.Length));
        writer.Dispose();
        return new Payload(signed);
    }

    /// <summary>The envelope in protobuf.</summary>
    public Payload Encode()
    {
        var writer = new WireWriter(new byte[80 + Key.Length + Value.Length + PublicKey.Length + Signature.Length + PeerId.MaxLength]);
        Write(ref writer);
        writer.Write(SignatureTag, Signature.Span);
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <summary>Signs it with the signer's key, whose peer id becomes the publisher.</summary>
    public RecordEnvelope SealedBy(IRecordSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        var unsigned = this with { Publisher = signer.Publisher, PublicKey = signer.Publisher.InlineKey.IsEmpty ? signer.PublicKey : default };
        return unsigned with { Signature = signer.Sign(unsigned.SignedBytes().Span) };
    }

    /// <summary>Reads an envelope; null for every encoding but the one that <see cref="Encode"/> gives.</summary>
    public static RecordEnvelope? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var read = Read(bytes);
            return read is not null && read.Encode().Span.SequenceEqual(bytes) ? read : null;
        }
        catch (RecordFormatException)
        {
            return null;
        }
    }

    /// <summary>What a store keeps beside the value; <see cref="Of"/> makes the same envelope of it again.</summary>
    /// <param name="heldUntil">When this holder lets it go, at most <see cref="ExpiresAt"/>.</param>
    public RecordMetadata ToMetadata(long? heldUntil = null)
    {
        var until = Math.Min(heldUntil ?? ExpiresAt, ExpiresAt);
        return new RecordMetadata(Clock, Publisher, until, new RecordSeal(Signature, PublicKey, until == ExpiresAt ? null : ExpiresAt).Encode());
    }

    /// <summary>The envelope of a stored row; null when it was never sealed, or its seal is damaged.</summary>
    public static RecordEnvelope? Of(Payload key, Payload value, RecordMetadata metadata, bool isRemoval = false)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        if (metadata.Publisher is not { } publisher || metadata.ExpiresAt is not { } until || RecordSeal.Decode(metadata.Signature.Span) is not { } seal)
        {
            return null;
        }

        return new RecordEnvelope(key, value, publisher, metadata.Clock, seal.ExpiresAt ?? until, seal.PublicKey, isRemoval, seal.Signature);
    }

    private void Write(ref WireWriter writer)
    {
        writer.Write(KeyTag, Key.Span);
        writer.Write(ValueTag, Value.Span);
        writer.Write(PublisherTag, Publisher.Multihash.Span);
        writer.Write(ClockTag, Clock.Value);
        writer.Write(ExpiresAtTag, (ulong)ExpiresAt);
        writer.Write(PublicKeyTag, PublicKey.Span);
        writer.Write(RemovalTag, IsRemoval);
    }

    private static RecordEnvelope? Read(ReadOnlySpan<byte> bytes)
    {
        Payload key = default, value = default, publicKey = default, signature = default;
        PeerId publisher = default;
        ulong clock = 0, expiresAt = 0;
        var isRemoval = false;
        var reader = new WireReader(bytes);
        for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
        {
            switch (tag)
            {
                case KeyTag: key = reader.ReadPayload(); break;
                case ValueTag: value = reader.ReadPayload(); break;
                case PublisherTag:
                    if (!PeerId.TryFromBytes(reader.ReadPayload().Span, out publisher))
                    {
                        return null;
                    }

                    break;
                case ClockTag: clock = reader.ReadUInt64(); break;
                case ExpiresAtTag: expiresAt = reader.ReadUInt64(); break;
                case PublicKeyTag: publicKey = reader.ReadPayload(); break;
                case RemovalTag: isRemoval = reader.ReadBool(); break;
                case SignatureTag: signature = reader.ReadPayload(); break;
                default: return null;
            }
        }

        return expiresAt is 0 or > long.MaxValue || signature.IsEmpty || publisher.InlineKey.IsEmpty == publicKey.IsEmpty
            ? null
            : new(key, value, publisher, new HybridTimestamp(clock), (long)expiresAt, publicKey, isRemoval, signature);
    }
}
