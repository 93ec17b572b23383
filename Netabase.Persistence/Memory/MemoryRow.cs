using System.Collections.Immutable;
using Netabase.Protocol.Records;

namespace Netabase.Persistence.Memory;

/// <summary>One row, immutable, shared by every state that has it.</summary>
internal sealed record MemoryRow(Payload Key, Payload Value, RecordMetadata Metadata, RowState State, ImmutableArray<Payload?> IndexKeys)
{
    /// <summary>Its share of the store's quota, in bytes.</summary>
    public long Size { get; } = Key.Length + Value.Length + Metadata.Signature.Length + IndexKeys.Sum(key => (long)(key?.Length ?? 0) + Key.Length);

    public bool IsLive(long now) => State == RowState.Live && !IsExpired(now);

    public bool IsExpired(long now) => RecordRules.IsExpired(Metadata.ExpiresAt, now);

    public RowMetadata View() => new(
        Metadata.Clock,
        Metadata.Publisher is { } publisher ? publisher.Multihash.Span : default,
        Metadata.ExpiresAt,
        Metadata.Signature.Span);

    public StoreRow View(ReadOnlySpan<byte> indexKey) => new(Key.Span, Value.Span, View(), State, indexKey);
}

/// <summary>A place in an order: two keys, and the row there. A probe stands before or after every entry of its first key.</summary>
internal readonly record struct MemoryEntry(Payload First, Payload Second, MemoryRow? Row, int Edge = 0) : IComparable<MemoryEntry>
{
    public static MemoryEntry Before(Payload first) => new(first, default, null, -1);

    public static MemoryEntry Behind(Payload first) => new(first, default, null, 1);

    public int CompareTo(MemoryEntry other)
    {
        var order = First.CompareTo(other.First);
        return order != 0 ? order
            : Edge != 0 || other.Edge != 0 ? Edge.CompareTo(other.Edge)
            : Second.CompareTo(other.Second);
    }

    public static bool operator <(MemoryEntry left, MemoryEntry right) => left.CompareTo(right) < 0;

    public static bool operator >(MemoryEntry left, MemoryEntry right) => left.CompareTo(right) > 0;

    public static bool operator <=(MemoryEntry left, MemoryEntry right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MemoryEntry left, MemoryEntry right) => left.CompareTo(right) >= 0;
}
