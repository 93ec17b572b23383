namespace Netabase.Protocol.Records;

/// <summary>
/// What a store keeps as <see cref="RecordMetadata.Signature"/> of a sealed record, so that the envelope can be made again byte for
/// byte: protobuf, signature 1, public key 2 where the peer id does not carry it, and 3 the publisher's expiry where this
/// holder lets the record go earlier.
/// </summary>
/// <param name="Signature">The publisher's signature.</param>
/// <param name="PublicKey">The publisher's encoded public key, or empty.</param>
/// <param name="ExpiresAt">The signed expiry, or null when it is the row's own.</param>
public sealed record RecordSeal(Payload Signature, Payload PublicKey, long? ExpiresAt)
{
    private const uint SignatureTag = (1 << 3) | 2;
    private const uint PublicKeyTag = (2 << 3) | 2;
    private const uint ExpiresAtTag = 3 << 3;

    /// <summary>The bytes.</summary>
    public Payload Encode()
    {
        var writer = new WireWriter(new byte[32 + Signature.Length + PublicKey.Length]);
        writer.Write(SignatureTag, Signature.Span);
        writer.Write(PublicKeyTag, PublicKey.Span);
        writer.Write(ExpiresAtTag, (ulong)(ExpiresAt ?? 0));
        var bytes = Payload.Copy(writer.Written);
        writer.Dispose();
        return bytes;
    }

    /// <summary>Reads the bytes; null when there is no signature in them.</summary>
    public static RecordSeal? Decode(ReadOnlySpan<byte> bytes)
    {
        Payload signature = default, publicKey = default;
        var expiresAt = 0ul;
        try
        {
            var reader = new WireReader(bytes);
            for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
            {
                switch (tag)
                {
                    case SignatureTag: signature = reader.ReadPayload(); break;
                    case PublicKeyTag: publicKey = reader.ReadPayload(); break;
                    case ExpiresAtTag: expiresAt = reader.ReadUInt64(); break;
                    default: reader.Skip(tag, [1, 2, 3]); break;
                }
            }
        }
        catch (RecordFormatException)
        {
            return null;
        }

        return signature.IsEmpty || expiresAt > long.MaxValue ? null : new RecordSeal(signature, publicKey, expiresAt == 0 ? null : (long)expiresAt);
    }
}
