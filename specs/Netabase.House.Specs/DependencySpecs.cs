using System.Text.RegularExpressions;

namespace Netabase.House.Specs;

/// <summary>The dependency table of specs/architecture.md, held against what the compiler made.</summary>
public sealed partial class DependencySpecs
{
    public static TheoryData<string> Projects => [.. DependencyRule.Table.Select(rule => rule.Project)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_what_its_row_allows(string project)
    {
        var rule = DependencyRule.Table.Single(row => row.Project == project);
        var breaches = rule.Breaches(CompiledAssembly.Of(project)).ToArray();
        Assert.True(breaches.Length == 0, string.Join(Environment.NewLine, breaches));
    }

    [Fact]
    public void Every_project_that_runs_has_a_row()
    {
        var shipped = Repository.TextFiles
            .Where(file => file.IsShipped && file.Path.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file.Path));

        // Generators and their code fixes are compile time only (next spec); the command line knows the host alone and nothing knows it.
        Assert.Equal(DependencyRule.Table.Select(rule => rule.Project).Order(), shipped.Except(["Netabase.Generators", "Netabase.Generators.CodeFixes", "Netabase.Cli"]).Order());
    }

    [Fact]
    public void The_generators_know_no_project_and_see_the_attributes_by_name() =>
        Assert.DoesNotContain("ProjectReference", Repository.TextFiles.Single(file => file.Path == "Netabase.Generators/Netabase.Generators.csproj").Text, StringComparison.Ordinal);

    [Fact]
    public void Persistence_and_transport_never_meet()
    {
        foreach (var file in Repository.TextFiles.Where(file => file.IsShipped && file.Path.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            var references = ProjectReference().Matches(file.Text).Select(match => match.Groups[1].Value).ToArray();
            if (file.Path.StartsWith("Netabase.Persistence", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("Netabase.Transport", references);
            }

            if (file.Path.StartsWith("Netabase.Transport", StringComparison.Ordinal))
            {
                Assert.DoesNotContain(references, name => name.StartsWith("Netabase.Persistence", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void The_rule_bites_on_a_reference_a_type_and_a_member_that_are_not_allowed()
    {
        var pure = DependencyRule.Table.Single(rule => rule.Project == "Netabase.Protocol");
        var impure = new CompiledAssembly(
            "Netabase.Protocol", ["System.Runtime", "Akka"], ["System.Threading.Tasks.Task", "System.String"], ["System.DateTime.get_UtcNow"]);
        Assert.Equal(
            ["Netabase.Protocol references Akka", "Netabase.Protocol sees System.Threading.Tasks.Task", "Netabase.Protocol calls System.DateTime.get_UtcNow"],
            pure.Breaches(impure));
    }

    [Fact]
    public void The_metadata_reader_sees_what_this_very_assembly_uses()
    {
        var own = CompiledAssembly.Of("Netabase.House.Specs");
        Assert.Contains("xunit.assert", own.References);
        Assert.Contains("System.IO.File", own.Types);
        Assert.Contains("System.IO.File.ReadAllText", own.Members);
    }

    [GeneratedRegex("""<ProjectReference Include="[^"]*?/([^/"]+)\.csproj""")]
    private static partial Regex ProjectReference();
}
