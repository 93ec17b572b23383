using System.Runtime.CompilerServices;

namespace Netabase.Generators.Specs;

public class GeneratedCodeSpecs
{
    [Theory]
    [InlineData("App.Chat.Message.g.cs")]
    [InlineData("App.Chat.Definition.g.cs")]
    [InlineData("App.Sales.Shop.Order.g.cs")]
    [InlineData("App.Sales.Shop.Customer.g.cs")]
    [InlineData("App.Sales.Shop.Line.g.cs")]
    public void The_output_is_the_one_that_somebody_has_read(string file) =>
        Approve(file, Compiled.Generated(UserCode.Chat, UserCode.Shop)[file]);

    [Fact]
    public void A_strict_project_compiles_the_output_without_a_warning() =>
        Assert.Empty(Compiled.Complaints(UserCode.Chat, UserCode.Shop));

    [Fact]
    public void Names_that_are_keywords_or_differ_only_in_their_first_letter_are_names_like_others() =>
        Assert.Empty(Compiled.Complaints(UserCode.Model(
            """
            [PrimaryKey(1)] public required int @class { get; init; }
            [SecondaryKey(2)] public string? Reader { get; init; }
            [Field(3)] public int reader { get; set; }
            [Field(4)] public int? Tag { get; set; }
            [SecondaryKey(5)] public byte[]? Item { get; set; }
            """)).Where(complaint => complaint.Id != "CS1591"));

    [Fact]
    public void A_model_that_is_internal_and_one_without_a_namespace_are_completed_too() => Assert.Empty(Compiled.Complaints(
        """
        [NetabaseDefinition("bare")]
        internal static partial class Bare
        {
            internal static partial class Inner
            {
                [NetabaseModel(65535)]
                internal partial record M([property: PrimaryKey(1)] string Id)
                {
                    [Field(2)]
                    public int Count { get; private set; }
                }
            }
        }
        """));

    /// <summary>With <c>NETABASE_APPROVE=1</c> the file is written anew, to be read again.</summary>
    private static void Approve(string file, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Approved", file + ".txt");
        if (Environment.GetEnvironmentVariable("NETABASE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual, ignoreLineEndingDifferences: true);
    }
}
