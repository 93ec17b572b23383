using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Netabase.House.Specs.Api;

/// <summary>The public surface of an assembly as text: a type a paragraph, a member a line, in an order that does not depend on the code's.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>What the compiler adds to every record says nothing that "record" does not.</summary>
    private static readonly HashSet<string> OfEveryRecord =
        ["<Clone>$", "EqualityContract", "PrintMembers", "ToString", "GetHashCode", "Equals", "op_Equality", "op_Inequality", "Deconstruct"];

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? string.Empty : "\n").Append(Head(type)).Append('\n');
            foreach (var line in Members(type))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate))
            bases.Add(TypeText.Of(parent));
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        bases.AddRange(type.GetInterfaces()
            .Except(inherited)
            .Where(one => one.IsVisible && !one.Name.StartsWith("IEquatable", StringComparison.Ordinal))
            .Select(one => TypeText.Of(one)).Order(StringComparer.Ordinal));
        return $"{Kind(type)} {type.Namespace}.{TypeText.Of(type)}{(bases.Count == 0 || type.IsEnum ? string.Empty : $" : {string.Join(", ", bases)}")}";
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : typeof(MulticastDelegate).IsAssignableFrom(type) ? "delegate"
        : type.IsInterface ? "interface"
        : type.IsValueType ? (type.IsByRefLike ? "ref struct" : IsRecord(type) ? "record struct" : "struct")
        : $"{(type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty)}{(IsRecord(type) ? "record" : "class")}";

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value} = {Convert.ToInt64(value, CultureInfo.InvariantCulture)}"));
        if (typeof(MulticastDelegate).IsAssignableFrom(type))
            return [Signature(type.GetMethod("Invoke")!)];
        var isRecord = IsRecord(type);
        return type.GetMembers(Declared)
            .Where(member => !(isRecord && OfEveryRecord.Contains(member.Name)))
            .Select(member => (Place: Place(member), member.Name, Line: Line(member)))
            .Where(member => member.Line is not null)
            .OrderBy(member => member.Place).ThenBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal)
            .Select(member => member.Line!);
    }

    /// <summary>What is always there before what one calls.</summary>
    private static int Place(MemberInfo member) => member switch
    {
        FieldInfo => 0,
        ConstructorInfo => 1,
        PropertyInfo => 2,
        EventInfo => 3,
        _ => 4,
    };

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo field when IsSeen(field) => field.IsLiteral
            ? $"const {TypeText.Of(field)} {field.Name} = {TypeText.Value(field.GetRawConstantValue(), field.FieldType)}"
            : $"{Static(field.IsStatic)}{TypeText.Of(field)} {field.Name}",
        ConstructorInfo constructor when IsSeen(constructor) && !IsCopy(constructor) => $"new({Parameters(constructor)})",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsSeen) => Property(property),
        EventInfo one when one.AddMethod is { } add && IsSeen(add) => $"event {TypeText.Of(one.EventHandlerType!)} {one.Name}",
        MethodInfo method when IsSeen(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Signature(method),
        _ => null,
    };

    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [{ } only] && only.ParameterType == constructor.DeclaringType && IsRecord(constructor.DeclaringType!);

    private static string Property(PropertyInfo property)
    {
        var first = property.GetAccessors(nonPublic: true).First(IsSeen);
        var index = property.GetIndexParameters() is { Length: > 0 } keys ? $"[{string.Join(", ", keys.Select(Parameter))}]" : string.Empty;
        var get = property.GetMethod is { } getter && IsSeen(getter) ? " get;" : string.Empty;
        var set = property.SetMethod is { } setter && IsSeen(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : string.Empty;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : string.Empty;
        return $"{Access(first)}{required}{TypeText.Of(property)} {property.Name}{index} {{{get}{set} }}";
    }

    private static string Signature(MethodInfo method)
    {
        var generics = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}>" : string.Empty;
        return $"{Access(method)}{TypeText.Of(method.ReturnParameter)} {method.Name}{generics}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : string.Empty) + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var way = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : string.Empty;
        var unset = parameter.HasDefaultValue ? $" = {TypeText.Value(parameter.RawDefaultValue, parameter.ParameterType)}" : string.Empty;
        return $"{way}{TypeText.Of(parameter)} {parameter.Name}{unset}";
    }

    private static string Static(bool isStatic) => isStatic ? "static " : string.Empty;

    private static string Access(MethodBase method) =>
        $"{Static(method.IsStatic)}{(method.IsPublic ? string.Empty : "protected ")}"
        + (method is MethodInfo { IsVirtual: true, IsFinal: false } && method.DeclaringType is { IsInterface: false } owner
            ? method.IsAbstract ? "abstract " : (method.Attributes & MethodAttributes.NewSlot) == 0 ? "override " : owner.IsSealed ? string.Empty : "virtual "
            : string.Empty);

    private static bool IsSeen(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && method.DeclaringType is { IsSealed: false });

    private static bool IsSeen(FieldInfo field) =>
        !field.IsSpecialName && (field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && field.DeclaringType is { IsSealed: false }));
}
