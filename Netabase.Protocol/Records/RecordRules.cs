namespace Netabase.Protocol.Records;

/// <summary>Which of two versions of a record stands. Every node decides alike, from what the versions say of themselves.</summary>
public static class RecordRules
{
    /// <summary>
    /// Whether one version takes another's place: the later clock wins, equal clocks are decided by the larger publisher id
    /// in byte order (a record without publisher has the empty one), and a version never takes its own place.
    /// </summary>
    public static bool IsNewer(RecordMetadata candidate, RecordMetadata existing)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(existing);
        return IsNewer(candidate.Clock, PublisherOf(candidate), existing.Clock, PublisherOf(existing));
    }

    /// <inheritdoc cref="IsNewer(RecordMetadata, RecordMetadata)"/>
    public static bool IsNewer(
        HybridTimestamp candidate, ReadOnlySpan<byte> candidatePublisher, HybridTimestamp existing, ReadOnlySpan<byte> existingPublisher) =>
        candidate != existing
            ? candidate > existing
            : candidatePublisher.SequenceCompareTo(existingPublisher) > 0;

    /// <summary>Whether two descriptions mean one version: the same clock and publisher.</summary>
    public static bool IsSameVersion(RecordMetadata one, RecordMetadata other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Clock == other.Clock && PublisherOf(one).SequenceEqual(PublisherOf(other));
    }

    /// <summary>Whether a record's time has passed: at its expiry it is gone.</summary>
    /// <param name="expiresAt">Unix milliseconds, or null when it stays.</param>
    /// <param name="now">Unix milliseconds.</param>
    public static bool IsExpired(long? expiresAt, long now) => expiresAt <= now;

    private static ReadOnlySpan<byte> PublisherOf(RecordMetadata metadata) =>
        metadata.Publisher is { } publisher ? publisher.Multihash.Span : default;
}
