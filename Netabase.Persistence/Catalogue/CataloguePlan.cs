using System.Collections.Immutable;

namespace Netabase.Persistence.Catalogue;

/// <summary>What opening a store for a layout has to do for one model.</summary>
/// <param name="Entry">What the catalogue must say when it is done.</param>
/// <param name="IsNew">Whether the store has no such model yet.</param>
/// <param name="IsChanged">Whether the catalogue says something else now.</param>
/// <param name="Build">The secondary keys to be filled from the records.</param>
/// <param name="Drop">The secondary keys that the model has no longer; their entries are not kept up and must go.</param>
public sealed record CataloguePlan(CatalogueEntry Entry, bool IsNew, bool IsChanged, ImmutableArray<int> Build, ImmutableArray<int> Drop)
{
    /// <summary>
    /// Compares what a store holds with what it is opened for. New models, new fields, removed fields, and added or removed
    /// secondary keys are growth. Models that are not asked for are left as they are.
    /// </summary>
    /// <returns>One plan a model, in the layout's order.</returns>
    /// <exception cref="StoreException">Incompatible: a primary key or a field of the same number has another type.</exception>
    public static ImmutableArray<CataloguePlan> For(IReadOnlyCollection<CatalogueEntry> stored, StoreLayout layout)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(layout);
        var nextId = stored.Select(entry => entry.Id).DefaultIfEmpty(0).Max() + 1;
        var plans = ImmutableArray.CreateBuilder<CataloguePlan>(layout.Models.Length);
        foreach (var schema in layout.Models)
        {
            var known = stored.FirstOrDefault(entry => entry.Definition == schema.Definition && entry.Tag == schema.Tag);
            plans.Add(known is null
                ? new CataloguePlan(CatalogueEntry.Of(schema, nextId++), IsNew: true, IsChanged: true, [], [])
                : For(known, schema));
        }

        return plans.MoveToImmutable();
    }

    private static CataloguePlan For(CatalogueEntry known, ModelSchema schema)
    {
        if (SchemaGrowth.FindBreak(known, schema) is { } broken)
        {
            throw new StoreException(
                StoreError.Incompatible,
                $"the store holds records of {schema.Definition}/{schema.Tag} ({known.Name}) that {schema.Name} cannot read: {broken}");
        }

        var entry = CatalogueEntry.Of(schema, known.Id);
        return new CataloguePlan(
            entry,
            IsNew: false,
            IsChanged: known.Hash != entry.Hash || known.Name != entry.Name || !known.Indexes.SequenceEqual(entry.Indexes),
            [.. entry.Indexes.Where(index => !known.Indexes.Contains(index) || !SchemaGrowth.HasSameKeys(known, schema, index))],
            [.. known.Indexes.Except(entry.Indexes)]);
    }
}
