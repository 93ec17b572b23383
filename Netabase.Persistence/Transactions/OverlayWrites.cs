using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Netabase.Persistence.Rules;
using Netabase.Protocol.Records;

namespace Netabase.Persistence.Transactions;

/// <summary>A transaction's own writes to one model, the last of each key.</summary>
internal sealed class OverlayWrites
{
    private readonly Dictionary<Payload, StoreWrite> _byKey = new(PayloadComparer.Instance);

    public int Count => _byKey.Count;

    /// <summary>In key order, so that equal transactions are equal batches.</summary>
    public IEnumerable<StoreWrite> All => _byKey.OrderBy(write => write.Key).Select(write => write.Value);

    public void Set(Payload key, StoreWrite write) => _byKey[key] = write;

    public bool TryFind(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out StoreWrite write) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out write);

    /// <summary>The written records that a query would visit, in the order of its walk, without its limit and offset.</summary>
    /// <param name="query">The query.</param>
    /// <param name="place">The place of its index among the secondary keys, or -1.</param>
    /// <param name="now">Unix milliseconds.</param>
    public ImmutableArray<OverlayEntry> Select(in StoreQuery query, int place, long now)
    {
        var entries = ImmutableArray.CreateBuilder<OverlayEntry>();
        foreach (var write in _byKey.Values)
        {
            if (write is not StoreWrite.Put put || RecordRules.IsExpired(put.Metadata.ExpiresAt, now)
                || (place < 0 ? Payload.Empty : put.IndexKeys[place]) is not { } indexKey
                || !QueryRules.Contains(query.Range, place < 0 ? put.Key.Span : indexKey.Span))
            {
                continue;
            }

            var entry = new OverlayEntry(indexKey, put);
            if (query.After is not { } after
                || Math.Sign(entry.CompareTo(place < 0 ? default : after.IndexKey.Span, after.Key.Span)) == (query.IsDescending ? -1 : 1))
            {
                entries.Add(entry);
            }
        }

        var direction = query.IsDescending ? -1 : 1;
        entries.Sort((left, right) => direction * left.CompareTo(right.IndexKey.Span, right.Put.Key.Span));
        return entries.ToImmutable();
    }

    /// <summary>A written record as a row.</summary>
    public static StoreRow View(StoreWrite.Put put, ReadOnlySpan<byte> indexKey)
    {
        var metadata = put.Metadata;
        var publisher = metadata.Publisher is { } known ? known.Multihash.Span : default;
        return new StoreRow(
            put.Key.Span,
            put.Value.Span,
            new RowMetadata(metadata.Clock, publisher, metadata.ExpiresAt, metadata.Signature.Span),
            RowState.Live,
            indexKey);
    }

    private sealed class PayloadComparer : IEqualityComparer<Payload>, IAlternateEqualityComparer<ReadOnlySpan<byte>, Payload>
    {
        public static readonly PayloadComparer Instance = new();

        public Payload Create(ReadOnlySpan<byte> alternate) => Payload.Copy(alternate);

        public bool Equals(Payload x, Payload y) => x.Equals(y);

        public bool Equals(ReadOnlySpan<byte> alternate, Payload other) => alternate.SequenceEqual(other.Span);

        public int GetHashCode(Payload obj) => GetHashCode(obj.Span);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}

/// <summary>A written record at its place in an order.</summary>
internal readonly record struct OverlayEntry(Payload IndexKey, StoreWrite.Put Put)
{
    public int CompareTo(ReadOnlySpan<byte> indexKey, ReadOnlySpan<byte> key)
    {
        var order = IndexKey.Span.SequenceCompareTo(indexKey);
        return order != 0 ? order : Put.Key.Span.SequenceCompareTo(key);
    }
}
