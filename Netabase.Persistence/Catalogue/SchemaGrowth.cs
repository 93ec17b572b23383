using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Netabase.Persistence.Catalogue;

/// <summary>
/// Whether a model can still read what an earlier form of it wrote. Names are no matter; numbers and types are. A field may
/// come, go, or become optional; it may not become another, nor required where it was optional. A primary key may not change at all.
/// </summary>
internal static partial class SchemaGrowth
{
    private const string Optional = "optional<";
    private const int DepthMax = 32;

    /// <summary>A sentence about the first break, or null when there is none.</summary>
    public static string? FindBreak(CatalogueEntry before, ModelSchema after)
    {
        if (before.Fields.FirstOrDefault(field => field.Role == FieldRole.PrimaryKey) is not { } key)
        {
            return "its catalogue entry names no primary key";
        }

        return key.Number != after.PrimaryKey.Number
            || Expand(key.Type, before.Values, 0) != Expand(after.PrimaryKey.Type, after.Values, 0)
            ? $"its primary key was field {key.Number} of type {key.Type} and is field {after.PrimaryKey.Number} of type {after.PrimaryKey.Type}, or one of another form"
            : FindBreak(before.Fields, before.Values, after.Fields, after.Values, []);
    }

    /// <summary>Whether a field's values are ordered by the same bytes as before, so that its index still is in order.</summary>
    public static bool HasSameKeys(CatalogueEntry before, ModelSchema after, int number) =>
        before.Fields.FirstOrDefault(field => field.Number == number) is { } was
        && after.Fields.FirstOrDefault(field => field.Number == number) is { } now
        && Expand(WithoutOptional(was.Type), before.Values, 0) == Expand(WithoutOptional(now.Type), after.Values, 0);

    private static string? FindBreak(
        ImmutableArray<FieldSchema> before, ImmutableArray<ValueSchema> beforeValues,
        ImmutableArray<FieldSchema> after, ImmutableArray<ValueSchema> afterValues, HashSet<(int, int)> compared)
    {
        foreach (var field in before)
        {
            if (after.FirstOrDefault(candidate => candidate.Number == field.Number) is not { } now)
            {
                continue;
            }

            var type = Skeleton(field.Type);
            if (type != Skeleton(now.Type) && type != Skeleton(WithoutOptional(now.Type)))
            {
                return $"field {field.Number} ({now.Name}) was of type {field.Type} and is of type {now.Type}";
            }

            foreach (var (old, young) in ValuesOf(field.Type).Zip(ValuesOf(now.Type)))
            {
                if (compared.Add((old, young)) && old < beforeValues.Length && young < afterValues.Length
                    && !beforeValues[old].IsEnum
                    && FindBreak(beforeValues[old].Fields, beforeValues, afterValues[young].Fields, afterValues, compared) is { } inside)
                {
                    return $"within field {field.Number} ({now.Name}): {inside}";
                }
            }
        }

        return null;
    }

    private static string WithoutOptional(string type) =>
        type.StartsWith(Optional, StringComparison.Ordinal) && type.EndsWith('>') ? type[Optional.Length..^1] : type;

    /// <summary>The type without the places of nested records and enums in the schema's list, which move when others come before them.</summary>
    private static string Skeleton(string type) => Reference().Replace(type, "$1#");

    private static IEnumerable<int> ValuesOf(string type) => Reference().Matches(type).Select(PlaceOf);

    /// <summary>The type with every nested record written out.</summary>
    private static string Expand(string type, ImmutableArray<ValueSchema> values, int depth) => Reference().Replace(type, match =>
        PlaceOf(match) < values.Length && !values[PlaceOf(match)].IsEnum && depth < DepthMax
            ? $"{{{string.Join(';', values[PlaceOf(match)].Fields.Select(field => $"{field.Number}:{Expand(field.Type, values, depth + 1)}"))}}}"
            : match.Groups[1].Value);

    private static int PlaceOf(Match match) =>
        int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : int.MaxValue;

    /// <summary>How a type names the schema's nested records and enums: <c>value#0</c>, <c>enum#1</c> (<c>specs/wire.md</c>).</summary>
    [GeneratedRegex("(value|enum)#([0-9]+)")]
    private static partial Regex Reference();
}
