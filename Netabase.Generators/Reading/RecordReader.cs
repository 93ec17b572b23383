using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Netabase.Generators.Reading;

/// <summary>The first stage: from the compiler's symbols to what the generator wants to know, and everything that is wrong on the way.</summary>
internal static class RecordReader
{
    private static readonly ImmutableHashSet<string> ModelNames =
        ImmutableHashSet.Create("Key", "Indexes", "Schema", "Encode", "Decode", "Write", "EncodePrimaryKey", "EncodeSecondaryKey");

    private static readonly ImmutableHashSet<string> ValueNames = ImmutableHashSet.Create("Write", "Read", "ReadAbsent", "EncodeKey");

    /// <summary>Reads a model or a value; null when anything about it is wrong.</summary>
    public static RecordReading? Read(INamedTypeSymbol type, Action<Diagnostic>? report)
    {
        var isSound = true;
        void Say(Diagnostic diagnostic)
        {
            isSound = false;
            report?.Invoke(diagnostic);
        }

        var model = Attributed.Find(type, Attributed.Model);
        isSound = IsWithinPartial(type);
        CheckDeclaration(type, Say);
        CheckNames(type, model is null ? ValueNames : ModelNames, Say);
        var types = new TypeReader();
        if (model is null)
        {
            // The value takes the first place in its own list, so that it recognises itself.
            _ = types.Collect(type);
        }

        var fields = FieldReader.Read(type, types, Say);
        CheckEnds(type, types, Say);
        if (model is not null)
        {
            CheckPrimaryKey(type, Say);
        }

        var reading = model is null ? null : ReadModel(type, model, Say);
        return isSound ? new RecordReading(NameOf(type), reading, fields, types.Values) : null;
    }

    /// <summary>Where a type stands in code.</summary>
    public static TypeName NameOf(INamedTypeSymbol type)
    {
        var containers = new List<string>();
        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            containers.Insert(0, (container.IsStatic ? "static partial " : "partial ") + KeywordOf(container) + " " + FieldReader.Escape(container.Name));
        }

        return new TypeName(
            type.ContainingNamespace.IsGlobalNamespace ? string.Empty : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)),
            new(containers),
            FieldReader.Escape(type.Name),
            KeywordOf(type),
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
    }

    /// <summary>Says of a type and of those around it which is not partial.</summary>
    public static void CheckPartial(INamedTypeSymbol type, Action<Diagnostic> say)
    {
        if (!IsPartial(type))
        {
            say(Diagnostic.Create(Rules.NotPartial, Attributed.PlaceOf(type), type.Name));
        }

        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            // Of a definition it is said where the definition is.
            if (!IsPartial(container) && !Attributed.Has(container, Attributed.Definition))
            {
                say(Diagnostic.Create(Rules.ContainerNotPartial, Attributed.PlaceOf(type), container.Name, type.Name));
            }
        }
    }

    private static ModelReading? ReadModel(INamedTypeSymbol type, AttributeData attribute, Action<Diagnostic> say)
    {
        var tag = Attributed.NumberOf(attribute);
        if (tag is < 1 or > ushort.MaxValue)
        {
            say(Diagnostic.Create(Rules.TagOutOfRange, Attributed.Place(attribute, type), tag, type.Name));
        }

        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            if (Attributed.Find(container, Attributed.Definition) is { } definition)
            {
                return new ModelReading(Attributed.NameOf(definition), tag, Attributed.IsOwned(attribute));
            }
        }

        say(Diagnostic.Create(Rules.NoDefinition, Attributed.PlaceOf(type), type.Name));
        return null;
    }

    private static void CheckDeclaration(INamedTypeSymbol type, Action<Diagnostic> say)
    {
        CheckPartial(type, say);
        var fault = !type.IsRecord ? "not a record"
            : type.IsAbstract ? "abstract, and reading one must make one"
            : type.IsGenericType || IsWithinGeneric(type) ? "generic, and its type on the wire is open"
            : type.BaseType is { IsRecord: true } parent ? $"derived from the record '{parent.Name}', whose properties have no numbers of its own"
            : null;
        if (fault is not null)
        {
            say(Diagnostic.Create(Rules.NotARecord, Attributed.PlaceOf(type), type.Name, fault));
        }
    }

    private static void CheckNames(INamedTypeSymbol type, ImmutableHashSet<string> taken, Action<Diagnostic> say)
    {
        foreach (var member in type.GetMembers().Where(member => member is IPropertySymbol or IFieldSymbol or INamedTypeSymbol
                     && taken.Contains(member.Name) && !member.IsImplicitlyDeclared && !Attributed.IsGenerated(member)))
        {
            say(Diagnostic.Create(Rules.ReservedName, Attributed.PlaceOf(member), member.Name, type.Name));
        }
    }

    private static void CheckPrimaryKey(INamedTypeSymbol type, Action<Diagnostic> say)
    {
        var keys = type.GetMembers().OfType<IPropertySymbol>().Where(property => Attributed.Has(property, Attributed.PrimaryKey)).ToList();
        if (keys.Count == 0)
        {
            say(Diagnostic.Create(Rules.NoPrimaryKey, Attributed.PlaceOf(type), type.Name));
        }

        foreach (var second in keys.Skip(1))
        {
            say(Diagnostic.Create(Rules.TwoPrimaryKeys, Attributed.PlaceOf(second), second.Name, keys[0].Name));
        }
    }

    private static void CheckEnds(INamedTypeSymbol type, TypeReader types, Action<Diagnostic> say)
    {
        if (types.IsEndless(type))
        {
            say(Diagnostic.Create(Rules.Endless, Attributed.PlaceOf(type), type.Name, type.Name));
        }
    }

    private static bool IsPartial(INamedTypeSymbol type) => type.DeclaringSyntaxReferences.Any(reference =>
        reference.GetSyntax() is TypeDeclarationSyntax declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static bool IsWithinPartial(INamedTypeSymbol type) =>
        type.ContainingType is not { } container || (IsPartial(container) && IsWithinPartial(container));

    private static bool IsWithinGeneric(INamedTypeSymbol type) =>
        type.ContainingType is { } container && (container.IsGenericType || IsWithinGeneric(container));

    private static string KeywordOf(INamedTypeSymbol type) => (type.IsRecord, type.TypeKind) switch
    {
        (true, TypeKind.Struct) => "record struct",
        (true, _) => "record",
        (_, TypeKind.Struct) => "struct",
        (_, TypeKind.Interface) => "interface",
        _ => "class",
    };
}
