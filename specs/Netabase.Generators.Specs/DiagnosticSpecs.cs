using static Netabase.Generators.Specs.UserCode;

namespace Netabase.Generators.Specs;

/// <summary>Each fault is said once, with its code, at the place where it is to be put right.</summary>
public class DiagnosticSpecs
{
    private const string Id = "[PrimaryKey(1)] public required int Id { get; init; }";

    public static TheoryData<string, string, string> Faults => new()
    {
        { "NB0001", "M", Model(Id, "public sealed record M") },
        { "NB0001", "D", Model(Id).Replace("static partial class D", "static class D", StringComparison.Ordinal) },
        { "NB0002", "Inner", Model(Id, before: "public static class Outer { [NetabaseModel(2)] public sealed partial record Inner { " + Id + " } }") },
        { "NB0003", "M", Model(Id, "public abstract partial record M") },
        { "NB0003", "M", Model(Id, "public sealed partial class M") },
        { "NB0003", "M", Model(Id, "public sealed partial record M<T>") },
        { "NB0003", "M", Model(Id, "public sealed partial record M : Base", "public record Base;") },
        { "NB0004", "M", Model("[Field(1)] public int A { get; init; }") },
        { "NB0005", "B", Model(Id + "[PrimaryKey(2)] public int B { get; init; }") },
        { "NB0006", "B", Model(Id + "[Field(1)] public int B { get; init; }") },
        { "NB0007", "Field(0)", Model(Id + "[Field(0)] public int B { get; init; }") },
        { "NB0007", "Field(19500)", Model(Id + "[Field(19500)] public int B { get; init; }") },
        { "NB0007", "Field(536870912)", Model(Id + "[Field(536870912)] public int B { get; init; }") },
        { "NB0008", "Field(3)", Model(Id + "[Field(3)] public int B { get; init; }").Replace("NetabaseModel(1)", "NetabaseModel(1, Reserved = [3])", StringComparison.Ordinal) },
        { "NB0009", "NetabaseModel(1)", Model(Id, before: "[NetabaseModel(1)] public sealed partial record First { " + Id + " }") },
        { "NB0010", "NetabaseModel(65536)", Model(Id).Replace("NetabaseModel(1)", "NetabaseModel(65536)", StringComparison.Ordinal) },
        { "NB0011", "M", Model(Id).Replace("[NetabaseDefinition(\"app\")]", string.Empty, StringComparison.Ordinal) },
        { "NB0012", "NetabaseDefinition(\"App\")", Model(Id).Replace("\"app\"", "\"App\"", StringComparison.Ordinal) },
        { "NB0013", "D", Model(Id).Replace("static partial class D", "partial class D", StringComparison.Ordinal) },
        { "NB0014", "B", Model(Id + "public int B { get; set; }") },
        { "NB0014", "B", Model("", "public sealed partial record M([property: PrimaryKey(1)] int Id, int B)") },
        { "NB0015", "B", Model(Id + "[Field(2), SecondaryKey(3)] public int B { get; init; }") },
        { "NB0016", "B", Model(Id + "[Field(2)] public object? B { get; init; }") },
        { "NB0016", "B", Model(Id + "[Field(2)] public int[]? B { get; init; }") },
        { "NB0016", "B", Model(Id + "[Field(2)] public int[][] B { get; init; } = [];") },
        { "NB0016", "B", Model(Id + "[Field(2)] public int?[] B { get; init; } = [];") },
        { "NB0016", "B", Model(Id + "[Field(2)] public System.Collections.Generic.Dictionary<double, int> B { get; init; } = [];") },
        { "NB0017", "B", Model(Id + "[Field(2)] public Plain? B { get; init; }", before: "public record Plain;") },
        { "NB0018", "B", Model(Id + "[SecondaryKey(2)] public int[] B { get; init; } = [];") },
        { "NB0018", "B", Model(Id + "[SecondaryKey(2)] public V? B { get; init; }", before: "[NetabaseValue] public partial record V { [Field(1)] public int[] A { get; init; } = []; }") },
        { "NB0019", "Id", Model("[PrimaryKey(1)] public int? Id { get; init; }") },
        { "NB0020", "B", Model(Id + "[Field(2)] public int B { get; }") },
        { "NB0021", "Key", Model("[PrimaryKey(1)] public required int Key { get; init; }") },
        { "NB0021", "Definition", Model(Id, before: "public const int Definition = 1;") },
        { "NB0022", "V", Model(Id, before: "[NetabaseValue] public partial record V { [Field(1)] public required V Next { get; init; } }") },
        { "NB0023", "A", Model(Id, before: "[NetabaseValue] public partial record V { [PrimaryKey(1)] public int A { get; init; } }") },
        { "NB0024", "Field(1)", Model(Id, before: "public sealed record Plain { [Field(1)] public int A { get; init; } }") },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_has_its_code_and_its_place(string code, string place, string source)
    {
        var finding = Assert.Single(await Compiled.FindingsAsync(source));

        Assert.Equal(code, finding.Id);
        Assert.Equal(place, (await finding.Location.SourceTree!.GetTextAsync()).ToString(finding.Location.SourceSpan));
        Assert.InRange(finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Length, 20, 250);
    }

    [Fact]
    public async Task A_sound_model_is_without_findings() => Assert.Empty(await Compiled.FindingsAsync(Chat, Shop));

    [Fact]
    public void Every_rule_has_a_case_here()
    {
        var covered = Faults.Select(row => (string)row[0]).ToHashSet();

        Assert.Empty(new ModelAnalyzer().SupportedDiagnostics.Select(rule => rule.Id).Except(covered));
    }

    [Fact]
    public async Task A_number_that_is_free_is_named()
    {
        var finding = Assert.Single(await Compiled.FindingsAsync(Model(Id + "[Field(7)] public int A { get; init; } public int B { get; set; }")));

        Assert.Equal("Give 'B' a number with [Field(8)], or say [NotStored] if it is not part of the record", finding.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_model_with_a_fault_takes_no_other_with_it() =>
        Assert.Equal(
            ["App.D.Definition.g.cs", "App.D.Good.g.cs"],
            Compiled.Generated(Model("[Field(1)] public int A { get; init; }", before: "[NetabaseModel(2)] public sealed partial record Good { " + Id + " }")).Keys.Order(StringComparer.Ordinal));
}
