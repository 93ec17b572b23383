using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Netabase.Generators.Reading;

/// <summary>
/// Reads the types of one record's properties, and on the way collects the nested records and enums they lead to, each once,
/// in order of first use: their places in that list are how schemas name them.
/// </summary>
internal sealed class TypeReader
{
    private readonly Dictionary<ITypeSymbol, int> _places = new(SymbolEqualityComparer.Default);
    private readonly List<ValueReading?> _values = [];

    /// <summary>Why the last type was refused; empty when the compiler has already said so.</summary>
    public string Refusal { get; private set; } = string.Empty;

    /// <summary>The record that should have been a value, when that is why.</summary>
    public INamedTypeSymbol? MissingValue { get; private set; }

    /// <summary>What was collected.</summary>
    public EquatableArray<ValueReading> Values => new(_values.OfType<ValueReading>());

    /// <summary>Reads a type; null when it cannot be stored.</summary>
    public (TypeReading? Type, bool IsNullable) Read(ITypeSymbol type)
    {
        Refusal = string.Empty;
        MissingValue = null;
        var (plain, isNullable) = Unwrap(type);
        if (ReadScalar(plain) is { } scalar)
        {
            return (scalar, isNullable);
        }

        var reading = plain switch
        {
            IArrayTypeSymbol { Rank: 1 } array => ReadList(array, array.ElementType, ListForm.Array),
            INamedTypeSymbol { TypeKind: TypeKind.Enum } => ReadEnum((INamedTypeSymbol)plain),
            INamedTypeSymbol named => ReadNamed(named),
            _ => Refuse("there is no protobuf type for it"),
        };
        if (reading is TypeReading.OfList or TypeReading.OfMap && isNullable)
        {
            return (Refuse("protobuf does not tell a missing list or dictionary from an empty one; leave out the question mark"), false);
        }

        return (reading, isNullable);
    }

    /// <summary>Whether values of this type have an order, so that it can be a key.</summary>
    public bool IsOrderable(TypeReading type) => IsOrderable(type, []);

    /// <summary>Whether a record holds, through fields that are always there, the record itself.</summary>
    public bool IsEndless(INamedTypeSymbol start)
    {
        if (!_places.TryGetValue(start, out var place))
        {
            return false;
        }

        var seen = new HashSet<int>();
        var open = new Stack<int>([place]);
        while (open.Count > 0)
        {
            foreach (var field in _values[open.Pop()]?.Fields ?? default)
            {
                if (field is { IsNullable: false, Type: TypeReading.OfValue next })
                {
                    if (next.Value == place)
                    {
                        return true;
                    }

                    if (seen.Add(next.Value))
                    {
                        open.Push(next.Value);
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Puts a nested record into the list, as its first user does.</summary>
    public int Collect(INamedTypeSymbol type)
    {
        if (_places.TryGetValue(type, out var place))
        {
            return place;
        }

        place = _values.Count;
        _places.Add(type, place);
        _values.Add(null);
        _values[place] = type.TypeKind == TypeKind.Enum
            ? new ValueReading(NameOf(type), default, MembersOf(type), IsEnum: true)
            : new ValueReading(NameOf(type), FieldReader.Read(type, this, report: null), default, IsEnum: false);
        return place;
    }

    private bool IsOrderable(TypeReading type, HashSet<int> within) => type switch
    {
        TypeReading.OfScalar or TypeReading.OfEnum => true,
        TypeReading.OfValue value => within.Add(value.Value)
            && _values[value.Value] is { Fields.Count: > 0 } reading
            && reading.Fields.All(field => IsOrderable(field.Type, within))
            && within.Remove(value.Value),
        _ => false,
    };

    private static (ITypeSymbol Plain, bool IsNullable) Unwrap(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? (nullable.TypeArguments[0], true)
            : (type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated });

    private static TypeReading.OfScalar? ReadScalar(ITypeSymbol type)
    {
        var name = type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return Scalar.Find(name) is { } scalar ? new TypeReading.OfScalar(scalar, name) : null;
    }

    private TypeReading.OfEnum? ReadEnum(INamedTypeSymbol type)
    {
        if (type.EnumUnderlyingType is not { } underlying
            || Scalar.Find(underlying.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)) is not { } scalar)
        {
            return null;
        }

        var fits = underlying.SpecialType is not (SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64);
        return new TypeReading.OfEnum(type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), scalar, fits ? Collect(type) : -1);
    }

    private TypeReading? ReadNamed(INamedTypeSymbol type)
    {
        switch (type.OriginalDefinition.ToDisplayString())
        {
            case "System.Collections.Generic.List<T>":
            case "System.Collections.Generic.IList<T>":
            case "System.Collections.Generic.IReadOnlyList<T>":
            case "System.Collections.Generic.IReadOnlyCollection<T>":
                return ReadList(type, type.TypeArguments[0], ListForm.List);
            case "System.Collections.Immutable.ImmutableArray<T>":
                return ReadList(type, type.TypeArguments[0], ListForm.ImmutableArray);
            case "System.Collections.Generic.Dictionary<TKey, TValue>":
            case "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>":
                return ReadMap(type, MapForm.Dictionary);
            case "System.Collections.Immutable.ImmutableDictionary<TKey, TValue>":
                return ReadMap(type, MapForm.ImmutableDictionary);
        }

        if (Attributed.Has(type, Attributed.Value))
        {
            return new TypeReading.OfValue(type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), type.IsValueType, Collect(type));
        }

        if (type.TypeKind == TypeKind.Error)
        {
            return null;
        }

        if (type.IsRecord && !Attributed.Has(type, Attributed.Model))
        {
            MissingValue = type;
            return Refuse($"'{type.Name}' is not a [NetabaseValue]");
        }

        return Refuse(Attributed.Has(type, Attributed.Model)
            ? "a model is not nested in another; hold its key instead, or make it a [NetabaseValue]"
            : "there is no protobuf type for it; a [NetabaseValue] record of supported properties can stand for it");
    }

    private TypeReading? ReadList(ITypeSymbol type, ITypeSymbol element, ListForm form)
    {
        var (reading, isNullable) = Read(element);
        return reading switch
        {
            null => null,
            TypeReading.OfList or TypeReading.OfMap => Refuse("protobuf has no list of lists or dictionaries; put the inner one into a [NetabaseValue]"),
            _ when isNullable => Refuse("protobuf has no list with nulls in it; leave out the question mark of the element"),
            _ => new TypeReading.OfList(type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), reading, form),
        };
    }

    private TypeReading? ReadMap(INamedTypeSymbol type, MapForm form)
    {
        var (key, isKeyNullable) = Read(type.TypeArguments[0]);
        if (key is null)
        {
            return null;
        }

        if (isKeyNullable || key is not (TypeReading.OfScalar { Scalar.IsMapKey: true } or TypeReading.OfEnum))
        {
            return Refuse("the key of a dictionary is an integer, a bool, text, a guid, an enum, a date, a time or a time span");
        }

        var (value, isValueNullable) = Read(type.TypeArguments[1]);
        return value switch
        {
            null => null,
            TypeReading.OfList or TypeReading.OfMap => Refuse("protobuf has no dictionary of lists or dictionaries; put the inner one into a [NetabaseValue]"),
            _ when isValueNullable => Refuse("protobuf has no dictionary with nulls in it; leave out the question mark of the value"),
            _ => new TypeReading.OfMap(type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), key, value, form),
        };
    }

    private TypeReading? Refuse(string why)
    {
        Refusal = why;
        return null;
    }

    /// <summary>The name without the namespace and without the definition.</summary>
    private static string NameOf(INamedTypeSymbol type) =>
        type.ContainingType is { } container && !Attributed.Has(container, Attributed.Definition)
            ? NameOf(container) + "." + type.Name
            : type.Name;

    private static EquatableArray<MemberReading> MembersOf(INamedTypeSymbol type) => new(
        from member in type.GetMembers().OfType<IFieldSymbol>()
        where member.HasConstantValue
        let number = System.Convert.ToInt32(member.ConstantValue)
        orderby number
        select new MemberReading(number, member.Name));
}
