using System.Text;
using Netabase.Persistence.Catalogue;
using RocksDbSharp;

namespace Netabase.Persistence.RocksDb.Engine;

/// <summary>Brings the database up to a layout; the catalogue says an index is complete only after its entries are on disk.</summary>
internal sealed class RocksSchema(RocksDatabase database, StoreLayout layout)
{
    private const byte CataloguePrefix = (byte)'c';
    private const byte MarkPrefix = (byte)'m';
    private const int BatchRows = 1000;

    private static readonly WriteOptions Synced = new WriteOptions().SetSync(true);

    public static byte[] MarkKey(string name) => [MarkPrefix, .. Encoding.UTF8.GetBytes(name)];

    /// <returns>The models' numbers in this store, in the layout's order.</returns>
    public int[] BringUp(CancellationToken cancellation)
    {
        var plans = CataloguePlan.For(ReadCatalogue(), layout);
        for (var model = 0; model < plans.Length; model++)
        {
            if (plans[model].IsChanged)
            {
                BringUp(model, plans[model], cancellation);
            }
        }

        return [.. plans.Select(plan => plan.Entry.Id)];
    }

    private void BringUp(int model, CataloguePlan plan, CancellationToken cancellation)
    {
        var id = plan.Entry.Id;
        using (var drop = new WriteBatch())
        {
            foreach (var number in plan.Drop.Concat(plan.Build))
            {
                DeleteRange(drop, database.Index, RocksKeys.Index(id, number), RocksKeys.BehindIndex(id, number));
            }

            Save(drop, plan.Entry with { Indexes = [.. plan.Entry.Indexes.Except(plan.Build)] });
        }

        if (!plan.Build.IsEmpty)
        {
            Fill(model, id, plan, cancellation);
            using var done = new WriteBatch();
            Save(done, plan.Entry);
        }
    }

    private void Save(WriteBatch batch, CatalogueEntry entry)
    {
        batch.Put(CatalogueKey(entry.Id), entry.ToJson(), database.Meta);
        database.Write(batch, Synced);
    }

    /// <summary>Every row gets the keys of the new indexes, and the indexes its entries; a key of an index that is gone is left out.</summary>
    private void Fill(int model, int id, CataloguePlan plan, CancellationToken cancellation)
    {
        var kept = plan.Entry.Indexes.Except(plan.Build).ToHashSet();
        var range = new RocksRange(RocksKeys.Model(id), RocksKeys.BehindModel(id));
        using var iterator = database.Walk(database.Rows, database.Newest);
        using var batch = new WriteBatch();
        for (range.SeekFirst(iterator, isDescending: false); iterator.Valid() && range.Contains(iterator.GetKeySpan()); iterator.Next())
        {
            RocksRow.Read(iterator.GetValueSpan(), database.Path, out var metadata, out var state, out var value);
            if (state == RowState.Live)
            {
                var keys = RocksRow.ReadIndexKeys(iterator.GetValueSpan(), database.Path).Where(entry => kept.Contains(entry.Number)).ToList();
                foreach (var number in plan.Build)
                {
                    if (layout.DeriveIndexKey(model, number, value) is { } indexKey)
                    {
                        keys.Add((number, indexKey));
                        var entry = RocksKeys.Entry(id, number, indexKey.Span, RocksKeys.KeyOfRow(iterator.GetKeySpan()));
                        batch.Put(entry, RocksWriter.ExpiryValue(metadata.ExpiresAt), database.Index);
                    }
                }

                batch.Put(iterator.GetKeySpan(), RocksRow.Write(metadata.ToRecordMetadata(), value, state, keys), database.Rows);
            }

            if (batch.Count() >= BatchRows)
            {
                cancellation.ThrowIfCancellationRequested();
                database.Write(batch, Synced);
                batch.Clear();
            }
        }

        database.CheckEnd(iterator);
        database.Write(batch, Synced);
    }

    private List<CatalogueEntry> ReadCatalogue()
    {
        var entries = new List<CatalogueEntry>();
        using var iterator = database.Walk(database.Meta, database.Newest);
        for (iterator.Seek([CataloguePrefix]); iterator.Valid() && iterator.GetKeySpan()[0] == CataloguePrefix; iterator.Next())
        {
            entries.Add(CatalogueEntry.Parse(iterator.GetValueSpan()));
        }

        database.CheckEnd(iterator);
        return entries;
    }

    private static byte[] CatalogueKey(int id) => [CataloguePrefix, .. RocksKeys.Model(id)];

    internal static void DeleteRange(WriteBatch batch, ColumnFamilyHandle family, byte[] start, byte[] end) =>
        batch.DeleteRange(start, (ulong)start.Length, end, (ulong)end.Length, family);
}
