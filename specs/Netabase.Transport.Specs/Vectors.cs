namespace Netabase.Transport.Specs;

/// <summary>The test data beside the specs.</summary>
internal static class Vectors
{
    /// <summary>The fields of every line of a file below <c>Vectors/</c>, without comments (#) and empty lines.</summary>
    public static string[][] Lines(string path) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Vectors", path))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' '))];
}
