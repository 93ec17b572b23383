using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Persistence.Catalogue;

/// <summary>What a store remembers of a model whose records it holds, to tell growth from a break when it is opened again.</summary>
/// <param name="Id">The model's number in this store, given once, from 1; stores that cannot name tables by text use it.</param>
/// <param name="Definition">The definition's wire name.</param>
/// <param name="Tag">The model's tag.</param>
/// <param name="Name">The model's name in code, for errors.</param>
/// <param name="Hash">The schema's hash.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Values">The nested records and enums.</param>
/// <param name="Indexes">The secondary keys whose entries are complete.</param>
public sealed record CatalogueEntry(
    int Id,
    string Definition,
    ushort Tag,
    string Name,
    string Hash,
    ImmutableArray<FieldSchema> Fields,
    ImmutableArray<ValueSchema> Values,
    ImmutableArray<int> Indexes)
{
    /// <summary>The entry of a schema all of whose indexes are complete.</summary>
    public static CatalogueEntry Of(ModelSchema schema, int id)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new(
            id, schema.Definition, schema.Tag, schema.Name, schema.Hash, schema.Fields, schema.Values,
            [.. schema.SecondaryKeys.Select(key => key.Number)]);
    }

    /// <summary>The entry as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CatalogueJson.Default.CatalogueEntry);

    /// <summary>Reads an entry.</summary>
    /// <exception cref="StoreException">Damaged: the bytes are no entry, or one that lacks something.</exception>
    public static CatalogueEntry Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CatalogueJson.Default.CatalogueEntry)
                ?? throw new StoreException(StoreError.Damaged, "an entry of the store's catalogue is empty");
        }
        catch (JsonException broken)
        {
            throw new StoreException(StoreError.Damaged, $"an entry of the store's catalogue cannot be read: {broken.Message}", broken);
        }
    }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogueEntry))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
