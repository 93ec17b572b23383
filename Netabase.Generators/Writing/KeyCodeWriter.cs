using Netabase.Generators.Reading;
using Netabase.Generators.Shaping;

namespace Netabase.Generators.Writing;

/// <summary>The statements that write keys.</summary>
internal static class KeyCodeWriter
{
    /// <summary>A statement that writes the whole key.</summary>
    public static string Append(TypeReading type, string value) => type switch
    {
        TypeReading.OfValue nested => $"{nested.Name}.EncodeKey({value}, ref key);",
        _ => $"key.Append({Argument(type, value)});",
    };

    /// <summary>The method of a value that writes it as a key: its fields by number, each saying where it ends.</summary>
    public static void WriteEncodeKey(Source source, RecordPlan plan)
    {
        _ = source.Line().Line("/// <summary>Writes the value as a key: its fields by ascending number, so that it orders by the first that differs.</summary>")
            .Line(RecordWriter.Hidden)
            .Open($"public static void EncodeKey({plan.Type.Name} value, ref global::Netabase.KeyWriter key)");
        if (!plan.Type.IsStruct)
        {
            _ = source.Line("global::System.ArgumentNullException.ThrowIfNull(value);");
        }

        foreach (var field in plan.Fields)
        {
            if (field.IsNullable)
            {
                _ = source.Line($"key.AppendPresence(value.{field.Name} is not null);")
                    .Open($"if (value.{field.Name} is {{ }} {field.Local})").Line(Part(field.Type, field.Local)).Close();
            }
            else
            {
                _ = source.Line(Part(field.Type, $"value.{field.Name}"));
            }
        }

        _ = source.Close();
    }

    private static string Part(TypeReading type, string value) =>
        type is TypeReading.OfScalar { Scalar.IsSelfDelimiting: false } ? $"key.AppendPart({Argument(type, value)});" : Append(type, value);

    private static string Argument(TypeReading type, string value) => type switch
    {
        // A key of a number is as wide as its type, so nothing is cast to a wider one.
        TypeReading.OfScalar { Scalar.WireType: 0 } => value,
        TypeReading.OfEnum enumeration => $"({enumeration.Underlying.Keyword}){value}",
        _ => EncodeWriter.Argument(type, value),
    };
}
