using System.Globalization;
using System.Text;
using Netabase.Multiformats;
using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>
/// The rules for <c>/ipns/</c> and a peer id (IPNS Record and Protocol, "Record verification"): a V2 signature over the entry's DAG-CBOR
/// data, V1 fields where they are there equal to it, and not past its end. The higher sequence stands, then the later end.
/// </summary>
/// <param name="verifier">Checks signatures.</param>
public sealed class IpnsRecordValidator(IRecordVerifier verifier) : IRecordValidator
{
    /// <summary>The most bytes of an entry (IPNS, "Record size limit").</summary>
    public const int EntryMax = 10 * 1024;

    private static ReadOnlySpan<byte> Prefix => "/ipns/"u8;

    private static ReadOnlySpan<byte> SignaturePrefix => "ipns-signature:"u8;

    /// <inheritdoc/>
    public bool Covers(ReadOnlySpan<byte> key) => key.StartsWith(Prefix);

    /// <inheritdoc/>
    public RecordJudgement Validate(Payload key, Payload value, long now)
    {
        if (value.Length > EntryMax)
        {
            return Refused(RecordRefusal.TooLarge, $"an entry of {value.Length} bytes, the most is {EntryMax}");
        }

        if (!PeerId.TryFromBytes(key.Span[Prefix.Length..], out var peer) || IpnsEntry.Decode(value.Span) is not { } entry)
        {
            return Refused(RecordRefusal.Malformed, "no peer id behind /ipns/, or no entry with V2 signature and data");
        }

        if (DagCborMap.Read(entry.Data.Span) is not { } data || data.Validity is not { } validity || data.Value is not { } target
            || data.Sequence is not { } sequence || data.ValidityType != 0 || !TryParseEnd(validity.Span, out var end))
        {
            return Refused(RecordRefusal.Malformed, "its data is no map with value, validity, validity type 0 and sequence");
        }

        if (entry.HasV1 && (entry.Value != target || entry.Validity != validity || entry.Sequence != sequence || entry.Ttl != (data.Ttl ?? 0)))
        {
            return Refused(RecordRefusal.Malformed, "its V1 fields differ from its signed data");
        }

        if (end <= now)
        {
            return Refused(RecordRefusal.Expired, $"it expired {now - end} ms ago");
        }

        byte[] signed = [.. SignaturePrefix, .. entry.Data.Span];
        return verifier.Verify(peer, entry.PublicKey.Span, signed, entry.SignatureV2.Span)
            ? new RecordJudgement.Accepted(new DhtRecord(key, value, new RecordMetadata(new HybridTimestamp(sequence), peer, end)), RecordStanding.First)
            : Refused(RecordRefusal.BadSignature, $"the signature is not {peer}'s");
    }

    /// <summary>Sequence, then end, then the larger bytes, so that everybody chooses alike.</summary>
    public int Compare(DhtRecord one, DhtRecord other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var bySequence = one.Metadata.Clock.CompareTo(other.Metadata.Clock);
        var byEnd = Nullable.Compare(one.Metadata.ExpiresAt, other.Metadata.ExpiresAt);
        return bySequence != 0 ? bySequence : byEnd != 0 ? byEnd : one.Envelope.CompareTo(other.Envelope);
    }

    // RFC 3339 with nanoseconds; the clock of .NET knows seven digits of them.
    private static bool TryParseEnd(ReadOnlySpan<byte> text, out long unixMilliseconds)
    {
        unixMilliseconds = 0;
        if (text.Length > 64 || !Ascii.IsValid(text))
        {
            return false;
        }

        var characters = Encoding.ASCII.GetString(text);
        var dot = characters.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < characters.Length && char.IsAsciiDigit(characters[end]))
            {
                end++;
            }

            characters = characters[..Math.Min(end, dot + 8)] + characters[end..];
        }

        var isMoment = DateTimeOffset.TryParseExact(
            characters, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment);
        unixMilliseconds = moment.ToUnixTimeMilliseconds();
        return isMoment;
    }

    private static RecordJudgement.Refused Refused(RecordRefusal reason, string detail) => new(reason, detail);
}
