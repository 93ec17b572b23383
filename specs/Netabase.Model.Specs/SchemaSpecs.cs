using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Netabase.Specs.Models;

namespace Netabase.Specs;

public class SchemaSpecs
{
    /// <summary>The hash decides whether two nodes mean the same: whoever changes it by changing the generator parts every network.</summary>
    [Fact]
    public void The_hash_of_the_chat_message_never_changes() =>
        Assert.Equal("44a79ba858c0e740a5399c6a0894c96e576cdb62eba7c0fc3609a3994e20c589", Chat.Message.Schema.Hash);

    [Fact]
    public void A_hash_is_that_of_the_canonical_text_on_the_wire_page()
    {
        Assert.Equal(
            "netabase schema 1\nchat 1\n1 primary-key guid\n2 secondary-key string\n3 secondary-key date-time-offset\n4 field string\n",
            CanonicalText(Chat.Message.Schema));
        foreach (var schema in Everything.Definition.Models.Concat(Keys.Definition.Models).Append(Chat.Definition.Models[0]).Select(model => model.Schema))
        {
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalText(schema)))), schema.Hash);
        }
    }

    [Fact]
    public void A_schema_says_what_each_field_and_each_value_within_is()
    {
        var schema = Everything.Collections.Schema;

        Assert.Equal("value#0", schema.PrimaryKey.Type);
        Assert.Equal("list<int32>", schema.Fields[1].Type);
        Assert.Equal("map<int32,value#1>", schema.Fields.Single(field => field.Name == "ByNumber").Type);
        Assert.Equal(["Point", "Address", "Colour", "Tree"], schema.Values.Select(value => value.Name));
        Assert.Equal("optional<value#3>", schema.Values[3].Fields[2].Type);
        Assert.Equal([-1, 0, 1, 2], schema.Values[2].Fields.Select(member => member.Number));
    }

    [Fact]
    public void A_positional_record_with_a_keyword_for_a_name_is_a_model_like_any_other()
    {
        var written = new Keys.Positional(4, "first") { Rest = "r", Cache = 9 };
        var read = Keys.Positional.Decode(ModelCodec.Encode(written).Span);

        Assert.Equal(written with { Cache = 0 }, read);
        Assert.Equal("class", Keys.Positional.Schema.SecondaryKeys[0].Name);
        Assert.Equal([1, 2], Keys.Definition.Models.Select(model => (int)model.Schema.Tag));
    }

    private static string CanonicalText(ModelSchema schema)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"netabase schema 1\n{schema.Definition} {schema.Tag}\n"));
        Append(text, schema.Fields);
        foreach (var (place, value) in schema.Values.Index())
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{(value.IsEnum ? "enum" : "value")}#{place}\n");
            Append(text, value.IsEnum ? [] : value.Fields);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, IEnumerable<FieldSchema> fields)
    {
        foreach (var field in fields)
        {
            var role = field.Role switch { FieldRole.PrimaryKey => "primary-key", FieldRole.SecondaryKey => "secondary-key", _ => "field" };
            _ = text.Append(CultureInfo.InvariantCulture, $"{field.Number} {role} {field.Type}\n");
        }
    }
}
