using Netabase.Generators.Reading;
using Netabase.Generators.Shaping;

namespace Netabase.Generators.Writing;

/// <summary>The statements that write a record's fields.</summary>
internal static class EncodeWriter
{
    private const int Length = 2;

    /// <summary>A tag as protobuf has it: the number and the wire type.</summary>
    public static uint Tag(int number, int wireType) => ((uint)number << 3) | (uint)wireType;

    /// <summary>The wire type of one value.</summary>
    public static int WireTypeOf(TypeReading type) => type switch
    {
        TypeReading.OfScalar scalar => scalar.Scalar.WireType,
        TypeReading.OfEnum { IsNumber: true } number => number.Underlying.WireType,
        TypeReading.OfEnum => 0,
        _ => Length,
    };

    /// <summary>Whether a list of it is one field.</summary>
    public static bool IsPackable(TypeReading type) => WireTypeOf(type) != Length;

    /// <summary>Whether the library reads and writes a packed list of it in one call, as it does for the list that is met most.</summary>
    public static bool IsPackedAtOnce(TypeReading type) => type is TypeReading.OfScalar { Scalar.Word: "int64" };

    public static void WriteFields(Source source, EquatableArray<FieldPlan> fields, string owner)
    {
        var isAfterBlock = false;
        foreach (var field in fields)
        {
            _ = isAfterBlock ? source.Line() : source;
            WriteField(source, field, $"{owner}.{field.Name}");
            isAfterBlock = field.IsNullable || field.Type is TypeReading.OfList or TypeReading.OfMap;
        }
    }

    /// <summary>What the writer is given for a value of this type.</summary>
    public static string Argument(TypeReading type, string value) => type switch
    {
        TypeReading.OfScalar scalar => string.Format(System.Globalization.CultureInfo.InvariantCulture, scalar.Scalar.Cast, value),
        TypeReading.OfEnum { IsNumber: true } number => $"({number.Underlying.Keyword}){value}",
        TypeReading.OfEnum => $"(int){value}",
        _ => value,
    };

    private static void WriteField(Source source, FieldPlan field, string value)
    {
        switch (field.Type)
        {
            case TypeReading.OfList list:
                WriteList(source, field, list, value);
                break;
            case TypeReading.OfMap map:
                _ = source.Open($"if ({value} is {{ Count: > 0 }} {field.Local})").Open($"foreach (var entry in global::Netabase.WireOrder.Sort({field.Local}))");
                _ = source.Line($"var start = writer.BeginLength({Tag(field.Number, Length)});");
                _ = source.Line(Always(map.Key, Tag(1, WireTypeOf(map.Key)), "entry.Key"));
                _ = source.Line(Always(map.Value, Tag(2, WireTypeOf(map.Value)), "entry.Value"));
                _ = source.Line("writer.EndLength(start);").Close().Close();
                break;
            default:
                var tag = Tag(field.Number, WireTypeOf(field.Type));
                if (field.IsNullable)
                {
                    _ = source.Open($"if ({value} is {{ }} {field.Local})").Line(Always(field.Type, tag, field.Local)).Close();
                }
                else
                {
                    _ = source.Line(Unless(field.Type, tag, value));
                }

                break;
        }
    }

    private static void WriteList(Source source, FieldPlan field, TypeReading.OfList list, string value)
    {
        var pattern = list.Form switch
        {
            ListForm.Array => "{ Length: > 0 }",
            ListForm.ImmutableArray => "{ IsDefaultOrEmpty: false }",
            _ => "{ Count: > 0 }",
        };
        _ = source.Open($"if ({value} is {pattern} {field.Local})");
        if (IsPackedAtOnce(list.Element))
        {
            _ = source.Line($"writer.WritePacked({Tag(field.Number, Length)}, {SpanOf(list, field.Local)});");
        }
        else if (IsPackable(list.Element))
        {
            var raw = list.Element is TypeReading.OfEnum { IsNumber: false } ? "WriteRawEnum" : "WriteRaw";
            _ = source.Line($"var start = writer.BeginLength({Tag(field.Number, Length)});")
                .Open($"foreach (var item in {field.Local})").Line($"writer.{raw}({Argument(list.Element, "item")});").Close()
                .Line().Line("writer.EndLength(start);");
        }
        else
        {
            _ = source.Open($"foreach (var item in {field.Local})").Line(Always(list.Element, Tag(field.Number, Length), "item")).Close();
        }

        _ = source.Close();
    }

    private static string SpanOf(TypeReading.OfList list, string value) => list.Form switch
    {
        ListForm.Array => value,
        ListForm.ImmutableArray => $"{value}.AsSpan()",
        _ => $"global::System.Runtime.InteropServices.CollectionsMarshal.AsSpan({value})",
    };

    private static string Unless(TypeReading type, uint tag, string value) => type switch
    {
        TypeReading.OfValue nested => $"{nested.Name}.Write({tag}, {value}, ref writer);",
        TypeReading.OfEnum { IsNumber: false } => $"writer.WriteEnum({tag}, {Argument(type, value)});",
        _ => $"writer.Write({tag}, {Argument(type, value)});",
    };

    private static string Always(TypeReading type, uint tag, string value) => type switch
    {
        TypeReading.OfValue nested => $"{nested.Name}.Write({tag}, {value}, ref writer);",
        TypeReading.OfEnum { IsNumber: false } => $"writer.WriteEnumAlways({tag}, {Argument(type, value)});",
        _ => $"writer.WriteAlways({tag}, {Argument(type, value)});",
    };
}
