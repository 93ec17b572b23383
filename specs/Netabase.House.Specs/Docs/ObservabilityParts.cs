using System.Globalization;
using System.Text;

namespace Netabase.House.Specs.Docs;

/// <summary>The lists of <c>docs/observability.md</c>, written from the code.</summary>
internal static class ObservabilityParts
{
    public static string Metrics(IEnumerable<SourceFile> files)
    {
        var text = new StringBuilder("| meter | instrument | kind | unit | |\n|---|---|---|---|---|\n");
        foreach (var instrument in Telemetry.Instruments(files))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{instrument.Meter}` | `{instrument.Name}` | {instrument.Kind} | `{instrument.Unit}` | {Cell(instrument.Description)} |\n");
        }

        return text.ToString();
    }

    public static string Spans(IEnumerable<SourceFile> files)
    {
        var text = new StringBuilder("| source | span |\n|---|---|\n");
        foreach (var (source, name) in Telemetry.Spans(files))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{source}` | `{name}` |\n");
        }

        return text.ToString();
    }

    public static string Messages(IEnumerable<SourceFile> files)
    {
        var text = new StringBuilder("| from | id | level | message |\n|---|---|---|---|\n");
        foreach (var message in Telemetry.Messages(files))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {message.Source} | {message.Id} | {message.Level} | {Cell(message.Text)} |\n");
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
