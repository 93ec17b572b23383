using System.Collections.Immutable;
using Netabase.Multiformats;
using Netabase.Persistence;

namespace Netabase.Actors.Node;

/// <summary>Records as writes, on the caller's own thread: what is parallel need not wait in the writer.</summary>
internal static class RecordCoding
{
    /// <summary>The write of a record; its clock of zero is stamped by the writer.</summary>
    /// <param name="model">The record.</param>
    /// <param name="place">Its model's place.</param>
    /// <param name="expiresAt">Unix milliseconds, or null.</param>
    /// <param name="self">Whose record it is where the model is owned by its publishers.</param>
    /// <exception cref="ArgumentException">It cannot be encoded, or its primary key is empty.</exception>
    public static StoreWrite.Put Put<TModel>(TModel model, int place, long? expiresAt, PeerId? self)
        where TModel : class, IModel<TModel> => new(
            place,
            RefuseEmpty(ModelCodec.EncodePrimaryKey(model, self)),
            ModelCodec.Encode(model),
            new RecordMetadata(HybridTimestamp.Zero, ExpiresAt: expiresAt),
            SecondaryKeys(model));

    /// <summary>The write of a record that a peer brings.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="place">The model's place.</param>
    /// <param name="key">The primary key's bytes in the record's key.</param>
    /// <param name="value">The encoded value.</param>
    /// <param name="metadata">What its seal says.</param>
    /// <exception cref="RecordFormatException">The value is none of the model, or its primary key is another.</exception>
    public static StoreWrite.Put Put(ModelDescriptor model, int place, Payload key, Payload value, RecordMetadata metadata)
    {
        var record = model.Decode(value.Span);
        var writer = new KeyWriter(stackalloc byte[128]);
        try
        {
            ModelCodec.WriteOwner(model.Schema, metadata.Publisher, ref writer);
            model.EncodePrimaryKey(record, ref writer);
            if (!writer.Written.SequenceEqual(key.Span))
            {
                throw new RecordFormatException("The record's key does not derive from its value.");
            }
        }
        finally
        {
            writer.Dispose();
        }

        var fields = model.Schema.SecondaryKeys;
        var keys = ImmutableArray.CreateBuilder<Payload?>(fields.Length);
        foreach (var field in fields)
        {
            var index = new KeyWriter(new byte[128]);
            keys.Add(model.EncodeSecondaryKey(record, field.Number, ref index) ? Payload.Copy(index.Written) : null);
            index.Dispose();
        }

        return new StoreWrite.Put(place, key, value, metadata, keys.MoveToImmutable());
    }

    /// <summary>The write that removes a record.</summary>
    /// <exception cref="ArgumentException">It cannot be encoded, or is empty.</exception>
    public static StoreWrite.Remove Remove<TModel>(IRecordKey<TModel> key, int place, PeerId? self)
        where TModel : class, IModel<TModel> => new(place, RefuseEmpty(ModelCodec.Encode(key, self)));

    // Told to its caller here: in the writer it would fail the whole group that it goes with.
    private static Payload RefuseEmpty(Payload key) =>
        key.IsEmpty ? throw new ArgumentException($"The primary key is empty; it has 1 to {RecordKey.PrimaryKeyMax} bytes.") : key;

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
