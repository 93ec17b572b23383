using Netabase.Actors.Node;
using Netabase.Persistence;
using Netabase.Protocol.Kademlia;
using Netabase.Protocol.Kademlia.Serving;
using Netabase.Protocol.Records;

namespace Netabase.Actors.Kademlia;

/// <content>What is held.</content>
internal sealed partial class RecordGate
{
    /// <summary>What is held under a key as its publisher sealed it; null for nothing, or for what never left this node.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <param name="withRemovals">Whether removals are seen too, which costs more.</param>
    public HeldRecord? Load(Payload key, bool withRemovals)
    {
        if (Place(key) is not { } place)
        {
            return _raw.Find(key, _parts.Now()) is { } raw ? new HeldRecord(raw) : null;
        }

        var row = _parts.Lanes[place].IsDamaged ? null : ReadRow(place, PrimaryKeyOf(key), withRemovals, withValue: true);
        return row is { Metadata: { } metadata } && RecordEnvelope.Of(key, row.Value, metadata, row.IsRemoval) is { } envelope
            ? new HeldRecord(DhtRecord.Of(envelope), row.IsRemoval)
            : null;
    }

    /// <summary>The record under a key, for giving it to others.</summary>
    public DhtRecord? Find(Payload key) => Load(key, withRemovals: false)?.Record;

    /// <summary>
    /// Walks once through all that lies here since before: what is held for others is counted and replicated again, what is our own
    /// is published again.
    /// </summary>
    public void Recount(UpkeepBook upkeep)
    {
        for (var place = 0; place < _parts.Catalog.Models.Length; place++)
        {
            StoreCursor? after = null;
            for (var hasMore = !_parts.Lanes[place].IsDamaged; hasMore;)
            {
                var size = _parts.Settings.Stores.PageSize;
                var page = new PageReader(_parts.Catalog.Models[place].Schema, this, upkeep);
                using var snapshot = _parts.Store.OpenSnapshot(_parts.Now());
                hasMore = snapshot.Scan(new StoreQuery(place, null, KeyRange.All, Limit: size, After: after), page, PageReader.Visit) == size;
                after = page.Last;
            }
        }
    }

    private RecordMetadata? MetadataOf(int place, Payload primaryKey, bool withRemovals) => ReadRow(place, primaryKey, withRemovals, withValue: false)?.Metadata;

    private RowCopy? ReadRow(int place, Payload primaryKey, bool withRemovals, bool withValue)
    {
        var copy = new RowCopy { WithValue = withValue };
        try
        {
            if (withRemovals)
            {
                using var snapshot = _parts.Store.OpenSnapshot(_parts.Now());
                snapshot.Scan(new StoreQuery(place, null, KeyRange.Exactly(primaryKey), Limit: 1, WithTombstones: true), copy, RowCopy.Visit);
            }
            else
            {
                _parts.Store.TryRead(place, primaryKey.Span, _parts.Now(), copy, RowCopy.Visit);
            }
        }
        catch (StoreException failure)
        {
            throw LocalReads.Failed(_parts, place, failure);
        }

        return copy.Metadata is null ? null : copy;
    }

    private sealed class RowCopy
    {
        public static readonly RowVisitor<RowCopy> Visit = static (RowCopy copy, in StoreRow row) =>
        {
            copy.Metadata = row.Metadata.ToRecordMetadata();
            copy.Value = copy.WithValue ? Payload.Copy(row.Value) : default;
            copy.IsRemoval = row.State == RowState.Tombstone;
            return false;
        };

        public bool WithValue { get; init; }

        public RecordMetadata? Metadata { get; private set; }

        public Payload Value { get; private set; }

        public bool IsRemoval { get; private set; }
    }

    private sealed class PageReader(ModelSchema schema, RecordGate gate, UpkeepBook upkeep)
    {
        public static readonly RowVisitor<PageReader> Visit = static (PageReader reader, in StoreRow row) => reader.Read(row);

        public StoreCursor Last { get; private set; }

        private bool Read(in StoreRow row)
        {
            Last = new StoreCursor(default, Payload.Copy(row.Key));
            if (row.Metadata.Signature.IsEmpty || row.Metadata.Publisher.IsEmpty)
            {
                return true;
            }

            var key = RecordKey.Derive(schema.Definition, schema.Tag, row.Key).Bytes;
            var metadata = row.Metadata.ToRecordMetadata();
            if (metadata.Publisher is { } publisher && publisher != gate._signer.Publisher)
            {
                upkeep.Found(new HeldEntry(key, publisher, row.Key.Length + row.Value.Length, metadata.ExpiresAt ?? long.MaxValue, gate._parts.Now()));
            }
            else
            {
                upkeep.FoundOwn(key);
            }

            return true;
        }
    }
}
