using System.Globalization;
using System.Reflection;

namespace Netabase.House.Specs.Api;

/// <summary>Types as one would write them: keywords, nested types behind their outer one, and what may be null.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(FieldInfo field) => Name(field.FieldType, About(() => Nullability.Create(field)));

    public static string Of(PropertyInfo property) => Name(property.PropertyType, About(() => Nullability.Create(property)));

    public static string Of(ParameterInfo parameter) => Name(parameter.ParameterType, About(() => Nullability.Create(parameter)));

    public static string Of(Type type) => Name(type, null);

    /// <summary>A constant, or what a parameter is when it is not given.</summary>
    public static string Value(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool fact => fact ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>One context for all specs, which run side by side.</summary>
    private static NullabilityInfo About(Func<NullabilityInfo> ask)
    {
        lock (Nullability)
            return ask();
    }

    private static string Name(Type type, NullabilityInfo? about)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, about);
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Name(value, about?.GenericTypeArguments is [{ } only] ? only : about)}?";
        var mark = !type.IsValueType && about is { } known && (known.ReadState == NullabilityState.Nullable || known.WriteState == NullabilityState.Nullable) ? "?" : string.Empty;
        if (type.IsPointer)
            return $"{Name(type.GetElementType()!, null)}*";
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, about?.ElementType)}[]{mark}";
        if (type.IsGenericParameter)
            return type.Name + mark;
        return (Keywords.TryGetValue(type, out var keyword) ? keyword : Compound(type, about)) + mark;
    }

    private static string Compound(Type type, NullabilityInfo? about)
    {
        var arguments = type.GetGenericArguments();
        var outer = type.DeclaringType;
        var inherited = outer?.GetGenericArguments().Length ?? 0;
        var own = arguments.Skip(inherited)
            .Select((argument, at) => Name(argument, about is { GenericTypeArguments: { } known } && known.Length == arguments.Length ? known[inherited + at] : null))
            .ToList();
        var generics = own.Count > 0 ? $"<{string.Join(", ", own)}>" : string.Empty;
        var before = outer is null ? string.Empty
            : $"{Of(outer.IsGenericTypeDefinition && !type.IsGenericTypeDefinition ? outer.MakeGenericType(arguments[..inherited]) : outer)}.";
        return $"{before}{type.Name.Split('`')[0]}{generics}";
    }
}
