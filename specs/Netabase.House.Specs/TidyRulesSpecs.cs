using System.Text;

namespace Netabase.House.Specs;

/// <summary>Each tidy rule is shown a sample that breaks it, and one that does not: a rule that cannot bite is no rule.</summary>
public sealed class TidyRulesSpecs
{
    [Fact]
    public void A_file_of_401_lines_is_too_long_and_one_of_400_is_not()
    {
        Assert.NotEmpty(TidyRules.FileIsShort(Code(Lines(401))));
        Assert.Empty(TidyRules.FileIsShort(Code(Lines(400))));
    }

    [Fact]
    public void A_method_of_71_lines_is_too_long_and_one_of_70_is_not()
    {
        Assert.NotEmpty(TidyRules.MethodsAreShort(Code(Method(71))));
        Assert.Empty(TidyRules.MethodsAreShort(Code(Method(70))));
    }

    [Theory]
    [InlineData("class ConnectionManager;")]
    [InlineData("static class StringHelper;")]
    [InlineData("record struct ByteUtils;")]
    public void A_name_that_says_nothing_is_seen(string code) => Assert.NotEmpty(TidyRules.TypesSayWhatTheyAre(Code(code)));

    [Fact]
    public void A_name_that_says_something_is_left_alone() => Assert.Empty(TidyRules.TypesSayWhatTheyAre(Code("class ConnectionGate;")));

    [Fact]
    public void What_is_left_for_later_is_seen()
    {
        Assert.NotEmpty(TidyRules.NothingIsLeftForLater(Code("// TO" + "DO: the rest")));
        Assert.NotEmpty(TidyRules.NothingIsLeftForLater(Code("throw new Not" + "ImplementedException();")));
        Assert.Empty(TidyRules.NothingIsLeftForLater(Code("var toDoList = 1;")));
    }

    [Fact]
    public void A_spec_that_sleeps_is_seen_and_a_string_about_it_is_not()
    {
        Assert.NotEmpty(TidyRules.SpecsDoNotSleep(Spec("await Task" + ".Delay(50);")));
        Assert.NotEmpty(TidyRules.SpecsDoNotSleep(Spec("Thread" + ".Sleep(50);")));
        Assert.Empty(TidyRules.SpecsDoNotSleep(Spec("var text = \"Thread.Sleep(50)\";")));
        Assert.Empty(TidyRules.SpecsDoNotSleep(Spec("await Task" + ".Delay(Timeout.Infinite, stopping);")));
        Assert.Empty(TidyRules.SpecsDoNotSleep(Code("await Task" + ".Delay(50);")));
    }

    [Theory]
    [InlineData("cd /ho", "me/ann/code/")]
    [InlineData("open(\"/tm", "p/x\")")]
    [InlineData("C:\\Use", "rs\\ann")]
    public void A_machine_path_is_seen(string start, string rest) => Assert.NotEmpty(TidyRules.NoMachinePaths(Code(start + rest)));

    [Fact]
    public void A_multiaddr_is_not_a_machine_path() => Assert.Empty(TidyRules.NoMachinePaths(Code("/ip4/127.0.0.1/tcp/4001/ws")));

    [Fact]
    public void A_registrys_host_is_seen() => Assert.NotEmpty(TidyRules.NoRegistryHosts(Code("https://api.nuget" + ".org/v3")));

    [Fact]
    public void An_asking_file_is_counted_when_it_ships()
    {
        Assert.True(TidyRules.Asks(Code("await actor.Ask<int>(1);")));
        Assert.False(TidyRules.Asks(Spec("await actor.Ask<int>(1);")));
    }

    [Fact]
    public void A_forgotten_task_is_seen()
    {
        Assert.NotEmpty(TidyRules.NoTaskIsForgotten(Code("class A { void B() { _ = SendAsync(); } }")));
        Assert.NotEmpty(TidyRules.NoTaskIsForgotten(Code("class A { void B() { _ = Task.Run(() => 1); } }")));
        Assert.Empty(TidyRules.NoTaskIsForgotten(Code("class A { async Task B() { _ = await SendAsync(); } }")));
    }

    [Fact]
    public void A_key_without_a_sentence_is_seen()
    {
        Assert.NotEmpty(TidyRules.KeysHaveSentences(new("HOCON/reference.conf", "netabase {\n  k = 20\n}")));
        Assert.NotEmpty(TidyRules.KeysHaveSentences(new("HOCON/reference.conf", "# The number of peers that hold a record.\n\nk = 20")));
        Assert.Empty(TidyRules.KeysHaveSentences(new("HOCON/reference.conf", "# The number of peers that hold a record.\nk = 20")));
    }

    [Fact]
    public void A_project_outside_the_solution_is_seen()
    {
        var solution = new SourceFile("Netabase.sln", "Project(\"{..}\") = \"A\", \"A\\A.csproj\", \"{..}\"");
        Assert.NotEmpty(TidyRules.ProjectsAreInTheSolution(solution, ["A/A.csproj", "B/B.csproj"]));
        Assert.Empty(TidyRules.ProjectsAreInTheSolution(solution, ["A/A.csproj"]));
    }

    private static SourceFile Code(string text) => new("Netabase.Model/Sample.cs", text);

    private static SourceFile Spec(string text) => new("specs/Sample.Specs/Sample.cs", text);

    private static string Lines(int count) => string.Join('\n', Enumerable.Repeat("// line", count));

    private static string Method(int lines)
    {
        var text = new StringBuilder("class A\n{\n    void B()\n    {\n");
        for (var i = 0; i < lines - 3; i++)
        {
            text.Append("        ;\n");
        }

        return text.Append("    }\n}\n").ToString();
    }
}
