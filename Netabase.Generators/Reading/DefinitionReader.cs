using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Netabase.Generators.Reading;

/// <summary>Reads a definition: its name and the closed set of its models.</summary>
internal static class DefinitionReader
{
    private const int NameMax = 64;

    /// <summary>Reads a definition; null when anything about itself is wrong. A model that is wrong is not one of its models.</summary>
    public static DefinitionReading? Read(INamedTypeSymbol type, Action<Diagnostic>? report)
    {
        var isSound = true;
        void Say(Diagnostic diagnostic)
        {
            isSound = false;
            report?.Invoke(diagnostic);
        }

        var attribute = Attributed.Find(type, Attributed.Definition)!;
        var name = Attributed.NameOf(attribute);
        if (!IsName(name))
        {
            Say(Diagnostic.Create(Rules.BadDefinitionName, Attributed.Place(attribute, type), name));
        }

        if (!type.IsStatic || type.IsGenericType)
        {
            Say(Diagnostic.Create(Rules.DefinitionNotStatic, Attributed.PlaceOf(type), type.Name));
        }

        foreach (var member in type.GetMembers("Definition").Where(member => !member.IsImplicitlyDeclared && !Attributed.IsGenerated(member)))
        {
            Say(Diagnostic.Create(Rules.ReservedName, Attributed.PlaceOf(member), member.Name, type.Name));
        }

        RecordReader.CheckPartial(type, Say);
        var models = ModelsOf(type, Say);
        return isSound ? new DefinitionReading(RecordReader.NameOf(type), name, new(models)) : null;
    }

    private static List<DefinedModel> ModelsOf(INamedTypeSymbol type, Action<Diagnostic> say)
    {
        var models = new SortedDictionary<int, DefinedModel>();
        foreach (var model in Nested(type).Where(nested => Attributed.Has(nested, Attributed.Model)))
        {
            var attribute = Attributed.Find(model, Attributed.Model)!;
            var tag = Attributed.NumberOf(attribute);
            if (models.TryGetValue(tag, out var other))
            {
                say(Diagnostic.Create(Rules.DuplicateTag, Attributed.Place(attribute, model), tag, model.Name, other.FullName.Split('.').Last()));
            }
            else if (RecordReader.Read(model, report: null) is not null)
            {
                models.Add(tag, new DefinedModel(tag, model.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)));
            }
        }

        return [.. models.Values];
    }

    private static IEnumerable<INamedTypeSymbol> Nested(INamedTypeSymbol type) =>
        type.GetTypeMembers().Where(nested => !Attributed.Has(nested, Attributed.Definition)).SelectMany(nested => Nested(nested).Prepend(nested));

    private static bool IsName(string name) =>
        name.Length is > 0 and <= NameMax && name[0] is >= 'a' and <= 'z'
        && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-' or '_');
}
