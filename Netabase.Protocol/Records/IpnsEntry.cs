namespace Netabase.Protocol.Records;

/// <summary>The protobuf of an IPNS record: what V1 signed (value, validity, sequence, ttl), and V2's signature and data.</summary>
internal sealed record IpnsEntry(
    Payload Value, Payload Validity, ulong Sequence, ulong Ttl, Payload PublicKey, Payload SignatureV1, Payload SignatureV2, Payload Data)
{
    /// <summary>Whether it has V1 fields beside its V2 data.</summary>
    public bool HasV1 => !Value.IsEmpty || !SignatureV1.IsEmpty;

    /// <summary>Reads an entry; null when it is none, or has no V2 signature and data.</summary>
    public static IpnsEntry? Decode(ReadOnlySpan<byte> bytes)
    {
        Payload value = default, signatureV1 = default, validity = default, publicKey = default, signatureV2 = default, data = default;
        ulong sequence = 0, ttl = 0;
        try
        {
            var reader = new WireReader(bytes);
            for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())
            {
                switch (tag)
                {
                    case (1 << 3) | 2: value = reader.ReadPayload(); break;
                    case (2 << 3) | 2: signatureV1 = reader.ReadPayload(); break;
                    case 3 << 3: _ = reader.ReadUInt64(); break;
                    case (4 << 3) | 2: validity = reader.ReadPayload(); break;
                    case 5 << 3: sequence = reader.ReadUInt64(); break;
                    case 6 << 3: ttl = reader.ReadUInt64(); break;
                    case (7 << 3) | 2: publicKey = reader.ReadPayload(); break;
                    case (8 << 3) | 2: signatureV2 = reader.ReadPayload(); break;
                    case (9 << 3) | 2: data = reader.ReadPayload(); break;
                    default: reader.Skip(tag, [1, 2, 3, 4, 5, 6, 7, 8, 9]); break;
                }
            }
        }
        catch (RecordFormatException)
        {
            return null;
        }

        return signatureV2.IsEmpty || data.IsEmpty ? null : new IpnsEntry(value, validity, sequence, ttl, publicKey, signatureV1, signatureV2, data);
    }
}
