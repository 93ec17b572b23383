namespace Netabase.House.Specs.Docs;

/// <summary>
/// A page of <c>docs/</c>, or a part of one between its marks, that is written from the sources. It is held against them; with
/// <c>NETABASE_REGENERATE=1</c> it is written anew instead.
/// </summary>
internal static class Page
{
    private const string Regenerate = "NETABASE_REGENERATE";

    private const string HowTo =
        $"is not what the sources say. Write it anew with: {Regenerate}=1 dotnet test specs/Netabase.House.Specs --filter FullyQualifiedName~Docs";

    /// <summary>Holds a whole page.</summary>
    public static void Hold(string path, string written)
    {
        var file = Path.Combine(Repository.Root, path);
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            File.WriteAllText(file, written);
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file) == written, $"{path} {HowTo}");
    }

    /// <summary>Holds what stands between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- end of name --&gt;</c>.</summary>
    public static void HoldPart(string path, string name, string written)
    {
        var file = Path.Combine(Repository.Root, path);
        var page = File.ReadAllText(file);
        var (start, end) = ($"<!-- {name} -->\n", $"<!-- end of {name} -->");
        var (from, to) = (page.IndexOf(start, StringComparison.Ordinal), page.IndexOf(end, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"{path} has no part {name}.");
        var whole = page[..(from + start.Length)] + written + page[to..];
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            File.WriteAllText(file, whole);
            return;
        }

        Assert.True(page == whole, $"The part {name} of {path} {HowTo}");
    }
}
