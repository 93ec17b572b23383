using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit.Abstractions;

namespace Netabase.Protocol.Specs.Paxos;

/// <summary>
/// The cores with one rule broken each (specs/paxos.md, "Mutants"), compiled here together with the simulation: a mutant that lives through the
/// seeds of a test run says that the simulation sees too little.
/// </summary>
public sealed class MutantSpecs(ITestOutputHelper output)
{
    private const ulong SeedsMost = 1_000;

    [Theory]
    [InlineData("ANSWER_BEFORE_SAVE")]
    [InlineData("EQUAL_BALLOT")]
    [InlineData("SNAPSHOT_REPLACES")]
    [InlineData("PHASE_1_SKIPPED")]
    [InlineData("LEASE_FROM_RECEIPT")]
    [InlineData("SNAPSHOT_FORGETS_SESSIONS")]
    public void A_core_that_breaks_one_rule_does_not_live_through_the_simulation(string mutant)
    {
        var run = RunOf(mutant);
        for (var seed = 1ul; seed <= SeedsMost; seed++)
        {
            if (run(seed) is { } broken)
            {
                output.WriteLine($"{mutant}: seed {seed}: {broken}");
                return;
            }
        }

        Assert.Fail($"{mutant} lives through {SeedsMost} seeds");
    }

    [Fact]
    public void The_core_as_it_is_lives_through_the_same_seeds()
    {
        var run = RunOf("NONE");
        for (var seed = 1ul; seed <= 10; seed++)
        {
            Assert.Null(run(seed));
        }
    }

    private static Func<ulong, string?> RunOf(string mutant)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: ["NETABASE_MUTANT_" + mutant]);
        var compilation = CSharpCompilation.Create(
            "Netabase.Mutant." + mutant,
            Sources().Select(source => CSharpSyntaxTree.ParseText(source, options)),
            References(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error)));
        var type = Assembly.Load(bytes.ToArray()).GetType("Netabase.Protocol.Specs.Paxos.Simulation.SimulatedRun")!;
        return type.GetMethod("Broken")!.CreateDelegate<Func<ulong, string?>>();
    }

    private static IEnumerable<string> Sources()
    {
        yield return "global using System; global using System.Collections.Generic; global using System.Linq;";
        var specs = Path.Combine(Root(), "specs", "Netabase.Protocol.Specs");
        var files = Directory.GetFiles(Path.Combine(Root(), "Netabase.Protocol", "Paxos"), "*.cs")
            .Concat(Directory.GetFiles(Path.Combine(specs, "Paxos", "Simulation"), "*.cs").Where(file => !file.EndsWith("Specs.cs", StringComparison.Ordinal)))
            .Append(Path.Combine(Root(), "Netabase.Protocol", "Kademlia", "Scheduling", "SeededChance.cs"))
            .Append(Path.Combine(specs, "Paxos", "PaxosSamples.cs"))
            .Append(Path.Combine(specs, "SplitMix64.cs"));
        foreach (var file in files)
        {
            yield return File.ReadAllText(file);
        }
    }

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("Netabase.Protocol.dll" or "Netabase.Protocol.Specs.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));

    private static string Root()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Netabase.sln")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException("the sources are not above the specs that were built");
    }
}
