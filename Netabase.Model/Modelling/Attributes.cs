namespace Netabase;

/// <summary>A static partial class whose nested models travel together under one wire name.</summary>
/// <param name="name">The name in every record key: 1 to 64 characters of <c>a-z 0-9 . - _</c>, starting with a letter. Part of the wire format.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NetabaseDefinitionAttribute(string name) : Attribute
{
    /// <summary>The wire name.</summary>
    public string Name { get; } = name;
}

/// <summary>A partial record that is stored, found and sent as one record.</summary>
/// <param name="tag">The model's number within its definition, 1 to 65,535; part of the wire format, never reused for another model.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class NetabaseModelAttribute(int tag) : Attribute
{
    /// <summary>The model's number within its definition.</summary>
    public int Tag { get; } = tag;

    /// <summary>Field numbers that were used by properties now gone; giving one to a new property is an error.</summary>
    public int[] Reserved { get; set; } = [];

    /// <summary>Who may write its records; part of the wire format.</summary>
    public RecordOwnership Ownership { get; set; }
}

/// <summary>Who may write the records of a model.</summary>
public enum RecordOwnership
{
    /// <summary>Everybody: of two versions the newer stands, whoever wrote it.</summary>
    Anybody,

    /// <summary>Each record belongs to who published it: its key begins with the publisher's peer id, and nobody takes it from another.</summary>
    Publisher,
}

/// <summary>A partial record or record struct that is a value inside models; as a key it orders by its fields in field-number order.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class NetabaseValueAttribute : Attribute
{
    /// <summary>Field numbers that were used by properties now gone; giving one to a new property is an error.</summary>
    public int[] Reserved { get; set; } = [];
}

/// <summary>The property that names a record among those of its model; exactly one a model, of an orderable type.</summary>
/// <param name="number">Its protobuf field number, 1 to 536,870,911 without 19,000 to 19,999.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class PrimaryKeyAttribute(int number) : Attribute
{
    /// <summary>The protobuf field number.</summary>
    public int Number { get; } = number;
}

/// <summary>A property by which records are found: indexed, not unique, of an orderable type; a null is not in the index.</summary>
/// <param name="number">Its protobuf field number; it also names the index.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class SecondaryKeyAttribute(int number) : Attribute
{
    /// <summary>The protobuf field number.</summary>
    public int Number { get; } = number;
}

/// <summary>A property that is stored but not searched by.</summary>
/// <param name="number">Its protobuf field number, 1 to 536,870,911 without 19,000 to 19,999.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class FieldAttribute(int number) : Attribute
{
    /// <summary>The protobuf field number.</summary>
    public int Number { get; } = number;
}

/// <summary>A settable property of a model or value that is not part of the record: it is neither written nor read.</summary>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class NotStoredAttribute : Attribute;
