using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Netabase.Generators.Reading;

namespace Netabase.Generators;

/// <summary>Says what is wrong with models, values and definitions, at the place where it is to be put right.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModelAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Rules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (Attributed.Has(type, Attributed.Model) || Attributed.Has(type, Attributed.Value))
        {
            _ = RecordReader.Read(type, context.ReportDiagnostic);
        }
        else
        {
            foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
            {
                if (Attributed.Roles(property).FirstOrDefault() is { Attribute: { } role })
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.WithoutEffect, Attributed.Place(role, property), property.Name, type.Name));
                }
            }
        }

        if (Attributed.Has(type, Attributed.Definition))
        {
            _ = DefinitionReader.Read(type, context.ReportDiagnostic);
        }
    }
}
