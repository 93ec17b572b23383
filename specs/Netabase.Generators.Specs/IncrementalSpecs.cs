using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Netabase.Generators.Specs;

public class IncrementalSpecs
{
    [Fact]
    public void An_unrelated_edit_regenerates_nothing()
    {
        var compilation = Compiled.Compilation(UserCode.Chat, UserCode.Shop, "namespace App; class Other { int F() => 1; }");
        var driver = Compiled.Driver().RunGenerators(compilation);
        var other = compilation.SyntaxTrees.Last();
        var edited = compilation.ReplaceSyntaxTree(other, CSharpSyntaxTree.ParseText("namespace App; class Other { int F() => 2; } class New;", Compiled.Options));
        var run = driver.RunGenerators(edited).GetRunResult().Results.Single();

        Assert.All(Stages(run), step => Assert.True(step is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, step.ToString()));
        Assert.All(Outputs(run), output => Assert.Equal(IncrementalStepRunReason.Cached, output));
    }

    [Fact]
    public void An_edit_within_the_models_file_that_changes_no_model_regenerates_nothing()
    {
        var compilation = Compiled.Compilation(UserCode.Chat);
        var driver = Compiled.Driver().RunGenerators(compilation);
        var edited = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees[0],
            CSharpSyntaxTree.ParseText("#nullable enable\nusing System;\nusing Netabase;\n// A comment that moves everything down.\n\n" + UserCode.Chat.Replace("What.", "What they wrote.", StringComparison.Ordinal), Compiled.Options));
        var run = driver.RunGenerators(edited).GetRunResult().Results.Single();

        Assert.All(Outputs(run), output => Assert.Equal(IncrementalStepRunReason.Cached, output));
    }

    [Fact]
    public void An_edit_of_one_model_regenerates_that_one_alone()
    {
        var compilation = Compiled.Compilation(UserCode.Chat, UserCode.Shop);
        var driver = Compiled.Driver().RunGenerators(compilation);
        var edited = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees[0],
            CSharpSyntaxTree.ParseText("#nullable enable\nusing System;\nusing Netabase;\n" + UserCode.Chat.Replace("[Field(4)]", "[Field(5)]", StringComparison.Ordinal), Compiled.Options));
        var run = driver.RunGenerators(edited).GetRunResult().Results.Single();

        Assert.Single(Outputs(run), output => output != IncrementalStepRunReason.Cached);
    }

    private static IEnumerable<IncrementalStepRunReason> Stages(GeneratorRunResult run)
    {
        var steps = new[] { NetabaseGenerator.ReadStage, NetabaseGenerator.ShapeStage }.SelectMany(stage => run.TrackedSteps[stage]).SelectMany(step => step.Outputs).ToList();
        Assert.NotEmpty(steps);
        return steps.Select(step => step.Reason);
    }

    private static List<IncrementalStepRunReason> Outputs(GeneratorRunResult run)
    {
        var outputs = run.TrackedOutputSteps.SelectMany(pair => pair.Value).SelectMany(step => step.Outputs).Select(output => output.Reason).ToList();
        Assert.NotEmpty(outputs);
        return outputs;
    }
}
