namespace Netabase.House.Specs;

/// <summary>The files of this repository as they lie on disk, without what a build or a tool leaves beside them.</summary>
internal static class Repository
{
    private static readonly string[] Skipped =
        [".git", "bin", "obj", "artifacts", "TestResults", "node_modules", "BenchmarkDotNet.Artifacts", ".vs", ".idea", ".vscode"];

    private static readonly string[] TextEndings =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".conf", ".json", ".yml", ".txt", ".proto", ".js", ".mjs", ".go", ".sh", ".editorconfig"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> TextFiles { get; } = [.. Walk(Root)
        .Where(path => TextEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)) || path.EndsWith("/.ci/run", StringComparison.Ordinal))
        .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))];

    public static IEnumerable<SourceFile> CSharp => TextFiles.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            yield return file;
        }

        foreach (var child in Directory.EnumerateDirectories(folder))
        {
            if (!Skipped.Contains(Path.GetFileName(child)))
            {
                foreach (var file in Walk(child))
                {
                    yield return file;
                }
            }
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Netabase.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Netabase.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One text file.</summary>
/// <param name="Path">Relative to the repository, with forward slashes.</param>
/// <param name="Text">Its content.</param>
internal sealed record SourceFile(string Path, string Text)
{
    public bool IsSpec => Path.StartsWith("specs/", StringComparison.Ordinal);

    public bool IsShipped => Path.StartsWith("Netabase.", StringComparison.Ordinal);

    public string[] Lines => Text.Split('\n');
}
