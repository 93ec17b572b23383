using System.Collections.Immutable;
using Netabase.Actors.Node;
using Netabase.Persistence;

namespace Netabase.Actors.Stores;

/// <summary>What a commit means to the audience.</summary>
internal static class StoreEvents
{
    public static ImmutableArray<NetabaseEvent> Of(
        NodeParts parts, IReadOnlyList<StoreBatch> batches, ImmutableArray<BatchOutcome> outcomes, long at)
    {
        var events = ImmutableArray.CreateBuilder<NetabaseEvent>(batches.Count);
        for (var i = 0; i < batches.Count; i++)
        {
            if (outcomes[i] is not BatchOutcome.Written written)
            {
                continue;
            }

            for (var j = 0; j < written.Writes.Length; j++)
            {
                if (ToEvent(parts.Catalog, batches[i].Writes[j], written.Writes[j], at) is { } happened)
                {
                    events.Add(happened);
                }
            }
        }

        return events.DrainToImmutable();
    }

    private static StoreEvent? ToEvent(ModelCatalog catalog, StoreWrite write, long rows, long at) => write switch
    {
        StoreWrite.Put put => new StoreEvent.RecordStored(KeyOf(catalog, put.Model, put.Key), put.Metadata, rows > 0) { At = at },
        StoreWrite.Remove remove when rows > 0 => new StoreEvent.RecordRemoved(KeyOf(catalog, remove.Model, remove.Key)) { At = at },
        StoreWrite.Bury bury when rows > 0 => new StoreEvent.RecordRemoved(KeyOf(catalog, bury.Model, bury.Key)) { At = at },
        StoreWrite.Clear clear => new StoreEvent.ModelCleared(
            catalog.Models[clear.Model].Schema.Definition, catalog.Models[clear.Model].Schema.Tag, rows)
        { At = at },
        _ => null,
    };

    private static RecordKey KeyOf(ModelCatalog catalog, int model, Payload key)
    {
        var schema = catalog.Models[model].Schema;
        return RecordKey.Derive(schema.Definition, schema.Tag, key.Span);
    }
}
