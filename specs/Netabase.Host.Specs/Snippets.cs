using System.Text.RegularExpressions;

namespace Netabase.Host.Specs;

/// <summary>The C# of a page for users.</summary>
internal static partial class Snippets
{
    /// <summary>Every snippet of the page stands, but for its indentation, in a file of the folder, which is compiled with this assembly.</summary>
    public static void AreCompiled(string page, string folder, int least)
    {
        var compiled = Directory.GetFiles(InRepository(folder), "*.cs").Select(file => Flat(File.ReadAllText(file))).ToList();
        var snippets = Snippet().Matches(File.ReadAllText(InRepository(page))).Select(match => match.Groups[1].Value).ToList();
        Assert.True(snippets.Count >= least, $"{snippets.Count} snippets");
        Assert.All(snippets, snippet => Assert.True(compiled.Exists(code => code.Contains(Flat(snippet), StringComparison.Ordinal)), $"compiled nowhere:\n{snippet}"));
    }

    private static string Flat(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string InRepository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Netabase.sln")))
            {
                return Path.Combine(folder.FullName, path);
            }
        }

        throw new InvalidOperationException("There is no repository above this assembly.");
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
