using System.Globalization;
using System.Text;

namespace Netabase.Protocol.Specs.Kademlia.Simulation;

/// <summary>What operations cost in a network of one size: medians.</summary>
internal sealed record CostPoint(int Size, double Hops, double LookupMessages, double GetMessages, double PutMessages, double GetMilliseconds);

/// <summary>The cost of operations against the size of the network, as a picture.</summary>
internal static class CostPlot
{
    private const int Width = 640;
    private const int Height = 400;
    private const int Left = 60;
    private const int Top = 40;
    private const int Right = 150;
    private const int Bottom = 50;

    private static readonly (string Name, string Colour, Func<CostPoint, double> Value)[] Series =
    [
        ("put, requests", "#b3452c", point => point.PutMessages),
        ("lookup of k, requests", "#2c6fb3", point => point.LookupMessages),
        ("get, requests", "#2c8a4b", point => point.GetMessages),
        ("hops x 10", "#7a5195", point => point.Hops * 10),
    ];

    /// <summary>Replaces the picture in the repository that this assembly was built in.</summary>
    public static string Write(IReadOnlyList<CostPoint> points)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Netabase.sln")))
        {
            root = root.Parent;
        }

        var folder = Path.Combine((root ?? new DirectoryInfo(AppContext.BaseDirectory)).FullName, "docs", "img");
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "kademlia-cost.svg");
        File.WriteAllText(path, Draw(points));
        return path;
    }

    public static string Draw(IReadOnlyList<CostPoint> points)
    {
        var top = Math.Ceiling(points.Max(point => Series.Max(series => series.Value(point))) / 20) * 20;
        var svg = new StringBuilder();
        Line(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">""");
        Line(svg, $"""<rect width="{Width}" height="{Height}" fill="white"/>""");
        Line(svg, $"""<text x="{Left}" y="22" font-size="14">Cost of an operation against the size of the network (simulated, medians, k 20, alpha 3, beta 3)</text>""");
        for (var tick = 0.0; tick <= top; tick += top / 5)
        {
            var y = Y(tick, top);
            Line(svg, $"""<line x1="{Left}" y1="{y}" x2="{Width - Right}" y2="{y}" stroke="#ddd"/><text x="{Left - 8}" y="{y + 4}" text-anchor="end">{tick:F0}</text>""");
        }

        foreach (var point in points)
        {
            var x = X(point.Size, points);
            Line(svg, $"""<line x1="{x:F1}" y1="{Top}" x2="{x:F1}" y2="{Height - Bottom}" stroke="#eee"/><text x="{x:F1}" y="{Height - Bottom + 18}" text-anchor="middle">{point.Size}</text>""");
        }

        Line(svg, $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 10}" text-anchor="middle">nodes (logarithmic)</text>""");
        foreach (var (name, colour, value) in Series)
        {
            var corners = points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.Size, points):F1},{Y(value(point), top):F1}"));
            Line(svg, $"""<polyline fill="none" stroke="{colour}" stroke-width="2" points="{string.Join(' ', corners)}"/>""");
            Line(svg, $"""<text x="{Width - Right + 8}" y="{Y(value(points[^1]), top) + 4:F1}" fill="{colour}">{name}</text>""");
        }

        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Line(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static double X(int size, IReadOnlyList<CostPoint> points)
    {
        var (least, most) = (Math.Log(points[0].Size), Math.Log(points[^1].Size));
        return Left + ((Width - Left - Right) * (most > least ? (Math.Log(size) - least) / (most - least) : 0));
    }

    private static double Y(double value, double top) => Math.Round(Height - Bottom - ((Height - Top - Bottom) * value / top), 1);
}
