using System.Collections.Immutable;
using Netabase.Multiformats;

namespace Netabase.Protocol.Records;

/// <summary>What a value turned out to be.</summary>
public enum ModelFit
{
    /// <summary>A value of its model, and the key is its key.</summary>
    Fits,

    /// <summary>There is no such definition or model here.</summary>
    Unknown,

    /// <summary>The bytes are no value of the model.</summary>
    Undecodable,

    /// <summary>The value has another primary key, or the publisher is not the one that the key names.</summary>
    OtherKey,
}

/// <summary>The models that this node knows, as far as judging a record needs them.</summary>
public interface IRecordModels
{
    /// <summary>Whether a value stands rightly under a record key.</summary>
    /// <param name="definition">The definition that the key names.</param>
    /// <param name="tag">The model that the key names.</param>
    /// <param name="primaryKey">The primary key that the key ends with.</param>
    /// <param name="publisher">Who published it.</param>
    /// <param name="value">The encoded value.</param>
    ModelFit Check(string definition, ushort tag, ReadOnlySpan<byte> primaryKey, PeerId publisher, ReadOnlySpan<byte> value);
}

/// <summary>The models of definitions.</summary>
/// <param name="definitions">Each once.</param>
public sealed class DefinedModels(ImmutableArray<DefinitionDescriptor> definitions) : IRecordModels
{
    /// <inheritdoc/>
    public ModelFit Check(string definition, ushort tag, ReadOnlySpan<byte> primaryKey, PeerId publisher, ReadOnlySpan<byte> value)
    {
        if (Find(definition, tag) is not { } model)
        {
            return ModelFit.Unknown;
        }

        object decoded;
        try
        {
            decoded = model.Decode(value);
        }
        catch (RecordFormatException)
        {
            return ModelFit.Undecodable;
        }

        var key = new KeyWriter(stackalloc byte[128]);
        try
        {
            ModelCodec.WriteOwner(model.Schema, publisher, ref key);
            model.EncodePrimaryKey(decoded, ref key);
            return key.Written.SequenceEqual(primaryKey) && !primaryKey.IsEmpty ? ModelFit.Fits : ModelFit.OtherKey;
        }
        catch (ArgumentException)
        {
            // A value whose key has a null where none is allowed was never written by a node of ours.
            return ModelFit.Undecodable;
        }
        finally
        {
            key.Dispose();
        }
    }

    private ModelDescriptor? Find(string definition, ushort tag)
    {
        foreach (var known in definitions)
        {
            if (known.Name == definition)
            {
                return known.Find(tag);
            }
        }

        return null;
    }
}
