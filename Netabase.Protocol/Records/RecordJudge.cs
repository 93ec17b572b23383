using System.Collections.Immutable;
using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Records;

/// <summary>
/// Judges every record that comes from a peer, by the validator of its key's family; a key that no validator covers is refused.
/// </summary>
/// <param name="validators">Each family of keys once.</param>
public sealed class RecordJudge(ImmutableArray<IRecordValidator> validators)
{
    /// <summary>Whether keys of this form have rules here at all.</summary>
    public bool Covers(ReadOnlySpan<byte> key) => Find(key) is not null;

    /// <summary>Whether the value may stand under the key.</summary>
    public RecordJudgement Judge(Payload key, Payload value, long now) => Find(key.Span) is { } validator
        ? validator.Validate(key, value, now)
        : new RecordJudgement.Refused(RecordRefusal.UnknownNamespace, "no rule for keys of this form");

    /// <summary>Whether the value may stand under the key, and how it stands to what is held there.</summary>
    /// <param name="key">The key it came under.</param>
    /// <param name="value">The value as it travelled.</param>
    /// <param name="held">What is held, a removal included; null for nothing. An expired one counts as nothing.</param>
    /// <param name="now">Unix milliseconds.</param>
    public RecordJudgement Judge(Payload key, Payload value, HeldRecord? held, long now)
    {
        if (held is null || RecordRules.IsExpired(held.Record.Metadata.ExpiresAt, now))
        {
            return Judge(key, value, now);
        }

        // Replicas send what is here already again and again: the same bytes were judged when they first came.
        if (!held.IsRemoval && held.Record.Envelope == value)
        {
            return new RecordJudgement.Accepted(held.Record, RecordStanding.Same);
        }

        var judgement = Judge(key, value, now);
        return judgement is RecordJudgement.Accepted accepted ? Against(held, accepted) : judgement;
    }

    /// <summary>Whether one sound record of a key takes another's place.</summary>
    public bool IsBetter(DhtRecord candidate, DhtRecord existing)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return Find(candidate.Key.Span)?.Compare(candidate, existing) > 0;
    }

    private RecordJudgement Against(HeldRecord held, RecordJudgement.Accepted accepted)
    {
        var order = Find(accepted.Record.Key.Span)!.Compare(accepted.Record, held.Record);
        if (order < 0 || (order == 0 && held.IsRemoval))
        {
            return new RecordJudgement.Refused(RecordRefusal.Older, $"{(held.IsRemoval ? "a removal" : "a record")} of {held.Record.Metadata.Clock} is held");
        }

        var isSameVersion = RecordRules.IsSameVersion(accepted.Record.Metadata, held.Record.Metadata);
        var standing = order == 0 ? RecordStanding.Same : isSameVersion ? RecordStanding.Renewed : RecordStanding.Newer;
        return new RecordJudgement.Accepted(accepted.Record, standing);
    }

    private IRecordValidator? Find(ReadOnlySpan<byte> key)
    {
        foreach (var validator in validators)
        {
            if (validator.Covers(key))
            {
                return validator;
            }
        }

        return null;
    }
}

/// <summary>What a node holds under a key.</summary>
/// <param name="Record">The record; of a removal, and of a row that was never sealed for others, only the metadata counts.</param>
/// <param name="IsRemoval">Whether it is the sign that the record was removed.</param>
public sealed record HeldRecord(DhtRecord Record, bool IsRemoval = false)
{
    /// <summary>Whether it can be given to others: a record that was sealed.</summary>
    public bool IsServable => !IsRemoval && !Record.Envelope.IsEmpty;

    /// <summary>What a row of a store holds.</summary>
    /// <param name="key">The record key.</param>
    /// <param name="value">The row's value.</param>
    /// <param name="metadata">The row's metadata, as <see cref="RecordEnvelope.ToMetadata"/> made it, or unsealed.</param>
    /// <param name="isRemoval">Whether the row is a tombstone.</param>
    public static HeldRecord OfRow(RecordKey key, Payload value, RecordMetadata metadata, bool isRemoval)
    {
        var envelope = RecordEnvelope.Of(key.Bytes, value, metadata, isRemoval);
        return new HeldRecord(new DhtRecord(key.Bytes, isRemoval ? default : envelope?.Encode() ?? default, metadata, envelope), isRemoval);
    }
}
