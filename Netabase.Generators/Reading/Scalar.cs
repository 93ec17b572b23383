using System.Collections.Generic;
using System.Linq;

namespace Netabase.Generators.Reading;

/// <summary>A type that the wire knows by a word of its own (<c>specs/wire.md</c> has the table).</summary>
/// <param name="Word">The word in schemas.</param>
/// <param name="WireType">Its protobuf wire type.</param>
/// <param name="Reader">The reader's method that reads one.</param>
/// <param name="Cast">What the writer is given: <c>{0}</c> is the value.</param>
/// <param name="Default">An absent one, as an expression of C#.</param>
/// <param name="IsStruct">Whether its nullable form is a <c>Nullable</c>.</param>
/// <param name="IsMapKey">Whether a dictionary may have it as a key.</param>
/// <param name="IsSelfDelimiting">Whether it says within a composite key where it ends.</param>
internal sealed record Scalar(
    string Word,
    int WireType,
    string Reader,
    string Cast = "{0}",
    string Default = "default",
    bool IsStruct = true,
    bool IsMapKey = true,
    bool IsSelfDelimiting = true)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Length = 2;
    private const int Fixed32 = 5;

    private static readonly Scalar Bytes = new("bytes", Length, "ReadBytes()", Default: "[]", IsStruct: false, IsMapKey: false, IsSelfDelimiting: false);

    private static readonly Dictionary<string, Scalar> ByName = new()
    {
        ["bool"] = new("bool", Varint, "ReadBool()"),
        ["sbyte"] = new("int8", Varint, "ReadInt8()"),
        ["short"] = new("int16", Varint, "ReadInt16()"),
        ["int"] = new("int32", Varint, "ReadInt32()"),
        ["long"] = new("int64", Varint, "ReadInt64()"),
        ["global::System.Int128"] = new("int128", Length, "ReadInt128()"),
        ["byte"] = new("uint8", Varint, "ReadUInt8()", "(uint){0}"),
        ["ushort"] = new("uint16", Varint, "ReadUInt16()", "(uint){0}"),
        ["uint"] = new("uint32", Varint, "ReadUInt32()"),
        ["ulong"] = new("uint64", Varint, "ReadUInt64()"),
        ["global::System.UInt128"] = new("uint128", Length, "ReadUInt128()"),
        ["char"] = new("char", Varint, "ReadChar()", "(uint){0}"),
        ["float"] = new("float", Fixed32, "ReadSingle()", IsMapKey: false),
        ["double"] = new("double", Fixed64, "ReadDouble()", IsMapKey: false),
        ["decimal"] = new("decimal", Length, "ReadDecimal()", IsMapKey: false),
        ["string"] = new("string", Length, "ReadString()", Default: "\"\"", IsStruct: false, IsSelfDelimiting: false),
        ["global::System.Guid"] = new("guid", Length, "ReadGuid()"),
        ["global::System.DateTimeOffset"] = new("date-time-offset", Length, "ReadDateTimeOffset()", IsMapKey: false),
        ["global::System.DateTime"] = new("date-time", Length, "ReadDateTime()", IsMapKey: false),
        ["global::System.DateOnly"] = new("date-only", Varint, "ReadDateOnly()"),
        ["global::System.TimeOnly"] = new("time-only", Varint, "ReadTimeOnly()"),
        ["global::System.TimeSpan"] = new("time-span", Varint, "ReadTimeSpan()"),
        ["byte[]"] = Bytes,
        ["global::System.ReadOnlyMemory<byte>"] = Bytes with { Cast = "{0}.Span", Default = "default", IsStruct = true },
        ["global::Netabase.Payload"] = Bytes with
        {
            Reader = "ReadPayload()",
            Cast = "{0}.Span",
            Default = "default",
            IsStruct = true,
        },
        ["global::System.Collections.Immutable.ImmutableArray<byte>"] = Bytes with
        {
            Reader = "ReadImmutableBytes()",
            Cast = "{0}.AsSpan()",
            IsStruct = true,
        },
    };

    /// <summary>Whether a list of them is one field with all of them behind each other.</summary>
    public bool IsPackable => WireType != Length;

    /// <summary>The scalar that a C# type is, or null.</summary>
    public static Scalar? Find(string name) => ByName.TryGetValue(name, out var scalar) ? scalar : null;

    /// <summary>The keyword of the C# type of a number.</summary>
    public string Keyword => ByName.First(pair => pair.Value.Word == Word).Key;
}
