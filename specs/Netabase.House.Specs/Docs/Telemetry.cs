using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Netabase.House.Specs.Docs;

/// <summary>An instrument as the code makes it.</summary>
internal sealed record Instrument(string Meter, string Name, string Kind, string Unit, string Description);

/// <summary>A message that the code logs under a number.</summary>
internal sealed record LogMessage(string Source, int Id, string Level, string Text);

/// <summary>What the shipped code measures, traces and logs, read from its syntax: every name stands there as a literal.</summary>
internal static class Telemetry
{
    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["CreateCounter"] = "counter",
        ["CreateUpDownCounter"] = "up-down counter",
        ["CreateHistogram"] = "histogram",
        ["CreateObservableGauge"] = "gauge",
        ["CreateObservableCounter"] = "counter",
        ["CreateObservableUpDownCounter"] = "up-down counter",
        ["CreateGauge"] = "gauge",
    };

    public static IReadOnlyList<Instrument> Instruments(IEnumerable<SourceFile> files) =>
    [
        .. from file in files
           from call in Nodes<InvocationExpressionSyntax>(file, "Meter.Create")
           let method = NameOf(call)
           where Kinds.ContainsKey(method)
           let texts = Texts(call.ArgumentList.Arguments.Select(argument => argument.Expression))
           where texts.Count >= 1
           let name = texts[0]
           orderby name
           select new Instrument(SourceOf(file), name, Kinds[method], texts.ElementAtOrDefault(1) ?? string.Empty, texts.ElementAtOrDefault(2) ?? string.Empty),
    ];

    /// <summary>Names of spans, with the source that makes them.</summary>
    public static IReadOnlyList<(string Source, string Name)> Spans(IEnumerable<SourceFile> files) =>
    [
        .. (from file in files
            from call in Nodes<InvocationExpressionSyntax>(file, "StartActivity")
            where NameOf(call) == "StartActivity"
            from name in Texts(call.ArgumentList.Arguments.Take(1).Select(argument => argument.Expression))
            select (Source: SourceOf(file), Name: name)).Distinct().OrderBy(span => span.Source, StringComparer.Ordinal).ThenBy(span => span.Name, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<LogMessage> Messages(IEnumerable<SourceFile> files) =>
    [
        .. from file in files
           from attribute in Nodes<AttributeSyntax>(file, "LoggerMessage")
           where attribute.Name.ToString() == "LoggerMessage"
           let arguments = attribute.ArgumentList!.Arguments
           let owner = attribute.Ancestors().OfType<BaseTypeDeclarationSyntax>().First().Identifier.Text
           let message = new LogMessage(
               owner,
               int.Parse(arguments[0].Expression.ToString(), System.Globalization.CultureInfo.InvariantCulture),
               arguments[1].Expression.ToString().Split('.')[^1],
               Texts([arguments[2].Expression]).Single())
           orderby message.Source, message.Id
           select message,
    ];

    /// <summary>Most files have nothing of the kind, and need not be parsed.</summary>
    private static IEnumerable<T> Nodes<T>(SourceFile file, string word) => file.Text.Contains(word, StringComparison.Ordinal)
        ? CSharpSyntaxTree.ParseText(file.Text).GetRoot().DescendantNodes().OfType<T>()
        : [];

    private static string NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax { Name: var name } => name.Identifier.Text,
        _ => string.Empty,
    };

    /// <summary>Literals, also those put together of several.</summary>
    private static List<string> Texts(IEnumerable<ExpressionSyntax> expressions) => [.. expressions
        .Select(expression => expression.DescendantNodesAndSelf().OfType<LiteralExpressionSyntax>()
            .Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression)).Select(literal => literal.Token.ValueText).ToList())
        .Where(parts => parts.Count > 0).Select(parts => string.Concat(parts))];

    private static string SourceOf(SourceFile file) => file.Path.StartsWith("Netabase.Transport/", StringComparison.Ordinal) ? "Netabase.Transport" : "Netabase";
}
