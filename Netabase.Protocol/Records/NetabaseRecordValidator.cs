using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>
/// The rules for records of definitions: <c>definition / tag / primary key</c>. Cheap checks come first, the signature last, since
/// verifying one costs as much as all others together.
/// </summary>
/// <param name="models">The models known.</param>
/// <param name="verifier">Checks signatures.</param>
/// <param name="bounds">Bounds.</param>
public sealed class NetabaseRecordValidator(IRecordModels models, IRecordVerifier verifier, RecordBounds bounds) : IRecordValidator
{
    /// <inheritdoc/>
    public bool Covers(ReadOnlySpan<byte> key) => RecordKey.TryParse(key, out _, out _, out _, out _);

    /// <inheritdoc/>
    public RecordJudgement Validate(Payload key, Payload value, long now)
    {
        if (value.Length > bounds.ValueMax + RecordEnvelope.OverheadMax)
        {
            return Refused(RecordRefusal.TooLarge, $"an envelope of {value.Length} bytes, the most is {bounds.ValueMax + RecordEnvelope.OverheadMax}");
        }

        if (RecordEnvelope.Decode(value.Span) is not { } envelope)
        {
            return Refused(RecordRefusal.Malformed, $"{value.Length} bytes are no record envelope");
        }

        return CheckHead(key, envelope, now) ?? CheckModel(key, envelope) ?? CheckSignature(value, envelope);
    }

    /// <summary>The record rules; of one version the one that lives longer, and should a publisher have sealed two values with one clock, the larger bytes.</summary>
    public int Compare(DhtRecord one, DhtRecord other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (RecordRules.IsNewer(one.Metadata, other.Metadata))
        {
            return 1;
        }

        if (RecordRules.IsNewer(other.Metadata, one.Metadata))
        {
            return -1;
        }

        var (first, second) = (one.Content, other.Content);
        var byValue = (first?.Value ?? default).CompareTo(second?.Value ?? default);
        return byValue != 0 ? byValue : (first?.ExpiresAt ?? 0).CompareTo(second?.ExpiresAt ?? 0);
    }

    private RecordJudgement.Refused? CheckHead(Payload key, RecordEnvelope envelope, long now)
    {
        if (envelope.Key != key)
        {
            return Refused(RecordRefusal.WrongKey, "the envelope is sealed for another key");
        }

        if (envelope.IsRemoval)
        {
            return Refused(RecordRefusal.Removal, "removals do not travel");
        }

        if (envelope.Value.Length > bounds.ValueMax)
        {
            return Refused(RecordRefusal.TooLarge, $"a value of {envelope.Value.Length} bytes, the most is {bounds.ValueMax}");
        }

        if (envelope.Clock.Milliseconds - now > bounds.ClockAheadMax)
        {
            return Refused(RecordRefusal.ClockAhead, $"its clock is {envelope.Clock.Milliseconds - now} ms ahead, the most is {bounds.ClockAheadMax}");
        }

        if (RecordRules.IsExpired(envelope.ExpiresAt, now))
        {
            return Refused(RecordRefusal.Expired, $"it expired {now - envelope.ExpiresAt} ms ago");
        }

        // A publisher whose clock may be ahead of ours may count its time to live from there.
        return envelope.ExpiresAt - now > bounds.TimeToLiveMax + bounds.ClockAheadMax
            ? Refused(RecordRefusal.LivesTooLong, $"it lives {envelope.ExpiresAt - now} ms more, the most is {bounds.TimeToLiveMax}")
            : null;
    }

    private RecordJudgement.Refused? CheckModel(Payload key, RecordEnvelope envelope)
    {
        if (!RecordKey.TryParse(key.Span, out _, out var definition, out var tag, out var primaryKey))
        {
            return Refused(RecordRefusal.Malformed, "not a record key");
        }

        return models.Check(definition, tag, primaryKey, envelope.Publisher, envelope.Value.Span) switch
        {
            ModelFit.Fits => null,
            ModelFit.Unknown => Refused(RecordRefusal.UnknownModel, $"no model {tag} of a definition '{definition}' is known here"),
            ModelFit.Undecodable => Refused(RecordRefusal.Undecodable, $"the value is no value of model {tag} of '{definition}'"),
            _ => Refused(RecordRefusal.KeyDoesNotDerive, $"the key does not derive from the value of model {tag} of '{definition}'"),
        };
    }

    private RecordJudgement CheckSignature(Payload value, RecordEnvelope envelope) =>
        verifier.Verify(envelope.Publisher, envelope.PublicKey.Span, envelope.SignedBytes().Span, envelope.Signature.Span)
            ? new RecordJudgement.Accepted(DhtRecord.Of(envelope, value), RecordStanding.First)
            : Refused(RecordRefusal.BadSignature, $"the signature is not {envelope.Publisher}'s");

    private static RecordJudgement.Refused Refused(RecordRefusal reason, string detail) => new(reason, detail);
}
