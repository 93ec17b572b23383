using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Netabase.Generators.Reading;
using Netabase.Generators.Shaping;
using Netabase.Generators.Writing;

namespace Netabase.Generators;

/// <summary>
/// Writes the other part of every model, value and definition, in three stages: read the compiler's symbols, shape what was
/// read, write it. What passes between them is equal when its content is, so a stage whose input did not change does not
/// run. What is wrong with a model is said by <see cref="ModelAnalyzer"/>, which keeps places in code out of here.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class NetabaseGenerator : IIncrementalGenerator
{
    /// <summary>The stages' names in the compiler's records of its steps.</summary>
    public const string ReadStage = "Read";

    /// <summary>The second stage's name.</summary>
    public const string ShapeStage = "Shape";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Generate(context, Attributed.Model);
        Generate(context, Attributed.Value);
        var definitions = context.SyntaxProvider.ForAttributeWithMetadataName(
                Attributed.Definition,
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, _) => DefinitionReader.Read((INamedTypeSymbol)found.TargetSymbol, report: null))
            .WithTrackingName(ReadStage);
        context.RegisterSourceOutput(definitions, static (output, definition) =>
        {
            if (definition is not null)
            {
                output.AddSource(definition.Type.HintName + ".Definition.g.cs", DefinitionWriter.Write(definition));
            }
        });
    }

    private static void Generate(IncrementalGeneratorInitializationContext context, string attribute)
    {
        var plans = context.SyntaxProvider.ForAttributeWithMetadataName(
                attribute,
                static (node, _) => node is TypeDeclarationSyntax,
                static (found, _) => RecordReader.Read((INamedTypeSymbol)found.TargetSymbol, report: null))
            .WithTrackingName(ReadStage)
            .Select(static (reading, _) => reading is null ? null : RecordShaper.Shape(reading))
            .WithTrackingName(ShapeStage);
        context.RegisterSourceOutput(plans, static (output, plan) =>
        {
            if (plan is not null)
            {
                output.AddSource(plan.Type.HintName + ".g.cs", RecordWriter.Write(plan));
            }
        });
    }
}
