using System.Collections.Immutable;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>Records as writes, on the caller's own thread: what is parallel need not wait in the writer.</summary>
internal static class RecordCoding
{
    /// <summary>The write of a record; its clock of zero is stamped by the writer.</summary>
    /// <param name="model">The record.</param>
    /// <param name="place">Its model's place.</param>
    /// <param name="expiresAt">Unix milliseconds, or null.</param>
    public static StoreWrite.Put Put<TModel>(TModel model, int place, long? expiresAt)
        where TModel : class, IModel<TModel> => new(
            place,
            ModelCodec.EncodePrimaryKey(model),
            ModelCodec.Encode(model),
            new RecordMetadata(HybridTimestamp.Zero, ExpiresAt: expiresAt),
            SecondaryKeys(model));

    private static ImmutableArray<Payload?> SecondaryKeys<TModel>(TModel model)
        where TModel : class, IModel<TModel>
    {
        var fields = TModel.Schema.SecondaryKeys;
        if (fields.IsEmpty)
        {
            return [];
        }

        Span<byte> memory = stackalloc byte[128];
        var keys = ImmutableArray.CreateBuilder<Payload?>(fields.Length);
        foreach (var field in fields)
        {
            var writer = new KeyWriter(memory);
            try
            {
                keys.Add(TModel.EncodeSecondaryKey(model, field.Number, ref writer) ? Payload.Copy(writer.Written) : null);
            }
            finally
            {
                writer.Dispose();
            }
        }

        return keys.MoveToImmutable();
    }
}
