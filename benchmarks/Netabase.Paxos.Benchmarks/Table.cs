using System.Globalization;
using System.Text;

namespace Netabase.Paxos.Benchmarks;

/// <summary>The lines of a Markdown table.</summary>
internal sealed class Table
{
    private readonly StringBuilder _lines = new("| measure | Netabase | etcd 3.4.23 | DotNext 6.12 | goal |\n|---|---|---|---|---|\n");

    public void Compared(string measure, double ours, double etcd, double dotnext, string goal) =>
        _lines.Append(CultureInfo.InvariantCulture, $"| {measure} | {Text(ours)} | {Text(etcd)} ({Text(ours / etcd)}x) | {Text(dotnext)} ({Text(ours / dotnext)}x) | {goal} |\n");

    public void Beside(string measure, string figure, string goal) => _lines.Append(CultureInfo.InvariantCulture, $"| {measure} | {figure} | | | {goal} |\n");

    public override string ToString() => _lines.ToString();

    public static string Text(double figure) => figure.ToString(figure >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);
}
