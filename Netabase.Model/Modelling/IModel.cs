using System.Buffers;

namespace Netabase;

/// <summary>A partial record that the generator has completed: its schema, codec and keys. Write none by hand.</summary>
/// <typeparam name="TSelf">The record itself.</typeparam>
public interface IModel<TSelf>
    where TSelf : class, IModel<TSelf>
{
    /// <summary>Names, numbers, types and keys, with a stable hash.</summary>
    static abstract ModelSchema Schema { get; }

    /// <summary>Writes the value in protobuf wire format: ascending field numbers, minimal varints, so that equal values are equal bytes.</summary>
    static abstract void Encode(TSelf model, IBufferWriter<byte> output);

    /// <summary>Writes the value as <see cref="Encode"/> does, into a writer that the caller already has.</summary>
    static abstract void Write(TSelf model, ref WireWriter writer);

    /// <summary>Reads a value; unknown fields are skipped, absent ones take their type's default, whether C# requires them or not.</summary>
    /// <exception cref="RecordFormatException">The bytes are not a value of this model.</exception>
    static abstract TSelf Decode(ReadOnlySpan<byte> bytes);

    /// <summary>Writes the primary key so that byte order is value order.</summary>
    static abstract void EncodePrimaryKey(TSelf model, ref KeyWriter key);

    /// <summary>Writes one secondary key so that byte order is value order.</summary>
    /// <param name="model">The record.</param>
    /// <param name="number">The index, one of <see cref="ModelSchema.SecondaryKeys"/>.</param>
    /// <param name="key">Where to.</param>
    /// <returns>False when the value is null: it is not in the index.</returns>
    static abstract bool EncodeSecondaryKey(TSelf model, int number, ref KeyWriter key);
}

/// <summary>The primary key of one model's records; each model has a generated <c>Key</c> that implements it.</summary>
/// <typeparam name="TModel">The model, so that a key finds nothing else.</typeparam>
public interface IRecordKey<TModel>
    where TModel : class, IModel<TModel>
{
    /// <summary>Whose record it names, for a model owned by its publishers; null for our own, and for every other model.</summary>
    Multiformats.PeerId? Publisher => null;

    /// <summary>Writes the key so that byte order is value order, without the publisher.</summary>
    void Encode(ref KeyWriter key);
}
