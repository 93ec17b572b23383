using System.Collections.Immutable;
using Netabase.Actors.Stores;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>Reads of the local stores: on the caller's thread, past the actors, each on one consistent state.</summary>
internal static class LocalReads
{
    /// <summary>The record with that key.</summary>
    /// <exception cref="NetabaseException">It cannot be read, or is no value of its model.</exception>
    public static RowReader<TModel> ReadOne<TModel>(NodeParts parts, int place, IRecordKey<TModel> key, bool withMetadata)
        where TModel : class, IModel<TModel>
    {
        RefuseDamaged(parts, place);
        RefuseNameless<TModel>(parts, key);
        var reader = new RowReader<TModel> { WithMetadata = withMetadata };
        var writer = new KeyWriter(stackalloc byte[128]);
        try
        {
            ModelCodec.WriteOwner(TModel.Schema, key.Publisher ?? parts.Network?.LocalPeer, ref writer);
            key.Encode(ref writer);
            parts.Store.TryRead(place, writer.Written, parts.Now(), reader, RowReader<TModel>.Visit);
        }
        catch (StoreException failure)
        {
            throw Failed(parts, place, failure);
        }
        finally
        {
            writer.Dispose();
        }

        return reader.Failure is null ? reader : throw Undecodable(reader.Failure);
    }

    /// <summary>Reads on a snapshot of everything, and gives it back.</summary>
    public static TResult OnSnapshot<TResult>(NodeParts parts, int place, Func<IStoreSnapshot, TResult> read)
    {
        RefuseDamaged(parts, place);
        try
        {
            using var snapshot = parts.Store.OpenSnapshot(parts.Now());
            return read(snapshot);
        }
        catch (StoreException failure)
        {
            throw Failed(parts, place, failure);
        }
    }

    /// <summary>The first records of all models; a damaged model has none to show.</summary>
    public static LocalRecords ReadAll(NodeParts parts, int limit, CancellationToken cancellation)
    {
        var all = new AllReader(limit, cancellation);
        var place = 0;
        try
        {
            using var snapshot = parts.Store.OpenSnapshot(parts.Now());
            for (; place < parts.Lanes.Length && all.Records.Count < limit; place++)
            {
                if (!parts.Lanes[place].IsDamaged)
                {
                    all.Model = parts.Catalog.Models[place];
                    snapshot.Scan(new StoreQuery(place, null, KeyRange.All), all, AllReader.Visit);
                }
            }
        }
        catch (StoreException failure)
        {
            throw Failed(parts, Math.Min(place, parts.Lanes.Length - 1), failure);
        }

        NodeMetrics.CountUndecodable(all.Undecodable);
        return new LocalRecords([.. all.Records], all.Undecodable);
    }

    /// <summary>Records of publishers cannot be named by a node that is nobody and is told of nobody.</summary>
    /// <exception cref="NetabaseException">This is such a key.</exception>
    public static void RefuseNameless<TModel>(NodeParts parts, IRecordKey<TModel> key)
        where TModel : class, IModel<TModel>
    {
        if (TModel.Schema.Ownership == RecordOwnership.Publisher && key.Publisher is null && parts.Network is null)
        {
            throw new NetabaseException(RefusalReason.NoNetwork, NetabaseNode.IsNobody(TModel.Schema));
        }
    }

    public static void RefuseDamaged(NodeParts parts, int place)
    {
        if (parts.Lanes[place].IsDamaged)
        {
            throw new NetabaseException(RefusalReason.StoreDamaged, parts.Lanes[place].Refusal!.Value.Detail);
        }
    }

    /// <summary>A store's failure in the face's words; damage stops the model.</summary>
    public static NetabaseException Failed(NodeParts parts, int place, StoreException failure)
    {
        if (failure.Error == StoreError.Damaged && place >= 0)
        {
            parts.StopModel(place, failure.Message);
        }

        return StoreFailures.ToNetabaseException(failure);
    }

    public static NetabaseException Undecodable(RecordFormatException failure)
    {
        NodeMetrics.CountUndecodable(1);
        return new NetabaseException(RefusalReason.Undecodable, failure.Message, failure);
    }

    private sealed class AllReader(int limit, CancellationToken cancellation)
    {
        public static readonly RowVisitor<AllReader> Visit = static (AllReader all, in StoreRow row) => all.Read(row);

        public List<object> Records { get; } = [];

        public ModelDescriptor? Model { get; set; }

        public int Undecodable { get; private set; }

        private bool Read(in StoreRow row)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Records.Add(Model!.Decode(row.Value));
            }
            catch (RecordFormatException)
            {
                Undecodable++;
            }

            return Records.Count < limit;
        }
    }
}

/// <summary>Takes one row out of the store's memory.</summary>
internal sealed class RowReader<TModel>
    where TModel : class, IModel<TModel>
{
    public static readonly RowVisitor<RowReader<TModel>> Visit = static (RowReader<TModel> reader, in StoreRow row) => reader.Read(row);

    public bool WithMetadata { get; init; }

    public TModel? Record { get; private set; }

    public RecordMetadata? Metadata { get; private set; }

    public RecordFormatException? Failure { get; private set; }

    private bool Read(in StoreRow row)
    {
        try
        {
            Record = TModel.Decode(row.Value);
            Metadata = WithMetadata ? row.Metadata.ToRecordMetadata() : null;
        }
        catch (RecordFormatException failure)
        {
            Failure = failure;
        }

        return true;
    }
}

/// <summary>Takes rows out of the store's memory until it has enough; those that are no value of the model are counted.</summary>
internal sealed class RowsReader<TModel>(int limit, CancellationToken cancellation)
    where TModel : class, IModel<TModel>
{
    public static readonly RowVisitor<RowsReader<TModel>> Visit = static (RowsReader<TModel> reader, in StoreRow row) => reader.Read(row);

    public ImmutableArray<TModel>.Builder Records { get; } = ImmutableArray.CreateBuilder<TModel>();

    public int Undecodable { get; private set; }

    public int Rows { get; private set; }

    /// <summary>The place of the last row, when <see cref="KeepsPlace"/>.</summary>
    public StoreCursor Last { get; private set; }

    public bool KeepsPlace { get; init; }

    /// <summary>End a page after so many rows, decodable or not.</summary>
    public int RowsMax { get; init; } = int.MaxValue;

    private bool Read(in StoreRow row)
    {
        cancellation.ThrowIfCancellationRequested();
        Rows++;
        try
        {
            Records.Add(TModel.Decode(row.Value));
        }
        catch (RecordFormatException)
        {
            Undecodable++;
        }

        var isLast = Records.Count >= limit || Rows >= RowsMax;
        if (isLast && KeepsPlace)
        {
            Last = new StoreCursor(Payload.Copy(row.IndexKey), Payload.Copy(row.Key));
        }

        return !isLast;
    }
}
