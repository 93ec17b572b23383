using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Netabase.Generators.Reading;
using Netabase.Generators.Shaping;

namespace Netabase.Generators.Writing;

/// <summary>The statements that read a record's fields: first each in its place, then whatever is left in whatever order.</summary>
internal static class DecodeWriter
{
    private const int Length = 2;

    public static void WriteBody(Source source, RecordPlan plan)
    {
        foreach (var field in plan.Fields)
        {
            _ = source.Line(Declaration(field));
        }

        _ = source.Line();
        foreach (var field in plan.Fields)
        {
            var (tag, statement) = Cases(field)[0];
            var repeats = field.Type is TypeReading.OfMap || (field.Type is TypeReading.OfList list && !EncodeWriter.IsPackable(list.Element));
            _ = source.Open($"{(repeats ? "while" : "if")} (reader.TryReadTag({tag}))").Line(statement).Close().Line();
        }

        _ = source.Open("for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())").Open("switch (tag)");
        foreach (var (tag, statement) in plan.Fields.SelectMany(Cases))
        {
            _ = source.Line($"case {tag}:").Indent(1).Line(statement).Line("break;").Indent(-1);
        }

        var numbers = string.Join(", ", plan.Fields.Select(field => field.Number.ToString(CultureInfo.InvariantCulture)));
        _ = source.Line("default:").Indent(1).Line($"reader.Skip(tag, [{numbers}]);").Line("break;").Indent(-1).Close().Close().Line();
        WriteResult(source, plan);
    }

    /// <summary>The statements that make a record of the variables.</summary>
    private static void WriteResult(Source source, RecordPlan plan)
    {
        var positional = plan.Fields.Where(field => field.Field.Position >= 0).OrderBy(field => field.Field.Position).ToList();
        var named = plan.Fields.Where(field => field.Field.Position < 0).ToList();
        var head = $"return new {plan.Type.Name}({string.Join(", ", positional.Select(Result))})";
        if (named.Count == 0)
        {
            _ = source.Line(head + ";");
            return;
        }

        _ = source.Open(positional.Count == 0 ? $"return new {plan.Type.Name}" : head);
        foreach (var field in named)
        {
            _ = source.Line($"{field.Name} = {Result(field)},");
        }

        _ = source.Close(";");
    }

    /// <summary>The methods that read what a record has several of: packed lists, and the entries of dictionaries.</summary>
    public static void WriteParts(Source source, RecordPlan plan)
    {
        foreach (var field in plan.Fields)
        {
            if (field.Type is TypeReading.OfList list && EncodeWriter.IsPackable(list.Element) && !EncodeWriter.IsPackedAtOnce(list.Element))
            {
                WritePackedReader(source, field, list);
            }
            else if (field.Type is TypeReading.OfMap map)
            {
                WriteEntryReader(source, field, map);
            }
        }
    }

    private static void WritePackedReader(Source source, FieldPlan field, TypeReading.OfList list)
    {
        _ = source.Line()
            .Open($"private static void {PackedReader(field)}(ref global::Netabase.WireReader reader, ref global::Netabase.WireItems<{list.Element.Name}> into)")
            .Line("var outer = reader.BeginLength();")
            .Open($"foreach (ref var item in into.Claim(reader.{Count(list.Element)}))").Line($"item = {Read(list.Element)};").Close().Line()
            .Line("reader.EndLength(outer);").Close();
    }

    private static void WriteEntryReader(Source source, FieldPlan field, TypeReading.OfMap map) => source.Line().Open($"private static void {EntryReader(field)}(ref global::Netabase.WireReader reader, {Collected(map)} into)")
        .Line($"{map.Key.Name} key = {Default(map.Key)};")
        .Line(map.Value is TypeReading.OfValue ? $"{map.Value.Name}? value = null;" : $"{map.Value.Name} value = {Default(map.Value)};")
        .Line("var outer = reader.BeginLength();")
        .Open("for (var tag = reader.ReadTag(); tag != 0; tag = reader.ReadTag())").Open("switch (tag)")
        .Line($"case {EncodeWriter.Tag(1, EncodeWriter.WireTypeOf(map.Key))}:").Indent(1).Line($"key = {Read(map.Key)};").Line("break;").Indent(-1)
        .Line($"case {EncodeWriter.Tag(2, EncodeWriter.WireTypeOf(map.Value))}:").Indent(1).Line($"value = {Read(map.Value)};").Line("break;").Indent(-1)
        .Line("default:").Indent(1).Line("reader.Skip(tag, [1, 2]);").Line("break;").Indent(-1).Close().Close().Line()
        .Line("reader.EndLength(outer);")
        .Line(map.Value is TypeReading.OfValue ? $"into[key] = value ?? {map.Value.Name}.ReadAbsent();" : "into[key] = value;")
        .Close();

    /// <summary>A value's tags and what is done about each; the tag that our own writer uses comes first.</summary>
    private static List<(uint Tag, string Statement)> Cases(FieldPlan field) => field.Type switch
    {
        TypeReading.OfMap => [(EncodeWriter.Tag(field.Number, Length), $"{EntryReader(field)}(ref reader, {field.Local} ??= new());")],
        TypeReading.OfList list when EncodeWriter.IsPackable(list.Element) =>
        [
            (EncodeWriter.Tag(field.Number, Length), EncodeWriter.IsPackedAtOnce(list.Element)
                ? $"reader.ReadPacked(ref {field.Local});"
                : $"{PackedReader(field)}(ref reader, ref {field.Local});"),
            (EncodeWriter.Tag(field.Number, EncodeWriter.WireTypeOf(list.Element)), $"{field.Local}.Add({Read(list.Element)});"),
        ],
        TypeReading.OfList list => [(EncodeWriter.Tag(field.Number, Length), $"{field.Local}.Add({Read(list.Element)});")],
        _ => [(EncodeWriter.Tag(field.Number, EncodeWriter.WireTypeOf(field.Type)), $"{field.Local} = {Read(field.Type)};")],
    };

    private static string Declaration(FieldPlan field) => field.Type switch
    {
        TypeReading.OfList list => $"var {field.Local} = default(global::Netabase.WireItems<{list.Element.Name}>);",
        TypeReading.OfMap map => $"{Collected(map)}? {field.Local} = null;",
        TypeReading.OfValue => $"{field.Type.Name}? {field.Local} = null;",
        _ when field.IsNullable => $"{field.Type.Name}? {field.Local} = null;",
        _ => $"{field.Type.Name} {field.Local} = {Default(field.Type)};",
    };

    private static string Result(FieldPlan field) => field.Type switch
    {
        TypeReading.OfList list => $"{field.Local}.To{list.Form}()",
        TypeReading.OfMap { Form: MapForm.ImmutableDictionary } map =>
            $"global::System.Collections.Immutable.ImmutableDictionary.CreateRange({field.Local} ?? new())",
        TypeReading.OfMap => $"{field.Local} ?? new()",
        TypeReading.OfValue when !field.IsNullable => $"{field.Local} ?? {field.Type.Name}.ReadAbsent()",
        _ => field.Local,
    };

    private static string Read(TypeReading type) => type switch
    {
        TypeReading.OfScalar scalar => $"reader.{scalar.Scalar.Reader}",
        TypeReading.OfEnum { IsNumber: true } number => $"({type.Name})reader.{number.Underlying.Reader}",
        TypeReading.OfEnum named => $"({type.Name})reader.ReadEnum({named.Underlying.Keyword}.MinValue, {named.Underlying.Keyword}.MaxValue)",
        _ => $"{type.Name}.Read(ref reader)",
    };

    private static string Default(TypeReading type) => type is TypeReading.OfScalar scalar ? scalar.Scalar.Default : "default";

    private static string Collected(TypeReading.OfMap map) => $"global::System.Collections.Generic.Dictionary<{map.Key.Name}, {map.Value.Name}>";

    private static string PackedReader(FieldPlan field) => $"ReadPacked{field.Name.TrimStart('@')}";

    /// <summary>How many elements a packed list holds, which its bytes say before any is read.</summary>
    private static string Count(TypeReading element) => EncodeWriter.WireTypeOf(element) switch
    {
        1 => "CountFixed(8)",
        5 => "CountFixed(4)",
        _ => "CountVarints()",
    };

    private static string EntryReader(FieldPlan field) => $"Read{field.Name.TrimStart('@')}Entry";
}
