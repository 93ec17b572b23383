using System;

namespace Netabase.Generators.Reading;

/// <summary>A property's type as the codec sees it.</summary>
/// <param name="Name">How generated code writes it, without the question mark.</param>
internal abstract record TypeReading(string Name)
{
    /// <summary>Whether an instance is a value in the sense of C#: its nullable form is a <see cref="Nullable{T}"/>.</summary>
    public abstract bool IsStruct { get; }

    /// <summary>One of the types that the wire knows by a word of its own.</summary>
    public sealed record OfScalar(Scalar Scalar, string Name) : TypeReading(Name)
    {
        public override bool IsStruct => Scalar.IsStruct;
    }

    /// <summary>An enum; where its own type does not fit into a protobuf enum, it goes as a number of that type.</summary>
    /// <param name="Name">How generated code writes it.</param>
    /// <param name="Underlying">The enum's own type.</param>
    /// <param name="Value">Its place among the values of the model, or -1 when it goes as a number.</param>
    public sealed record OfEnum(string Name, Scalar Underlying, int Value) : TypeReading(Name)
    {
        public override bool IsStruct => true;

        public bool IsNumber => Value < 0;
    }

    /// <summary>A nested record.</summary>
    /// <param name="Name">How generated code writes it.</param>
    /// <param name="IsRecordStruct">Whether it is a record struct.</param>
    /// <param name="Value">Its place among the values of the model.</param>
    public sealed record OfValue(string Name, bool IsRecordStruct, int Value) : TypeReading(Name)
    {
        public override bool IsStruct => IsRecordStruct;
    }

    /// <summary>A sequence.</summary>
    public sealed record OfList(string Name, TypeReading Element, ListForm Form) : TypeReading(Name)
    {
        public override bool IsStruct => Form == ListForm.ImmutableArray;
    }

    /// <summary>A dictionary.</summary>
    public sealed record OfMap(string Name, TypeReading Key, TypeReading Value, MapForm Form) : TypeReading(Name)
    {
        public override bool IsStruct => false;
    }
}

/// <summary>Which kind of sequence a property wants.</summary>
internal enum ListForm
{
    Array,
    List,
    ImmutableArray,
}

/// <summary>Which kind of dictionary a property wants.</summary>
internal enum MapForm
{
    Dictionary,
    ImmutableDictionary,
}
