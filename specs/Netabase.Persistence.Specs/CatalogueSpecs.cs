using System.Text;
using System.Text.Json.Nodes;
using Netabase.Persistence.Catalogue;
using static Netabase.Persistence.Specs.Contract.Sample;

namespace Netabase.Persistence.Specs;

/// <summary>What a store remembers of its models.</summary>
public sealed class CatalogueSpecs
{
    [Fact]
    public void An_entry_is_read_as_it_was_written()
    {
        var entry = CatalogueEntry.Of(MessageSchema, 7);
        var read = CatalogueEntry.Parse(entry.ToJson());
        Assert.Equal(entry.ToJson(), read.ToJson());
        Assert.Equal((7, "Message", 4), (read.Id, read.Name, read.Fields.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"Id\":1}")]
    public void Bytes_that_are_no_entry_are_damage(string json) => IsDamage(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void An_entry_that_lacks_anything_or_has_null_in_its_place_is_damage()
    {
        var whole = JsonNode.Parse(CatalogueEntry.Of(MessageSchema, 7).ToJson())!.AsObject();
        foreach (var name in whole.Select(property => property.Key).ToList())
        {
            var lacking = whole.DeepClone().AsObject();
            lacking.Remove(name);
            IsDamage(Encoding.UTF8.GetBytes(lacking.ToJsonString()));
            lacking[name] = null;
            IsDamage(Encoding.UTF8.GetBytes(lacking.ToJsonString()));
        }

        var field = whole.DeepClone().AsObject();
        field["Fields"]![0]!.AsObject().Remove("Type");
        IsDamage(Encoding.UTF8.GetBytes(field.ToJsonString()));
    }

    private static void IsDamage(byte[] json) =>
        Assert.Equal(StoreError.Damaged, Assert.Throws<StoreException>(() => CatalogueEntry.Parse(json)).Error);
}
