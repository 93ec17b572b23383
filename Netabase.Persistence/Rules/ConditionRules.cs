using Netabase.Protocol.Records;

namespace Netabase.Persistence.Rules;

/// <summary>Whether a condition holds against the row that is there, the same in every store.</summary>
public static class ConditionRules
{
    /// <summary>Whether a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="exists">Whether there is a row, a tombstone included.</param>
    /// <param name="existing">Its metadata.</param>
    /// <param name="state">What it is.</param>
    /// <param name="now">Unix milliseconds.</param>
    public static bool Holds(StoreCondition condition, bool exists, in RowMetadata existing, RowState state, long now)
    {
        var stands = exists && !RecordRules.IsExpired(existing.ExpiresAt, now);
        return condition switch
        {
            StoreCondition.Unchanged { Expected: null } => !stands || state == RowState.Tombstone,
            StoreCondition.Unchanged { Expected: { } expected } =>
                stands && state == RowState.Live && existing.Clock == expected.Clock
                && existing.Publisher.SequenceEqual(PublisherOf(expected)),
            StoreCondition.Newer newer =>
                !stands || RecordRules.IsNewer(newer.Candidate.Clock, PublisherOf(newer.Candidate), existing.Clock, existing.Publisher),
            _ => throw new ArgumentException($"unknown condition {condition}", nameof(condition)),
        };
    }

    private static ReadOnlySpan<byte> PublisherOf(RecordMetadata metadata) =>
        metadata.Publisher is { } publisher ? publisher.Multihash.Span : default;
}
