using System.Text.RegularExpressions;

namespace Netabase.House.Specs.Docs;

/// <summary>What users read is true: pages that are written from the sources are what the sources say, and every link leads somewhere.</summary>
public sealed partial class DocsSpecs
{
    private static readonly IReadOnlyList<SourceFile> Shipped =
        [.. Repository.CSharp.Where(file => file.IsShipped && !file.Path.Contains(".Specs/", StringComparison.Ordinal))];

    [Fact]
    public void The_configuration_page_has_every_key_of_the_references() => Page.Hold(
        "docs/configuration.md", ConfigurationPage.Write([Text("HOCON/reference.conf"), Text("HOCON/rocksdb.conf")]));

    [Fact]
    public void Every_metric_is_on_the_observability_page() =>
        Page.HoldPart("docs/observability.md", "metrics", ObservabilityParts.Metrics(Shipped));

    [Fact]
    public void Every_span_is_on_the_observability_page() =>
        Page.HoldPart("docs/observability.md", "spans", ObservabilityParts.Spans(Shipped));

    [Fact]
    public void Every_log_message_with_a_number_is_on_the_observability_page() =>
        Page.HoldPart("docs/observability.md", "messages", ObservabilityParts.Messages(Shipped));

    [Fact]
    public void A_key_is_read_with_its_section_its_default_its_unit_and_its_sentence()
    {
        const string Reference = """
            # The head.
            a {
              # How long.
              wait = 5s

              # About b.
              b {
                # The most bytes
                # of one.
                value-max = 12
              }
            }
            """;
        var sections = ReferenceFile.Read(Reference);
        Assert.Equal([("a", string.Empty), ("a.b", "About b.")], sections.Select(section => (section.Section, section.About)));
        Assert.Equal(new ReferenceKey("a", "wait", "5s", "How long."), sections[0].Keys.Single());
        Assert.Equal("time", sections[0].Keys.Single().Unit);
        Assert.Equal(("The most bytes of one.", "bytes"), (sections[1].Keys.Single().Sentence, sections[1].Keys.Single().Unit));
    }

    [Fact]
    public void An_instrument_a_span_and_a_message_are_read_from_code()
    {
        SourceFile[] code =
        [
            new("Netabase.X/A.cs", """
                class A
                {
                    object Count = Meter.CreateCounter<long>("a.b", "By", "Bytes " + "read.");
                    void M() => Source.StartActivity("walk");
                    [LoggerMessage(7, LogLevel.Warning, "It {Broke}")] void Broke();
                }
                """),
        ];
        Assert.Equal(new Instrument("Netabase", "a.b", "counter", "By", "Bytes read."), Telemetry.Instruments(code).Single());
        Assert.Equal(("Netabase", "walk"), Telemetry.Spans(code).Single());
        Assert.Equal(new LogMessage("A", 7, "Warning", "It {Broke}"), Telemetry.Messages(code).Single());
    }

    /// <summary>A heading of the troubleshooting page quotes a message; "..." stands for what differs from case to case.</summary>
    [Fact]
    public void Every_error_of_the_troubleshooting_page_is_one_that_the_code_says()
    {
        var code = string.Join('\n', Shipped.Where(file => !file.Path.Contains("/obj/", StringComparison.Ordinal)).Select(file => file.Text));
        var quoted = Text("docs/troubleshooting.md").Split('\n').Select(line => Quoted().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.True(quoted.Count >= 20, $"only {quoted.Count} errors are quoted");
        var unknown = quoted.SelectMany(text => text.Split("...", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(part => part.Length > 2 && !code.Contains(part, StringComparison.Ordinal)).ToList();
        Assert.True(unknown.Count == 0, $"The code says none of: {string.Join(" | ", unknown)}");
    }

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        var pages = Repository.TextFiles.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal) && (file.Path == "README.md" || file.Path.StartsWith("docs/", StringComparison.Ordinal)));
        var broken =
            from page in pages
            from Match link in Link().Matches(page.Text)
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            let full = Path.Combine(Repository.Root, Path.GetDirectoryName(page.Path)!, target)
            where !File.Exists(full) && !Directory.Exists(full)
            select $"{page.Path}: {target}";
        Assert.Empty(broken);
    }

    private static string Text(string path) => Repository.TextFiles.Single(file => file.Path == path).Text;

    [GeneratedRegex("^### `(.+)`$")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
