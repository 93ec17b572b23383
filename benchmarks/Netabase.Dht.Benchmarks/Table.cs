using System.Globalization;
using System.Text;

namespace Netabase.Dht.Benchmarks;

/// <summary>What was measured, as the lines of a Markdown table.</summary>
internal sealed class Table
{
    private readonly List<string> _lines = [];

    /// <summary>A figure that shall be at most so much.</summary>
    public void AtMost(string measure, double figure, double goal, string unit, string beside = "") =>
        Add(measure, figure, $"at most {Text(goal)} {unit}", figure <= goal, unit, beside);

    /// <summary>A figure that shall be at least so much.</summary>
    public void AtLeast(string measure, double figure, double goal, string unit, string beside = "") =>
        Add(measure, figure, $"at least {Text(goal)} {unit}", figure >= goal, unit, beside);

    /// <summary>A figure that says something about another.</summary>
    public void Beside(string measure, double figure, string unit, string beside = "") =>
        _lines.Add($"| {measure} | {Text(figure)} {unit} | {beside} | |");

    public override string ToString()
    {
        var text = new StringBuilder("| measure | Netabase | beside it | goal |\n|---|---|---|---|\n");
        foreach (var line in _lines)
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    public static string Text(double figure) =>
        figure.ToString(Math.Abs(figure) switch { >= 100 => "N0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    private void Add(string measure, double figure, string goal, bool isMet, string unit, string beside)
    {
        _lines.Add($"| {measure} | {Text(figure)} {unit} | {beside} | {goal}{(isMet ? string.Empty : ": missed")} |");
        Console.Error.WriteLine($"  {measure}: {Text(figure)} {unit}");
    }
}

/// <summary>Order statistics.</summary>
internal static class Samples
{
    /// <summary>The value below which that share of the figures lies.</summary>
    public static double Quantile(IReadOnlyCollection<double> figures, double share) =>
        figures.Order().ElementAt((int)Math.Min(figures.Count - 1, share * figures.Count));

    public static double Median(IReadOnlyCollection<double> figures) => Quantile(figures, 0.5);

    /// <summary>Median, least and most.</summary>
    public static string Range(IReadOnlyCollection<double> figures, string unit) =>
        $"{Table.Text(Median(figures))} {unit} ({Table.Text(figures.Min())} to {Table.Text(figures.Max())})";
}
