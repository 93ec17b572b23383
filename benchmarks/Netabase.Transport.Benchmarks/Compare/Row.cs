using System.Globalization;

namespace Netabase.Transport.Benchmarks.Compare;

/// <summary>One row of the table: a figure from each round, ours and js-libp2p's.</summary>
internal sealed class Row(string name, string format)
{
    private readonly List<double> _ours = [];
    private readonly List<double> _js = [];

    public void Ours(double figure) => _ours.Add(figure);

    public void Js(double figure) => _js.Add(figure);

    /// <summary>Median and range of each side, as a line of a Markdown table.</summary>
    public override string ToString() => $"| {name} | {Text(_ours)} | {Text(_js)} |";

    private string Text(List<double> figures)
    {
        if (figures.Count == 0)
        {
            return "";
        }

        figures.Sort();
        string Figure(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Figure(Samples.Quantile(figures, 0.5))} ({Figure(figures[0])} - {Figure(figures[^1])})";
    }
}

/// <summary>Order statistics.</summary>
internal static class Samples
{
    /// <summary>The value below which that share of the sorted figures lies.</summary>
    public static double Quantile(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];

    /// <summary>The same of figures in any order.</summary>
    public static double Quantile(double[] figures, double share) => Quantile(figures.Order().ToList(), share);
}
