using System.Linq;
using Netabase.Generators.Reading;
using Netabase.Generators.Shaping;

namespace Netabase.Generators.Writing;

/// <summary>The third stage: the other part of a model or a value.</summary>
internal static class RecordWriter
{
    /// <summary>Members for generated code, which an editor does not offer.</summary>
    public const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

    private const string InheritDoc = "/// <inheritdoc/>";

    public static string Write(RecordPlan plan)
    {
        var source = new Source().OpenFile(plan.Type);
        if (plan.Schema is { } schema)
        {
            WriteModel(source, plan, schema);
        }
        else
        {
            WriteValue(source, plan);
        }

        DecodeWriter.WriteParts(source, plan);
        return source.CloseFile().ToString();
    }

    private static void WriteModel(Source source, RecordPlan plan, SchemaPlan schema)
    {
        var name = plan.Type.Name;
        var key = plan.Fields.Single(field => field.Field.Role == FieldRole.PrimaryKey);
        _ = source.Open($"partial record {name} : global::Netabase.IModel<{name}>");
        SchemaWriter.Write(source, schema);
        WriteKey(source, name, key, schema.IsOwned);
        WriteIndexes(source, name, plan);

        _ = source.Line().Line(InheritDoc)
            .Open($"public static void Encode({name} model, global::System.Buffers.IBufferWriter<byte> output)")
            .Line("var writer = new global::Netabase.WireWriter(output);")
            .Line("Write(model, ref writer);")
            .Line("writer.Flush();")
            .Close();
        _ = source.Line().Line(InheritDoc).Line(Hidden)
            .Open($"public static void Write({name} model, ref global::Netabase.WireWriter writer)")
            .Line("global::System.ArgumentNullException.ThrowIfNull(model);");
        EncodeWriter.WriteFields(source, plan.Fields, "model");
        _ = source.Close();

        _ = source.Line().Line(InheritDoc).Open($"public static {name} Decode(global::System.ReadOnlySpan<byte> bytes)")
            .Line("var reader = new global::Netabase.WireReader(bytes);");
        DecodeWriter.WriteBody(source, plan);
        _ = source.Close();
        WriteModelKeys(source, name, plan, key);
    }

    private static void WriteKey(Source source, string name, FieldPlan key, bool isOwned)
    {
        OpenKey(source, name, key);
        if (isOwned)
        {
            _ = source.Line("/// <summary>Whose record it names; null for our own.</summary>")
                .Line("public global::Netabase.Multiformats.PeerId? Publisher { get; init; }").Line();
        }

        WriteKeyBody(source, name, key);
    }

    private static void OpenKey(Source source, string name, FieldPlan key) => source.Line()
        .Line($"/// <summary>The primary key of a <see cref=\"{name}\"/>.</summary>")
        .Line($"/// <param name=\"{key.Name.TrimStart('@')}\">What names the record.</param>")
        .Open($"public readonly record struct Key({key.Type.Name} {key.Name}) : global::Netabase.IRecordKey<{name}>");

    private static void WriteKeyBody(Source source, string name, FieldPlan key) => source
        .Line("/// <summary>The key of a record.</summary>")
        .Line($"public static Key Of({name} model)").Indent(1).Line($"=> new((model ?? throw new global::System.ArgumentNullException(nameof(model))).{key.Name});").Indent(-1)
        .Line().Line("/// <summary>Whatever names a record is its key.</summary>")
        .Line($"public static implicit operator Key({key.Type.Name} {key.Local}) => new({key.Local});")
        .Line().Line(InheritDoc)
        .Line($"public void Encode(ref global::Netabase.KeyWriter key) => {KeyCodeWriter.Append(key.Type, key.Name == "key" ? "this.key" : key.Name)}")
        .Close();

    private static void WriteIndexes(Source source, string name, RecordPlan plan)
    {
        _ = source.Line().Line($"/// <summary>The secondary keys of a <see cref=\"{name}\"/>: the doors to queries.</summary>").Open("public static class Indexes");
        var isFirst = true;
        foreach (var field in plan.Fields.Where(field => field.Field.Role == FieldRole.SecondaryKey))
        {
            _ = isFirst ? source : source.Line();
            isFirst = false;
            _ = source.Line($"/// <summary>By <see cref=\"{name}.{field.Name}\"/>.</summary>")
                .Line($"public static global::Netabase.SecondaryIndex<{name}, {field.Type.Name}> {field.Name} {{ get; }} = new(").Indent(1)
                .Line($"{field.Number},")
                .Line($"static ({field.Type.Name} value, ref global::Netabase.KeyWriter key) => {KeyCodeWriter.Append(field.Type, "value").TrimEnd(';')});").Indent(-1);
        }

        _ = source.Close();
    }

    private static void WriteModelKeys(Source source, string name, RecordPlan plan, FieldPlan key)
    {
        _ = source.Line().Line(InheritDoc)
            .Open($"public static void EncodePrimaryKey({name} model, ref global::Netabase.KeyWriter key)")
            .Line("global::System.ArgumentNullException.ThrowIfNull(model);")
            .Line(KeyCodeWriter.Append(key.Type, $"model.{key.Name}")).Close();
        _ = source.Line().Line(InheritDoc)
            .Open($"public static bool EncodeSecondaryKey({name} model, int number, ref global::Netabase.KeyWriter key)")
            .Line("global::System.ArgumentNullException.ThrowIfNull(model);")
            .Open("switch (number)");
        foreach (var field in plan.Fields.Where(field => field.Field.Role == FieldRole.SecondaryKey))
        {
            _ = source.Line($"case {field.Number}:").Indent(1);
            if (field.IsNullable)
            {
                _ = source.Open($"if (model.{field.Name} is not {{ }} {field.Local})").Line("return false;").Close().Line()
                    .Line(KeyCodeWriter.Append(field.Type, field.Local));
            }
            else
            {
                _ = source.Line(KeyCodeWriter.Append(field.Type, $"model.{field.Name}"));
            }

            _ = source.Line("return true;").Indent(-1);
        }

        _ = source.Line("default:").Indent(1).Line("throw new global::System.ArgumentOutOfRangeException(nameof(number), number, \"The model has no such secondary key.\");").Indent(-1)
            .Close().Close();
    }

    private static void WriteValue(Source source, RecordPlan plan)
    {
        var name = plan.Type.Name;
        _ = source.Open($"partial {plan.Type.Keyword} {name}")
            .Line("/// <summary>Writes the value as a field of another.</summary>").Line(Hidden)
            .Open($"public static void Write(uint tag, {name} value, ref global::Netabase.WireWriter writer)");
        if (!plan.Type.IsStruct)
        {
            _ = source.Line("global::System.ArgumentNullException.ThrowIfNull(value);");
        }

        _ = source.Line("var start = writer.BeginLength(tag);");
        EncodeWriter.WriteFields(source, plan.Fields, "value");
        _ = source.Line("writer.EndLength(start);").Close();

        _ = source.Line().Line("/// <summary>Reads the value of a field, after its tag.</summary>").Line(Hidden)
            .Open($"public static {name} Read(ref global::Netabase.WireReader reader)")
            .Line("var outer = reader.BeginLength();")
            .Line("var value = ReadFields(ref reader);")
            .Line("reader.EndLength(outer);")
            .Line("return value;").Close();
        _ = source.Line().Line("/// <summary>The value of a field that is not there: that of no bytes.</summary>").Line(Hidden)
            .Open($"public static {name} ReadAbsent()")
            .Line("var reader = default(global::Netabase.WireReader);")
            .Line("return ReadFields(ref reader);").Close();
        _ = source.Line().Open($"private static {name} ReadFields(ref global::Netabase.WireReader reader)");
        DecodeWriter.WriteBody(source, plan);
        _ = source.Close();
        if (plan.IsOrderable)
        {
            KeyCodeWriter.WriteEncodeKey(source, plan);
        }
    }
}
