using System.Text.RegularExpressions;

namespace Netabase.House.Specs.Docs;

/// <summary>One key of a reference file.</summary>
/// <param name="Section">The full name of the object it stands in.</param>
/// <param name="Name">Its own name.</param>
/// <param name="Default">Its value as written.</param>
/// <param name="Sentence">The comment above it.</param>
internal sealed record ReferenceKey(string Section, string Name, string Default, string Sentence)
{
    /// <summary>In what its value is written.</summary>
    public string Unit => Default switch
    {
        "on" or "off" => "on or off",
        ['[', ..] => "list",
        ['"', ..] => "text",
        _ when char.IsLetter(Default[^1]) => "time",
        _ when Name.EndsWith("-kib", StringComparison.Ordinal) => "KiB",
        _ when Name.Contains("bytes", StringComparison.Ordinal) || Sentence.StartsWith("The most bytes", StringComparison.Ordinal) => "bytes",
        _ => "number",
    };
}

/// <summary>A reference file read by its lines: comments, objects, keys. It needs no HOCON for that, because ours are written so.</summary>
internal static partial class ReferenceFile
{
    /// <summary>Every object of the file with the comment above it, in order, each with its keys; an object without keys of its own is left out.</summary>
    public static IReadOnlyList<(string Section, string About, IReadOnlyList<ReferenceKey> Keys)> Read(string text)
    {
        var sections = new Dictionary<string, (string About, List<ReferenceKey> Keys)>();
        var path = new List<string>();
        var comment = new List<string>();
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith('#'))
            {
                comment.Add(line.TrimStart('#').Trim());
                continue;
            }

            if (line == "}")
            {
                path.RemoveAt(path.Count - 1);
            }
            else if (OpensObject().Match(line) is { Success: true } opens)
            {
                path.AddRange(opens.Groups[1].Value.Split('.'));
                sections[string.Join('.', path)] = (path.Count > 1 ? string.Join(' ', comment) : string.Empty, []);
            }
            else if (SetsKey().Match(line) is { Success: true } sets)
            {
                var section = string.Join('.', path);
                sections[section].Keys.Add(new ReferenceKey(section, sets.Groups[1].Value, sets.Groups[2].Value, string.Join(' ', comment)));
            }

            comment.Clear();
        }

        return [.. sections.Where(section => section.Value.Keys.Count > 0).Select(section => (section.Key, section.Value.About, (IReadOnlyList<ReferenceKey>)section.Value.Keys))];
    }

    [GeneratedRegex("^([a-z0-9.-]+) *\\{$")]
    private static partial Regex OpensObject();

    [GeneratedRegex("^([a-z0-9-]+) *= *(.+)$")]
    private static partial Regex SetsKey();
}
