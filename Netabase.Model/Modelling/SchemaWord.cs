using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Netabase;

/// <summary>A field's type taken apart: <c>map&lt;string,value#0&gt;</c> is a map of two words, the second a value.</summary>
/// <param name="Name">The word before the bracket.</param>
/// <param name="Inner">The words in the brackets.</param>
internal sealed record SchemaWord(string Name, ImmutableArray<SchemaWord> Inner)
{
    /// <summary>Which value or enum of the schema it is, or null when it is another type.</summary>
    public int? Value => Name.IndexOf('#', StringComparison.Ordinal) is > 0 and var at
        ? int.Parse(Name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture)
        : null;

    public static SchemaWord Parse(string text)
    {
        var open = text.IndexOf('<', StringComparison.Ordinal);
        if (open < 0)
        {
            return new SchemaWord(text, []);
        }

        var inner = ImmutableArray.CreateBuilder<SchemaWord>();
        var (start, depth) = (open + 1, 0);
        for (var i = start; i < text.Length; i++)
        {
            if (depth == 0 && text[i] is (',' or '>'))
            {
                inner.Add(Parse(text[start..i]));
                start = i + 1;
            }

            depth += text[i] == '<' ? 1 : text[i] == '>' ? -1 : 0;
        }

        return new SchemaWord(text[..open], inner.ToImmutable());
    }

    /// <summary>Everything that a value is, down to the values within it: equal for the same value in two models.</summary>
    public static string ContentOf(ModelSchema schema, int place)
    {
        var text = new StringBuilder();
        Describe(schema, place, text, []);
        return text.ToString();
    }

    private static void Describe(ModelSchema schema, int place, StringBuilder text, List<int> within)
    {
        if (within.IndexOf(place) is >= 0 and var level)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"^{level}");
            return;
        }

        within.Add(place);
        var value = schema.Values[place];
        _ = text.Append(value.Name).Append('{');
        foreach (var field in value.Fields)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{field.Number} {field.Name} ");
            Describe(schema, Parse(field.Type), text, within);
            _ = text.Append(';');
        }

        _ = text.Append('}');
        within.RemoveAt(within.Count - 1);
    }

    private static void Describe(ModelSchema schema, SchemaWord word, StringBuilder text, List<int> within)
    {
        if (word.Value is { } place)
        {
            Describe(schema, place, text, within);
            return;
        }

        _ = text.Append(word.Name).Append('<');
        foreach (var inner in word.Inner)
        {
            Describe(schema, inner, text, within);
            _ = text.Append(',');
        }

        _ = text.Append('>');
    }
}
