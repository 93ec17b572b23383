using Microsoft.CodeAnalysis.CSharp;
using Netabase.Generators.Shaping;

namespace Netabase.Generators.Writing;

/// <summary>A model's schema as an expression.</summary>
internal static class SchemaWriter
{
    public static void Write(Source source, SchemaPlan schema)
    {
        _ = source.Line("/// <inheritdoc/>")
            .Line("public static global::Netabase.ModelSchema Schema { get; } = new(").Indent(1)
            .Line($"Definition: \"{schema.Definition}\",")
            .Line($"Name: {Quote(schema.Name.TrimStart('@'))},")
            .Line($"Tag: {schema.Tag},")
            .Line("Fields:");
        WriteFields(source, schema.Fields, ",");
        if (schema.Values.Count == 0)
        {
            _ = source.Line("Values: [],");
        }
        else
        {
            _ = source.Line("Values:").Line("[").Indent(1);
            foreach (var value in schema.Values)
            {
                _ = source.Line("new(").Indent(1).Line($"{Quote(value.Name)},");
                WriteFields(source, value.Fields, ",");
                _ = source.Line($"IsEnum: {(value.IsEnum ? "true" : "false")}),").Indent(-1);
            }

            _ = source.Indent(-1).Line("],");
        }

        if (!schema.IsOwned)
        {
            _ = source.Line($"Hash: \"{schema.Hash}\");").Indent(-1);
            return;
        }

        _ = source.Line($"Hash: \"{schema.Hash}\")").Indent(-1)
            .Line("{").Indent(1).Line("Ownership = global::Netabase.RecordOwnership.Publisher,").Indent(-1).Line("};");
    }

    private static void WriteFields(Source source, EquatableArray<WordPlan> fields, string tail)
    {
        _ = source.Line("[").Indent(1);
        foreach (var field in fields)
        {
            _ = source.Line($"new({field.Number}, {Quote(field.Name)}, global::Netabase.FieldRole.{field.Role}, {Quote(field.Word)}),");
        }

        _ = source.Indent(-1).Line("]" + tail);
    }

    private static string Quote(string text) => SymbolDisplay.FormatLiteral(text, quote: true);
}
