using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Netabase.House.Specs;

/// <summary>Each rule looks at one file and returns a line for each breach; none knows where files come from, so that a bad sample can be shown to it.</summary>
internal static partial class TidyRules
{
    public const int FileLinesMax = 400;

    public const int MethodLinesMax = 70;

    // Several rules look at each file.
    private static readonly ConcurrentDictionary<string, SyntaxTree> Trees = new();

    // Put together, so that this file does not break its own rules.
    private static readonly string[] Hosts =
        ["nuget" + ".org", "npmjs" + ".", "crates" + ".io", "pypi" + ".org", "pypi" + "thonhosted", "registry" + ".yarnpkg", "proxy.golang" + ".org", "pkgs.dev.azure" + ".com"];

    private static readonly string[] LaterMarks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:"];

    private static readonly string[] VagueNames = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities"];

    public static IEnumerable<string> FileIsShort(SourceFile file)
    {
        var lines = file.Text.TrimEnd('\n').Split('\n').Length;
        return lines > FileLinesMax ? [$"{file.Path}: {lines} lines, more than {FileLinesMax}"] : [];
    }

    public static IEnumerable<string> MethodsAreShort(SourceFile file)
    {
        var tree = Parse(file.Text);
        return tree.GetRoot().DescendantNodes()
            .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
            .Select(node => tree.GetLineSpan(node.Span))
            .Select(span => (Line: span.StartLinePosition.Line + 1, Length: span.EndLinePosition.Line - span.StartLinePosition.Line + 1))
            .Where(method => method.Length > MethodLinesMax)
            .Select(method => $"{file.Path}:{method.Line}: a method of {method.Length} lines, more than {MethodLinesMax}");
    }

    public static IEnumerable<string> TypesSayWhatTheyAre(SourceFile file) => Parse(file.Text).GetRoot()
        .DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        .Where(type => VagueNames.Any(word => type.Identifier.Text.EndsWith(word, StringComparison.Ordinal)))
        .Select(type => $"{file.Path}: the name {type.Identifier.Text} does not say what the type is");

    public static IEnumerable<string> NothingIsLeftForLater(SourceFile file) => LinesWith(file, LaterMarks, "is left for later")
        .Concat(CSharpOnly(file, text => Identifiers(text, "NotImplementedException").Select(line => $"{file.Path}:{line}: NotImplementedException")));

    /// <summary>To wait without end until cancelled is no sleep.</summary>
    public static IEnumerable<string> SpecsDoNotSleep(SourceFile file) => !file.IsSpec ? [] : CSharpOnly(file, text => MemberCalls(text)
        .Where(call => (call.Target, call.Name) is ("Thread", "Sleep") or ("Task", "Delay"))
        .Where(call => !call.FirstArgument.StartsWith("Timeout.Infinite", StringComparison.Ordinal))
        .Select(call => $"{file.Path}:{call.Line}: {call.Target}.{call.Name}; wait for the event itself, with a deadline"));

    public static IEnumerable<string> NoMachinePaths(SourceFile file) => file.Lines
        .Select((line, index) => (Line: line, Number: index + 1))
        .Where(line => MachinePath().IsMatch(line.Line))
        .Select(line => $"{file.Path}:{line.Number}: a path of one machine: {line.Line.Trim()}");

    public static IEnumerable<string> NoRegistryHosts(SourceFile file) => LinesWith(file, Hosts, "names a package registry's host");

    /// <summary>Files in which an actor is asked; the rule over all of them is that there are at most two.</summary>
    public static bool Asks(SourceFile file) => file.IsShipped && file.Path.EndsWith(".cs", StringComparison.Ordinal)
        && MemberCalls(file.Text).Any(call => call.Name == "Ask");

    /// <summary>Nobody waits for a task that is thrown away, and nobody hears of its failure. <c>TaskScope</c> counts what it starts: others start there.</summary>
    public static IEnumerable<string> NoTaskIsForgotten(SourceFile file) => !file.IsShipped || file.Path.EndsWith("/TaskScope.cs", StringComparison.Ordinal) ? [] : CSharpOnly(file, text =>
    {
        var tree = Parse(text);
        return tree.GetRoot().DescendantNodes().OfType<AssignmentExpressionSyntax>()
            .Where(assignment => assignment is { Left: IdentifierNameSyntax { Identifier.Text: "_" }, Right: InvocationExpressionSyntax call }
                && (Name(call).EndsWith("Async", StringComparison.Ordinal) || call.Expression.ToString() == "Task.Run"))
            .Select(assignment => $"{file.Path}:{tree.GetLineSpan(assignment.Span).StartLinePosition.Line + 1}: a task is thrown away: {assignment}");
    });

    /// <summary>Every <c>key = value</c> of a reference file has a comment right above it that ends as a sentence does.</summary>
    public static IEnumerable<string> KeysHaveSentences(SourceFile file)
    {
        var comment = string.Empty;
        var number = 0;
        foreach (var raw in file.Lines)
        {
            number++;
            var line = raw.Trim();
            if (line.StartsWith('#'))
            {
                comment = line.TrimStart('#').Trim();
                continue;
            }

            if (HoconKey().Match(line) is { Success: true } key && !(comment.Length > 20 && comment.EndsWith('.')))
            {
                yield return $"{file.Path}:{number}: {key.Groups[1].Value} has no sentence above it";
            }

            comment = string.Empty;
        }
    }

    public static IEnumerable<string> ProjectsAreInTheSolution(SourceFile solution, IEnumerable<string> projects) => projects
        .Where(project => !solution.Text.Contains($"\"{project.Replace('/', '\\')}\"", StringComparison.Ordinal))
        .Select(project => $"{project} is not in the solution");

    private static SyntaxTree Parse(string text) => Trees.GetOrAdd(text, static text => CSharpSyntaxTree.ParseText(text));

    private static IEnumerable<string> CSharpOnly(SourceFile file, Func<string, IEnumerable<string>> look) =>
        file.Path.EndsWith(".cs", StringComparison.Ordinal) ? look(file.Text) : [];

    private static IEnumerable<string> LinesWith(SourceFile file, string[] words, string what) => file.Lines
        .Select((line, index) => (Line: line, Number: index + 1))
        .Where(line => words.Any(word => line.Line.Contains(word, StringComparison.Ordinal)))
        .Select(line => $"{file.Path}:{line.Number}: {what}: {line.Line.Trim()}");

    private static IEnumerable<int> Identifiers(string text, string name)
    {
        var tree = Parse(text);
        return tree.GetRoot().DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(identifier => identifier.Identifier.Text == name)
            .Select(identifier => tree.GetLineSpan(identifier.Span).StartLinePosition.Line + 1);
    }

    private static IEnumerable<(string Target, string Name, string FirstArgument, int Line)> MemberCalls(string text)
    {
        var tree = Parse(text);
        return tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(call => call.Expression is MemberAccessExpressionSyntax)
            .Select(call => (
                ((MemberAccessExpressionSyntax)call.Expression).Expression.ToString(),
                Name(call),
                call.ArgumentList.Arguments.FirstOrDefault()?.ToString() ?? string.Empty,
                tree.GetLineSpan(call.Span).StartLinePosition.Line + 1));
    }

    private static string Name(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.Text,
        SimpleNameSyntax name => name.Identifier.Text,
        _ => string.Empty,
    };

    [GeneratedRegex("""(?<![\w.:/~-])/(?:wor[k]|roo[t]|tm[p]|hom[e]/\w+|User[s]/\w+)/|[A-Z]:\\User[s]\\""")]
    private static partial Regex MachinePath();

    [GeneratedRegex("""^([A-Za-z0-9_."-]+)\s*=""")]
    private static partial Regex HoconKey();
}
