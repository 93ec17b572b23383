using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Netabase.Generators.Reading;

namespace Netabase.Generators.Shaping;

/// <summary>A schema's words, its canonical text and the hash over it.</summary>
internal static class SchemaShaper
{
    public static SchemaPlan Shape(RecordReading reading, ModelReading model)
    {
        var fields = new EquatableArray<WordPlan>(reading.Fields.Select(Plan));
        var values = new EquatableArray<ValuePlan>(reading.Values.Select(Plan));
        return new SchemaPlan(model.Definition, reading.Type.Name, model.Tag, model.IsOwned, fields, values, Hash(CanonicalText(model, fields, values)));
    }

    /// <summary>A field's type in one word.</summary>
    public static string Word(FieldReading field) => field.IsNullable ? $"optional<{Word(field.Type)}>" : Word(field.Type);

    private static string Word(TypeReading type) => type switch
    {
        TypeReading.OfScalar scalar => scalar.Scalar.Word,
        TypeReading.OfEnum { IsNumber: true } number => number.Underlying.Word,
        TypeReading.OfEnum named => $"enum#{named.Value}",
        TypeReading.OfValue value => $"value#{value.Value}",
        TypeReading.OfList list => $"list<{Word(list.Element)}>",
        TypeReading.OfMap map => $"map<{Word(map.Key)},{Word(map.Value)}>",
        _ => throw new System.ArgumentOutOfRangeException(nameof(type)),
    };

    private static WordPlan Plan(FieldReading field) => new(field.Number, field.Name.TrimStart('@'), field.Role, Word(field));

    private static ValuePlan Plan(ValueReading value) => new(
        value.Name,
        value.IsEnum
            ? new(value.Members.Select(member => new WordPlan(member.Number, member.Name, FieldRole.Field, "member")))
            : new(value.Fields.Select(Plan)),
        value.IsEnum);

    /// <summary>
    /// What is the same for two nodes that can read each other's records: no names, since a renamed property is the same
    /// field, and no members of an enum, since every number of it can be stored.
    /// </summary>
    private static string CanonicalText(ModelReading model, EquatableArray<WordPlan> fields, EquatableArray<ValuePlan> values)
    {
        var text = new StringBuilder($"netabase schema 1\n{model.Definition} {model.Tag}\n{(model.IsOwned ? "owned by publisher\n" : string.Empty)}");
        foreach (var field in fields)
        {
            _ = text.Append($"{field.Number} {RoleWord(field.Role)} {field.Word}\n");
        }

        for (var i = 0; i < values.Count; i++)
        {
            _ = text.Append(values[i].IsEnum ? $"enum#{i}\n" : $"value#{i}\n");
            foreach (var field in values[i].IsEnum ? default : values[i].Fields)
            {
                _ = text.Append($"{field.Number} {RoleWord(field.Role)} {field.Word}\n");
            }
        }

        return text.ToString();
    }

    private static string RoleWord(FieldRole role) => role switch
    {
        FieldRole.PrimaryKey => "primary-key",
        FieldRole.SecondaryKey => "secondary-key",
        _ => "field",
    };

    private static string Hash(string text)
    {
        using var sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(text)).Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
    }
}
