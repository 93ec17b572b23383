using System.Globalization;
using System.Text;

namespace Netabase;

/// <summary>Names as protobuf's style guide has them, each given once within its scope.</summary>
internal sealed class ProtoNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The name, or the name with the first number that makes it one of its own.</summary>
    public string Take(string name)
    {
        var free = name;
        for (var i = 2; !_taken.Add(Comparable(free)); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        return free;
    }

    /// <summary><c>UserId</c> becomes <c>user_id</c>.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord = char.IsUpper(name[i]) && i > 0 && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            _ = startsWord ? text.Append('_') : text;
            _ = text.Append(char.ToLowerInvariant(name[i]));
        }

        return Identifier(text.ToString());
    }

    /// <summary>Letters, digits and underscores of ASCII; whatever else C# allows is written as its number.</summary>
    public static string Identifier(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            _ = char.IsAsciiLetterOrDigit(c) || c == '_' ? text.Append(c)
                : c == '.' ? text.Append('_')
                : text.Append(CultureInfo.InvariantCulture, $"u{(int)c:x4}");
        }

        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? text.Insert(0, '_').ToString() : text.ToString();
    }

    /// <summary>A definition's wire name as a package.</summary>
    public static string Package(string definition) => string.Join(
        '.',
        definition.Split('.', StringSplitOptions.RemoveEmptyEntries).Select(part => Identifier(part.Replace('-', '_'))));

    /// <summary>protoc takes two names for one when their JSON names are the same.</summary>
    private static string Comparable(string name) => name.Replace("_", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
}
