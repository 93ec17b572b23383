using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Netabase.Generators.Reading;

/// <summary>The attributes by name: the generator does not reference the model library.</summary>
internal static class Attributed
{
    public const string Definition = "Netabase.NetabaseDefinitionAttribute";
    public const string Model = "Netabase.NetabaseModelAttribute";
    public const string Value = "Netabase.NetabaseValueAttribute";
    public const string PrimaryKey = "Netabase.PrimaryKeyAttribute";
    public const string SecondaryKey = "Netabase.SecondaryKeyAttribute";
    public const string Field = "Netabase.FieldAttribute";
    public const string NotStored = "Netabase.NotStoredAttribute";

    public static AttributeData? Find(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);

    public static bool Has(ISymbol symbol, string name) => Find(symbol, name) is not null;

    /// <summary>The roles given to a property: one in a sound model.</summary>
    public static IEnumerable<(AttributeData Attribute, string Name)> Roles(ISymbol property) =>
        from attribute in property.GetAttributes()
        let name = attribute.AttributeClass?.ToDisplayString()
        where name is PrimaryKey or SecondaryKey or Field or NotStored
        select (attribute, name);

    /// <summary>The attribute's first argument as a number; a missing one, which the compiler refuses, is zero.</summary>
    public static int NumberOf(AttributeData attribute) =>
        attribute.ConstructorArguments.FirstOrDefault().Value is int number ? number : 0;

    /// <summary>The wire name given to a definition.</summary>
    public static string NameOf(AttributeData attribute) =>
        attribute.ConstructorArguments.FirstOrDefault().Value as string ?? string.Empty;

    /// <summary>The numbers that a model or value may not use again.</summary>
    public static ImmutableArray<int> ReservedOf(AttributeData attribute)
    {
        var argument = attribute.NamedArguments.FirstOrDefault(named => named.Key == "Reserved").Value;
        return argument.Kind == TypedConstantKind.Array && !argument.IsNull
            ? [.. argument.Values.Select(value => value.Value).OfType<int>()]
            : [];
    }

    /// <summary>Whether a model's records belong to their publishers (<c>RecordOwnership.Publisher</c>, 1).</summary>
    public static bool IsOwned(AttributeData attribute) =>
        attribute.NamedArguments.FirstOrDefault(named => named.Key == "Ownership").Value.Value is 1;

    /// <summary>The place of an attribute in code, or of the symbol that carries it.</summary>
    public static Location Place(AttributeData? attribute, ISymbol symbol) =>
        attribute?.ApplicationSyntaxReference is { } reference
            ? Location.Create(reference.SyntaxTree, reference.Span)
            : PlaceOf(symbol);

    /// <summary>Whether the generator itself wrote it: an analyzer sees the code with what was generated.</summary>
    public static bool IsGenerated(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.All(reference => reference.SyntaxTree.FilePath.EndsWith(".g.cs", System.StringComparison.Ordinal));

    /// <summary>The name of a symbol in code.</summary>
    public static Location PlaceOf(ISymbol symbol) => symbol.Locations.FirstOrDefault() ?? Location.None;
}
