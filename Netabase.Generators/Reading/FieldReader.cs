using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Netabase.Generators.Reading;

/// <summary>Reads the numbered properties of a record, and says of each what is wrong with it.</summary>
internal static class FieldReader
{
    private const int NumberMax = 536_870_911;

    /// <summary>The property of a diagnostic that holds the number which the code fix gives.</summary>
    public const string FreeNumber = nameof(FreeNumber);

    /// <summary>Reads the properties by ascending number; those that are wrong are reported and left out.</summary>
    public static EquatableArray<FieldReading> Read(INamedTypeSymbol type, TypeReader types, Action<Diagnostic>? report)
    {
        var reserved = Attributed.Find(type, Attributed.Model) ?? Attributed.Find(type, Attributed.Value);
        var scan = new Scan(type, types, report ?? (_ => { }), reserved is null ? [] : Attributed.ReservedOf(reserved));
        return new(scan.Fields().OrderBy(field => field.Number).ToImmutableArray());
    }

    /// <summary>The name in C#, with an @ where it is a keyword.</summary>
    public static string Escape(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    private sealed class Scan
    {
        private readonly INamedTypeSymbol _type;
        private readonly TypeReader _types;
        private readonly Action<Diagnostic> _report;
        private readonly ImmutableArray<int> _reserved;
        private readonly ImmutableArray<IPropertySymbol> _properties;
        private readonly IMethodSymbol? _constructor;
        private int _free;

        public Scan(INamedTypeSymbol type, TypeReader types, Action<Diagnostic> report, ImmutableArray<int> reserved)
        {
            (_type, _types, _report, _reserved) = (type, types, report, reserved);
            _properties = [.. type.GetMembers().OfType<IPropertySymbol>().Where(property => !property.IsStatic && !property.IsIndexer)];
            _constructor = PrimaryConstructor(type);
            var used = _properties.SelectMany(Attributed.Roles).Select(role => role.Name == Attributed.NotStored ? 0 : Attributed.NumberOf(role.Attribute));
            _free = used.Concat(reserved).Where(number => number is > 0 and < NumberMax).DefaultIfEmpty(0).Max();
        }

        public IEnumerable<FieldReading> Fields()
        {
            var taken = new Dictionary<int, string>();
            foreach (var property in _properties)
            {
                if (ReadField(property) is not { } field)
                {
                    continue;
                }

                if (taken.TryGetValue(field.Number, out var other))
                {
                    Say(Rules.DuplicateNumber, property, field.Number, property.Name, other, NextFree());
                    continue;
                }

                taken.Add(field.Number, property.Name);
                yield return field;
            }
        }

        private FieldReading? ReadField(IPropertySymbol property)
        {
            var roles = Attributed.Roles(property).ToList();
            var position = PositionOf(property);
            if (roles.Count == 0)
            {
                if (IsStored(property) || position >= 0)
                {
                    var number = NextFree();
                    _report(Diagnostic.Create(
                        Rules.Unnumbered,
                        Attributed.PlaceOf(property),
                        ImmutableDictionary<string, string?>.Empty.Add(FreeNumber, number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                        property.Name,
                        number));
                }

                return null;
            }

            if (roles.Count > 1)
            {
                return Say(Rules.TwoRoles, property, property.Name);
            }

            var (attribute, role) = roles[0];
            if (role == Attributed.NotStored)
            {
                return position < 0 ? null : Say(Rules.Unnumbered, property, property.Name, NextFree());
            }

            return position < 0 && property.SetMethod is null
                ? Say(Rules.NotSettable, property, property.Name)
                : ReadNumbered(property, attribute, role, position);
        }

        private FieldReading? ReadNumbered(IPropertySymbol property, AttributeData attribute, string roleName, int position)
        {
            var number = Attributed.NumberOf(attribute);
            if (number is < 1 or > NumberMax or (>= 19_000 and <= 19_999))
            {
                return SayAt(Rules.NumberOutOfRange, Attributed.Place(attribute, property), number, property.Name, NextFree());
            }

            if (_reserved.Contains(number))
            {
                return SayAt(Rules.NumberReserved, Attributed.Place(attribute, property), number, property.Name, NextFree());
            }

            var (type, isNullable) = _types.Read(property.Type);
            if (type is null)
            {
                return _types.MissingValue is { } record ? Say(Rules.NotAValue, property, record.Name, property.Name)
                    : _types.Refusal.Length > 0 ? Say(Rules.UnsupportedType, property, property.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), property.Name, _types.Refusal)
                    : null;
            }

            var role = roleName switch
            {
                Attributed.PrimaryKey => FieldRole.PrimaryKey,
                Attributed.SecondaryKey => FieldRole.SecondaryKey,
                _ => FieldRole.Field,
            };
            if (role != FieldRole.Field && Attributed.Has(_type, Attributed.Value))
            {
                return Say(Rules.KeyOfAValue, property, property.Name, number);
            }

            if (role != FieldRole.Field && !_types.IsOrderable(type))
            {
                return Say(Rules.Unorderable, property, property.Name, "its type " + property.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
            }

            return role == FieldRole.PrimaryKey && isNullable
                ? Say(Rules.NullablePrimaryKey, property, property.Name)
                : new FieldReading(number, Escape(property.Name), role, type, isNullable, position);
        }

        /// <summary>A property that holds something of its own and that anybody can set.</summary>
        private static bool IsStored(IPropertySymbol property) =>
            property.SetMethod is not null
            && property.DeclaringSyntaxReferences.Length > 0
            && property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

        private int PositionOf(IPropertySymbol property) =>
            _constructor?.Parameters.FirstOrDefault(parameter => parameter.Name == property.Name)?.Ordinal ?? -1;

        private int NextFree()
        {
            do
            {
                _free++;
            }
            while (_free is >= 19_000 and <= 19_999 || _reserved.Contains(_free));
            return _free;
        }

        private FieldReading? Say(DiagnosticDescriptor rule, IPropertySymbol property, params object[] words) =>
            SayAt(rule, Attributed.PlaceOf(property), words);

        private FieldReading? SayAt(DiagnosticDescriptor rule, Location place, params object[] words)
        {
            _report(Diagnostic.Create(rule, place, words));
            return null;
        }
    }

    /// <summary>The constructor whose parameters are properties, if the record is declared with one.</summary>
    private static IMethodSymbol? PrimaryConstructor(INamedTypeSymbol type) =>
        type.InstanceConstructors.FirstOrDefault(constructor =>
            constructor.Parameters.Length > 0
            && type.GetMembers("Deconstruct").OfType<IMethodSymbol>().Any(method => method.IsImplicitlyDeclared)
            && constructor.Parameters.All(parameter => type.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any()));
}
