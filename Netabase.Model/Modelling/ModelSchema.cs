using System.Collections.Immutable;

namespace Netabase;

/// <summary>What a model looks like from outside: enough to read its records in another language, and to see whether two nodes mean the same.</summary>
/// <param name="Definition">The definition's wire name.</param>
/// <param name="Name">The model's name in code; documentation, not wire format.</param>
/// <param name="Tag">The model's number within its definition.</param>
/// <param name="Fields">All properties in ascending field number.</param>
/// <param name="Values">The nested records and enums that the fields use, each once, in order of first use.</param>
/// <param name="Hash">SHA-256 over the schema's canonical text (names left out, since renaming is not a change on the wire), in lower-case hexadecimal.</param>
public sealed record ModelSchema(
    string Definition,
    string Name,
    ushort Tag,
    ImmutableArray<FieldSchema> Fields,
    ImmutableArray<ValueSchema> Values,
    string Hash)
{
    /// <summary>Who may write its records.</summary>
    public RecordOwnership Ownership { get; init; }

    /// <summary>The field that names a record.</summary>
    public FieldSchema PrimaryKey { get; } = Fields.Single(field => field.Role == FieldRole.PrimaryKey);

    /// <summary>The fields by which records are found, in ascending number.</summary>
    public ImmutableArray<FieldSchema> SecondaryKeys { get; } = [.. Fields.Where(field => field.Role == FieldRole.SecondaryKey)];
}

/// <summary>What a property is to the store.</summary>
public enum FieldRole
{
    /// <summary>Stored only.</summary>
    Field,

    /// <summary>Names the record.</summary>
    PrimaryKey,

    /// <summary>Finds records.</summary>
    SecondaryKey,
}

/// <summary>One property.</summary>
/// <param name="Number">Its protobuf field number.</param>
/// <param name="Name">Its name in code.</param>
/// <param name="Role">What it is to the store.</param>
/// <param name="Type">Its type in the words of <c>specs/wire.md</c>, such as <c>string</c>, <c>guid</c>, <c>list&lt;int64&gt;</c>, <c>optional&lt;date-time-offset&gt;</c>.</param>
public sealed record FieldSchema(int Number, string Name, FieldRole Role, string Type);

/// <summary>A nested record or an enum used by a model's fields.</summary>
/// <param name="Name">Its name in code.</param>
/// <param name="Fields">Its fields in ascending number; for an enum its members, with their values as numbers.</param>
/// <param name="IsEnum">Whether it is an enum.</param>
public sealed record ValueSchema(string Name, ImmutableArray<FieldSchema> Fields, bool IsEnum);
