using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Netabase.Generators.CodeFixes;

namespace Netabase.Generators.Specs;

public class CodeFixSpecs
{
    [Fact]
    public async Task An_unnumbered_property_gets_the_next_free_number_above_it()
    {
        var fixedCode = await FixedAsync(
            """
            [NetabaseDefinition("app")]
            public static partial class D
            {
                [NetabaseModel(1, Reserved = [3])]
                public sealed partial record M
                {
                    [PrimaryKey(1)]
                    public required int Id { get; init; }

                    /// <summary>Kept.</summary>
                    public string? Note { get; init; }

                    [Obsolete]
                    public int Old { get; set; }

                    [Field(2)]
                    public int Two { get; set; }
                }
            }
            """);

        Assert.Contains(
            """
                    /// <summary>Kept.</summary>
                    [Field(4)]
                    public string? Note { get; init; }

                    [Field(5)]
                    [Obsolete]
                    public int Old { get; set; }
            """,
            fixedCode,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parameter_of_a_positional_record_is_numbered_as_the_property_that_it_is() =>
        Assert.Contains(
            "record V([property: Field(2)] int X, [property: Field(1)] int Y);",
            await FixedAsync("[NetabaseValue] public partial record V(int X, [property: Field(1)] int Y);"),
            StringComparison.Ordinal);

    /// <summary>Applies the fix until nothing is unnumbered.</summary>
    private static async Task<string> FixedAsync(string source)
    {
        using var workspace = new AdhocWorkspace();
        var template = Compiled.Compilation(source);
        var project = workspace.AddProject("user", LanguageNames.CSharp)
            .WithMetadataReferences(template.References)
            .WithCompilationOptions(template.Options)
            .WithParseOptions(Compiled.Options);
        var document = project.AddDocument("user.cs", SourceText.From(template.SyntaxTrees[0].ToString()));
        while (true)
        {
            var compilation = (await document.Project.GetCompilationAsync())!;
            var findings = await compilation.WithAnalyzers([new ModelAnalyzer()]).GetAnalyzerDiagnosticsAsync();
            if (findings.Where(finding => finding.Id == "NB0014").MinBy(finding => finding.Location.SourceSpan.Start) is not { } finding)
            {
                return (await document.GetTextAsync()).ToString();
            }

            var actions = new List<CodeAction>();
            await new NumberPropertyFix().RegisterCodeFixesAsync(new CodeFixContext(document, finding, (action, _) => actions.Add(action), CancellationToken.None));
            var operations = await Assert.Single(actions).GetOperationsAsync(CancellationToken.None);
            var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution;
            document = changed.GetDocument(document.Id)!;
        }
    }
}
