using System.Buffers;
using System.Collections.Immutable;

namespace Netabase;

/// <summary>A model without its type parameter, for the parts of a node that serve every model alike.</summary>
public abstract class ModelDescriptor
{
    private protected ModelDescriptor(ModelSchema schema) => Schema = schema;

    /// <summary>The model's schema.</summary>
    public ModelSchema Schema { get; }

    /// <summary>The record's type.</summary>
    public abstract Type ModelType { get; }

    /// <summary>Reads a value.</summary>
    /// <exception cref="RecordFormatException">The bytes are not a value of this model.</exception>
    public abstract object Decode(ReadOnlySpan<byte> bytes);

    /// <summary>Writes a value of <see cref="ModelType"/>.</summary>
    public abstract void Encode(object model, IBufferWriter<byte> output);

    /// <summary>Writes the primary key of a value of <see cref="ModelType"/>.</summary>
    public abstract void EncodePrimaryKey(object model, ref KeyWriter key);

    /// <summary>Writes a secondary key of a value of <see cref="ModelType"/>; false when it is null.</summary>
    public abstract bool EncodeSecondaryKey(object model, int number, ref KeyWriter key);

    /// <summary>The descriptor of a model.</summary>
    public static ModelDescriptor Of<TModel>()
        where TModel : class, IModel<TModel> => Typed<TModel>.Instance;

    private sealed class Typed<TModel>() : ModelDescriptor(TModel.Schema)
        where TModel : class, IModel<TModel>
    {
        public static readonly Typed<TModel> Instance = new();

        public override Type ModelType => typeof(TModel);

        public override object Decode(ReadOnlySpan<byte> bytes) => TModel.Decode(bytes);

        public override void Encode(object model, IBufferWriter<byte> output) => TModel.Encode((TModel)model, output);

        public override void EncodePrimaryKey(object model, ref KeyWriter key) => TModel.EncodePrimaryKey((TModel)model, ref key);

        public override bool EncodeSecondaryKey(object model, int number, ref KeyWriter key) =>
            TModel.EncodeSecondaryKey((TModel)model, number, ref key);
    }
}

/// <summary>The closed set of a definition's models; each definition has a generated <c>Definition</c> property of this type.</summary>
/// <param name="Name">The wire name.</param>
/// <param name="Models">Its models in ascending tag.</param>
public sealed record DefinitionDescriptor(string Name, ImmutableArray<ModelDescriptor> Models)
{
    /// <summary>The model with that tag, or null.</summary>
    public ModelDescriptor? Find(ushort tag) => Models.FirstOrDefault(model => model.Schema.Tag == tag);
}
