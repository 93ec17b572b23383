using System.Globalization;
using System.Text;

namespace Netabase;

/// <summary>
/// Exports a definition as a <c>.proto</c> file (proto3), with which protobuf in any language reads and writes the values of
/// its records. The text depends on nothing but the schemas: models by tag, fields by number.
/// </summary>
public sealed class ProtoSchema
{
    private const string Decimal = "NetabaseDecimal";
    private const string DateTimeOffset = "NetabaseDateTimeOffset";
    private const string DateTime = "NetabaseDateTime";

    private readonly StringBuilder _text = new();
    private readonly ProtoNames _names = new();
    private readonly Dictionary<string, string> _valueNames = new(StringComparer.Ordinal);
    private readonly List<(string Name, ModelSchema Owner, ValueSchema Value)> _values = [];
    private readonly SortedSet<string> _builtIn = new(StringComparer.Ordinal);

    private ProtoSchema()
    {
    }

    /// <summary>The text of the file.</summary>
    public static string Export(DefinitionDescriptor definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ProtoSchema().Write(definition);
    }

    private string Write(DefinitionDescriptor definition)
    {
        Line(0, $"// The records of the definition \"{definition.Name}\". Written by Netabase from its schemas.");
        Line(0, "syntax = \"proto3\";");
        Line(0, string.Empty);
        Line(0, $"package {ProtoNames.Package(definition.Name)};");
        foreach (var name in new[] { Decimal, DateTimeOffset, DateTime })
        {
            _ = _names.Take(name);
        }

        var models = definition.Models.Select(model => (model.Schema, Name: _names.Take(ProtoNames.Identifier(model.Schema.Name)))).ToList();
        foreach (var (schema, name) in models)
        {
            Line(0, string.Empty);
            Line(0, $"// Model {schema.Tag.ToString(CultureInfo.InvariantCulture)}, schema {schema.Hash}.");
            WriteMessage(schema, name, schema.Fields);
        }

        // Writing a value may name further ones, which come behind it.
        for (var i = 0; i < _values.Count; i++)
        {
            var (name, owner, value) = _values[i];
            Line(0, string.Empty);
            if (value.IsEnum)
            {
                WriteEnum(name, value);
            }
            else
            {
                WriteMessage(owner, name, value.Fields);
            }
        }

        WriteBuiltIn();
        return _text.ToString();
    }

    private void WriteMessage(ModelSchema schema, string name, IEnumerable<FieldSchema> fields)
    {
        Line(0, $"message {name} {{");
        var names = new ProtoNames();
        foreach (var field in fields)
        {
            var fieldName = names.Take(ProtoNames.Snake(field.Name));
            var type = SchemaWord.Parse(field.Type);
            if (type is { Name: "map", Inner: [var key, var value] } && !CanKeyMap(key))
            {
                // protobuf's maps have no such keys; on the wire a map is a repeated entry all the same.
                var entry = names.Take(ProtoNames.Identifier(field.Name) + "Entry");
                Line(1, $"message {entry} {{");
                Line(2, $"optional {TypeOf(schema, key)} key = 1;{Comment(key)}");
                Line(2, $"optional {TypeOf(schema, value)} value = 2;{Comment(value)}");
                Line(1, "}");
                WriteField($"repeated {entry}", fieldName, field, key);
                continue;
            }

            WriteField(DeclarationOf(schema, type), fieldName, field, type);
        }

        Line(0, "}");
    }

    private void WriteField(string declaration, string name, FieldSchema field, SchemaWord type) =>
        Line(1, string.Create(CultureInfo.InvariantCulture, $"{declaration} {name} = {field.Number};{Comment(type)}"));

    private string DeclarationOf(ModelSchema schema, SchemaWord type) => type switch
    {
        { Name: "optional", Inner: [var inner] } => $"optional {TypeOf(schema, inner)}",
        { Name: "list", Inner: [var inner] } => $"repeated {TypeOf(schema, inner)}",
        { Name: "map", Inner: [var key, var value] } => $"map<{TypeOf(schema, key)}, {TypeOf(schema, value)}>",
        _ => TypeOf(schema, type),
    };

    private string TypeOf(ModelSchema schema, SchemaWord type) => type.Name switch
    {
        "bool" or "float" or "double" or "string" or "bytes" => type.Name,
        "int8" or "int16" or "int32" => "sint32",
        "int64" or "time-span" => "sint64",
        "uint8" or "uint16" or "uint32" or "char" or "date-only" => "uint32",
        "uint64" or "time-only" => "uint64",
        "guid" or "int128" or "uint128" => "bytes",
        "decimal" => BuiltIn(Decimal),
        "date-time-offset" => BuiltIn(DateTimeOffset),
        "date-time" => BuiltIn(DateTime),
        _ when type.Value is { } place => NameOfValue(schema, place),
        _ => throw new ArgumentException($"'{type.Name}' is no type of a schema."),
    };

    /// <summary>A value that several models use is one message; two values of one name that differ are two.</summary>
    private string NameOfValue(ModelSchema schema, int place)
    {
        var content = SchemaWord.ContentOf(schema, place);
        if (!_valueNames.TryGetValue(content, out var name))
        {
            var value = schema.Values[place];
            name = _names.Take(ProtoNames.Identifier(value.Name));
            _valueNames.Add(content, name);
            _values.Add((name, schema, value));
        }

        return name;
    }

    private void WriteEnum(string name, ValueSchema value)
    {
        var prefix = ProtoNames.Snake(name).ToUpperInvariant();
        var names = new ProtoNames();
        Line(0, $"enum {name} {{");
        if (value.Fields.Select(member => member.Number).Distinct().Count() < value.Fields.Length)
        {
            Line(1, "option allow_alias = true;");
        }

        // proto3 wants a zero, and wants it first.
        if (value.Fields.All(member => member.Number != 0))
        {
            Line(1, $"{names.Take(prefix + "_UNSPECIFIED")} = 0;");
        }

        foreach (var member in value.Fields.OrderBy(member => member.Number != 0).ThenBy(member => member.Number))
        {
            var memberName = names.Take($"{prefix}_{ProtoNames.Snake(member.Name).ToUpperInvariant()}");
            Line(1, string.Create(CultureInfo.InvariantCulture, $"{memberName} = {member.Number};"));
        }

        Line(0, "}");
    }

    private void WriteBuiltIn()
    {
        foreach (var name in _builtIn)
        {
            Line(0, string.Empty);
            string[] lines = name switch
            {
                Decimal =>
                [
                    "// (high * 2^64 + low) / 10^(sign_scale / 2), negative where sign_scale is odd.",
                    $"message {Decimal} {{", "  uint64 low = 1;", "  uint32 high = 2;", "  uint32 sign_scale = 3;", "}",
                ],
                DateTimeOffset =>
                [
                    "// A moment in units of 100 ns since 1970-01-01T00:00:00Z, and the offset of the clock that read it.",
                    $"message {DateTimeOffset} {{", "  sfixed64 unix_ticks = 1;", "  sint32 offset_minutes = 2;", "}",
                ],
                _ =>
                [
                    "// What a clock showed, in units of 100 ns since 1970-01-01T00:00:00 on it; kind 0: unspecified, 1: UTC, 2: local.",
                    $"message {DateTime} {{", "  sfixed64 unix_ticks = 1;", "  uint32 kind = 2;", "}",
                ],
            };
            foreach (var line in lines)
            {
                Line(0, line);
            }
        }
    }

    private string BuiltIn(string name)
    {
        _ = _builtIn.Add(name);
        return name;
    }

    private static bool CanKeyMap(SchemaWord key) => key.Value is null && key.Name is not ("guid" or "int128" or "uint128");

    private static string Comment(SchemaWord type)
    {
        var word = type.Inner is [var inner, ..] ? (type.Inner.Length == 2 ? type.Inner[1] : inner) : type;
        return word.Name switch
        {
            "guid" => " // a guid: 16 bytes, big endian",
            "int128" => " // a signed number: 16 bytes, big endian, two's complement",
            "uint128" => " // a number: 16 bytes, big endian",
            "int8" or "int16" or "uint8" or "uint16" => $" // {word.Name}",
            "char" => " // a UTF-16 code unit",
            "date-only" => " // days since 0001-01-01",
            "time-only" => " // units of 100 ns since midnight",
            "time-span" => " // units of 100 ns",
            _ => string.Empty,
        };
    }

    private void Line(int depth, string text) => _text.Append(' ', text.Length == 0 ? 0 : depth * 2).Append(text).Append('\n');
}
