using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Netabase.Generators.Reading;

namespace Netabase.Generators.Shaping;

/// <summary>The second stage: from what was read to what will be written. Every decision about the output falls here.</summary>
internal static class RecordShaper
{
    /// <summary>The names that generated methods use themselves.</summary>
    private static readonly HashSet<string> OwnNames = ["reader", "writer", "model", "value", "tag", "key", "number", "entry", "item", "output", "bytes", "start", "outer"];

    public static RecordPlan Shape(RecordReading reading) => new(
        reading.Type,
        new(Fields(reading.Fields)),
        reading.Model is { } model ? SchemaShaper.Shape(reading, model) : null,
        IsOrderable: reading.Model is null && reading.Fields.Count > 0 && reading.Fields.All(field => IsOrderable(field.Type, reading.Values, [0])));

    private static IEnumerable<FieldPlan> Fields(EquatableArray<FieldReading> fields)
    {
        var taken = new HashSet<string>(OwnNames);
        foreach (var field in fields)
        {
            var name = field.Name.TrimStart('@');
            var local = char.ToLowerInvariant(name[0]) + name.Substring(1);
            while (!taken.Add(local))
            {
                local += "Value";
            }

            yield return new FieldPlan(field, SyntaxFacts.GetKeywordKind(local) == SyntaxKind.None ? local : "@" + local, SchemaShaper.Word(field));
        }
    }

    private static bool IsOrderable(TypeReading type, EquatableArray<ValueReading> values, HashSet<int> within) => type switch
    {
        TypeReading.OfScalar or TypeReading.OfEnum => true,
        TypeReading.OfValue value => within.Add(value.Value)
            && values[value.Value].Fields.Count > 0
            && values[value.Value].Fields.All(field => IsOrderable(field.Type, values, within))
            && within.Remove(value.Value),
        _ => false,
    };
}
