namespace Netabase.Transport.Specs;

/// <summary>
/// Test data of other projects that this repository does not carry: the folder NETABASE_VECTORS holds it. Without it, the specs that
/// read it report themselves as skipped, by name (specs/long-runs.md says what belongs in the folder).
/// </summary>
internal static class PublishedVectors
{
    public static FileStream Open(string file)
    {
        var folder = Environment.GetEnvironmentVariable("NETABASE_VECTORS");
        Skip.If(string.IsNullOrEmpty(folder), $"NETABASE_VECTORS names no folder with {file}.");
        return File.OpenRead(Path.Combine(folder, file));
    }
}
