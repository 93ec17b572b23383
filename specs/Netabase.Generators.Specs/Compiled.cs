using System.Collections.Immutable;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Netabase.Generators.Specs;

/// <summary>Code of a user's, compiled with the generator and the analyzer as a build would.</summary>
internal static class Compiled
{
    /// <summary>Nullable on, documentation asked for, the latest language: what a strict project has.</summary>
    public static CSharpParseOptions Options { get; } = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    public static CSharpCompilation Compilation(params string[] sources) => CSharpCompilation.Create(
        "user",
        sources.Select((source, place) => CSharpSyntaxTree.ParseText("#nullable enable\nusing System;\nusing Netabase;\n" + source, Options, $"user{place}.cs")),
        [.. Net100.References.All, MetadataReference.CreateFromFile(typeof(ModelSchema).Assembly.Location)],
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new NetabaseGenerator().AsSourceGenerator()],
        parseOptions: Options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The generated files by name.</summary>
    public static ImmutableDictionary<string, string> Generated(params string[] sources) =>
        Driver().RunGenerators(Compilation(sources)).GetRunResult().Results.Single().GeneratedSources
            .ToImmutableDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>What the compiler says about the user's code together with what was generated.</summary>
    public static ImmutableArray<Diagnostic> Complaints(params string[] sources)
    {
        _ = Driver().RunGeneratorsAndUpdateCompilation(Compilation(sources), out var output, out _);
        return [.. output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
    }

    /// <summary>What the analyzer says about the user's code.</summary>
    public static async Task<ImmutableArray<Diagnostic>> FindingsAsync(params string[] sources)
    {
        _ = Driver().RunGeneratorsAndUpdateCompilation(Compilation(sources), out var output, out _);
        var findings = await output.WithAnalyzers([new ModelAnalyzer()]).GetAnalyzerDiagnosticsAsync();
        return [.. findings.OrderBy(finding => finding.Location.SourceSpan.Start)];
    }
}
