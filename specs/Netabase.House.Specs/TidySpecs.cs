namespace Netabase.House.Specs;

/// <summary>What keeps the house readable, over every file of the repository.</summary>
public sealed class TidySpecs
{
    [Fact]
    public void No_file_is_longer_than_four_hundred_lines() => Hold(TidyRules.FileIsShort, Repository.CSharp);

    [Fact]
    public void No_method_is_longer_than_seventy_lines() => Hold(TidyRules.MethodsAreShort, Repository.CSharp);

    [Fact]
    public void No_type_is_named_for_nothing() => Hold(TidyRules.TypesSayWhatTheyAre, Repository.CSharp);

    [Fact]
    public void Nothing_is_left_for_later() => Hold(TidyRules.NothingIsLeftForLater, Repository.TextFiles);

    [Fact]
    public void Specs_do_not_sleep() => Hold(TidyRules.SpecsDoNotSleep, Repository.CSharp);

    [Fact]
    public void No_file_knows_a_path_of_one_machine() => Hold(TidyRules.NoMachinePaths, Repository.TextFiles);

    [Fact]
    public void No_file_names_a_package_registrys_host() => Hold(TidyRules.NoRegistryHosts, Repository.TextFiles);

    [Fact]
    public void No_task_is_forgotten() => Hold(TidyRules.NoTaskIsForgotten, Repository.CSharp);

    [Fact]
    public void Actors_are_asked_in_two_files_at_most()
    {
        var files = Repository.CSharp.Where(TidyRules.Asks).Select(file => file.Path).ToArray();
        Assert.True(files.Length <= 2, "Ask is for the two edges alone: " + string.Join(", ", files));
    }

    [Fact]
    public void Every_key_of_a_reference_file_has_a_sentence() =>
        Hold(TidyRules.KeysHaveSentences, Repository.TextFiles.Where(file => Path.GetFileName(file.Path) == "reference.conf"));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var projects = Repository.TextFiles.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)).Select(file => file.Path).ToArray();
        Assert.True(projects.Length > 10, "the walk over the repository finds its projects");
        Report(TidyRules.ProjectsAreInTheSolution(Repository.TextFiles.Single(file => file.Path == "Netabase.sln"), projects));
    }

    private static void Hold(Func<SourceFile, IEnumerable<string>> rule, IEnumerable<SourceFile> files) => Report(files.SelectMany(rule));

    private static void Report(IEnumerable<string> breaches)
    {
        var all = breaches.ToArray();
        Assert.True(all.Length == 0, string.Join(Environment.NewLine, all));
    }
}
