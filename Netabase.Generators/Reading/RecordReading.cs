namespace Netabase.Generators.Reading;

/// <summary>Everything that the generator wants to know of one model or value; nothing of the compiler is kept.</summary>
/// <param name="Type">Where it stands in code.</param>
/// <param name="Model">What makes it a model; null for a value.</param>
/// <param name="Fields">Its properties by ascending number.</param>
/// <param name="Values">The nested records and enums that they use, each once, in order of first use.</param>
internal sealed record RecordReading(
    TypeName Type,
    ModelReading? Model,
    EquatableArray<FieldReading> Fields,
    EquatableArray<ValueReading> Values);

/// <summary>What makes a record a model.</summary>
/// <param name="Definition">The wire name of its definition.</param>
/// <param name="Tag">Its number within it.</param>
/// <param name="IsOwned">Whether its records belong to their publishers.</param>
internal sealed record ModelReading(string Definition, int Tag, bool IsOwned);

/// <summary>Where a type stands in code.</summary>
/// <param name="Namespace">Its namespace, or empty.</param>
/// <param name="Containers">The heads of the types around it, from outside in, such as <c>static partial class Chat</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Keyword"><c>record</c> or <c>record struct</c>.</param>
/// <param name="FullName">How other code writes it.</param>
internal sealed record TypeName(string Namespace, EquatableArray<string> Containers, string Name, string Keyword, string FullName)
{
    public bool IsStruct => Keyword == "record struct";

    /// <summary>A file name that no other type has.</summary>
    public string HintName => FullName.Replace("global::", string.Empty).Replace('@', '_');
}

/// <summary>One property.</summary>
/// <param name="Number">Its field number.</param>
/// <param name="Name">Its name in C#, with an @ where it is a keyword.</param>
/// <param name="Role">What it is to the store.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsNullable">Whether it may be null.</param>
/// <param name="Position">Its place in the primary constructor, or -1.</param>
internal sealed record FieldReading(int Number, string Name, FieldRole Role, TypeReading Type, bool IsNullable, int Position);

/// <summary>What a property is to the store.</summary>
internal enum FieldRole
{
    Field,
    PrimaryKey,
    SecondaryKey,
}

/// <summary>A nested record or an enum, for the schema.</summary>
/// <param name="Name">Its name without the definition's.</param>
/// <param name="Fields">A record's fields by ascending number.</param>
/// <param name="Members">An enum's members by ascending number.</param>
/// <param name="IsEnum">Which of the two it is.</param>
internal sealed record ValueReading(string Name, EquatableArray<FieldReading> Fields, EquatableArray<MemberReading> Members, bool IsEnum);

/// <summary>A member of an enum.</summary>
internal sealed record MemberReading(int Number, string Name);

/// <summary>A definition and its models.</summary>
internal sealed record DefinitionReading(TypeName Type, string Name, EquatableArray<DefinedModel> Models);

/// <summary>A model of a definition.</summary>
internal sealed record DefinedModel(int Tag, string FullName);
