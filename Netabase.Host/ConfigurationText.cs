using Akka.Configuration;

namespace Netabase.Host;

/// <summary>
/// An operator's HOCON file. Akka's parser takes what it understands and is silent about the rest (an object that is never closed,
/// whatever stands beside it), so that a node would start with other settings than those written. The text is looked at first.
/// </summary>
internal static class ConfigurationText
{
    private static readonly string[] Roots = ["netabase", "akka"];

    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ConfigurationException">It is not what somebody can have meant; the message names file and line.</exception>
    public static Config Read(string file)
    {
        var full = Path.GetFullPath(file);
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"The configuration file {full} does not exist.", file);
        }

        var text = File.ReadAllText(file);
        var saysSomething = Check(full, text);
        var config = ConfigurationFactory.ParseString(text);
        var roots = config.AsEnumerable().Select(root => root.Key).ToList();
        if (saysSomething && roots.Count == 0)
        {
            throw new ConfigurationException($"{full} holds no settings.");
        }

        return roots.Find(root => !Roots.Contains(root)) is { } stranger
            ? throw new ConfigurationException($"{full} begins with {stranger}; its settings stand in netabase {{ }} and akka {{ }}.")
            : config;
    }

    /// <summary>Whether the text is more than comments; every bracket and quote of it is closed.</summary>
    private static bool Check(string file, string text)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var (line, saysSomething) = (1, false);
        for (var at = 0; at < text.Length; at++)
        {
            var rest = text.AsSpan(at);
            switch (text[at])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when rest.StartsWith("//"):
                    at += LengthTo(rest, "\n") - 1;
                    break;
                case '"':
                    saysSomething = true;
                    var length = Quoted(rest);
                    at += length >= 0 ? length - 1 : throw Unclosed(file, '"', line);
                    line += rest[..length].Count('\n');
                    break;
                case '{' or '[':
                    saysSomething = true;
                    open.Push((text[at], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var opened) || (opened.Bracket == '{') != (text[at] == '}'))
                    {
                        throw new ConfigurationException($"{file}, line {line}: there is nothing that '{text[at]}' closes.");
                    }

                    break;
                case var other when !char.IsWhiteSpace(other):
                    saysSomething = true;
                    break;
            }
        }

        return open.TryPop(out var left) ? throw Unclosed(file, left.Bracket, left.Line) : saysSomething;
    }

    private static ConfigurationException Unclosed(string file, char mark, int line) => new($"{file}, line {line}: '{mark}' is never closed.");

    /// <summary>Characters up to what ends them, or to the end.</summary>
    private static int LengthTo(ReadOnlySpan<char> text, string end) => text.IndexOf(end) is >= 0 and var length ? length : text.Length;

    /// <summary>Characters of the quoted text that this one begins with; -1 when it does not end.</summary>
    private static int Quoted(ReadOnlySpan<char> text)
    {
        const string Three = "\"\"\"";
        if (text.StartsWith(Three))
        {
            return text[3..].IndexOf(Three) is >= 0 and var length ? length + 6 : -1;
        }

        for (var at = 1; at < text.Length && text[at] != '\n'; at++)
        {
            if (text[at] == '"')
            {
                return at + 1;
            }

            at += text[at] == '\\' ? 1 : 0;
        }

        return -1;
    }
}
