namespace Netabase.Linearizability.Specs;

public sealed class CheckProgramSpecs
{
    private const string Invoke = """{"process":1,"type":"invoke","f":"write","key":"k","value":1}""";

    [Fact]
    public void It_ends_with_0_when_the_history_is_linearizable()
    {
        var (exit, output, _) = Run($"{Invoke}\n\n" + """
            {"process":1,"type":"ok","f":"write","key":"k","value":1,"time":12}
            {"process":2,"type":"invoke","f":"read","key":"k","value":null}
            {"process":2,"type":"ok","f":"read","key":"k","value":1.0}
            """);
        Assert.Equal((CheckProgram.IsLinearizable, "linearizable: 2 operations on 1 keys\n"), (exit, output.ReplaceLineEndings("\n")));
    }

    [Fact]
    public void It_ends_with_1_and_prints_the_shortest_part_which_offends_again()
    {
        var (exit, output, _) = Run("""
            {"process":1,"type":"invoke","f":"write","key":"k","value":"a"}
            {"process":1,"type":"ok","f":"write","key":"k","value":"a"}
            {"process":4,"type":"invoke","f":"read","key":"other"}
            {"process":4,"type":"ok","f":"read","key":"other","value":null}
            {"process":4,"type":"invoke","f":"read","key":"k"}
            {"process":4,"type":"ok","f":"read","key":"k","value":"a"}
            {"process":2,"type":"invoke","f":"cas","key":"k","value":["a","b"]}
            {"process":3,"type":"invoke","f":"read","key":"k"}
            {"process":2,"type":"ok","f":"cas"}
            {"process":3,"type":"ok","f":"read","key":"k","value":"b"}
            {"process":3,"type":"invoke","f":"read","key":"k"}
            {"process":3,"type":"ok","f":"read","key":"k","value":"a"}
            {"process":3,"type":"invoke","f":"read","key":"k"}
            """);
        Assert.Equal(CheckProgram.IsNot, exit);
        Assert.Contains("key \"k\": the Read by process 3", output, StringComparison.Ordinal);
        var part = string.Join('\n', output.ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith('{')));
        Assert.DoesNotContain("other", part, StringComparison.Ordinal);
        Assert.Equal(CheckProgram.IsNot, Run(part).Exit);
    }

    [Theory]
    [InlineData("nonsense", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"type":"invoke","f":"read","key":"k"}""", "process")]
    [InlineData("""{"process":1,"type":"call","f":"read","key":"k"}""", "type")]
    [InlineData("""{"process":2,"type":"invoke","f":"append","key":"k","value":1}""", "append")]
    [InlineData("""{"process":2,"type":"invoke","f":"write","key":"k"}""", "value")]
    [InlineData("""{"process":2,"type":"invoke","f":"cas","key":"k","value":1}""", "[expected, new]")]
    [InlineData("""{"process":2,"type":"ok","f":"write","key":"k","value":1}""", "nothing")]
    [InlineData("""{"process":1,"type":"invoke","f":"read","key":"k"}""", "before its last operation returned")]
    [InlineData("""{"process":1,"type":"ok","f":"read","key":"k","value":1}""", "invoked a Write")]
    [InlineData("""{"process":1,"type":"ok","f":"write","key":"l","value":1}""", "key")]
    [InlineData("""{"process":1,"type":"ok","f":"write","key":"k","value":2}""", "another value")]
    public void It_ends_with_2_and_names_the_line_that_is_malformed(string line, string what)
    {
        var (exit, _, errors) = Run($"{Invoke}\n{line}\n");
        Assert.Equal(CheckProgram.IsMalformed, exit);
        Assert.StartsWith("line 2: ", errors, StringComparison.Ordinal);
        Assert.Contains(what, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void It_ends_with_2_when_it_is_not_asked_properly()
    {
        Assert.Equal(CheckProgram.IsMalformed, Run(string.Empty, "--what").Exit);
        Assert.Equal(CheckProgram.IsMalformed, Run(string.Empty, "there is no such file").Exit);
        Assert.Equal(CheckProgram.IsMalformed, Run(string.Empty, "--seconds", "none").Exit);
    }

    [Fact]
    public void It_ends_with_3_when_the_time_is_up()
    {
        using var text = new StringWriter();
        var history = RandomHistories.Linearizable(new SplitMix64(1), new Shape(20_000, 10, 1, 0, 0.1));
        HistoryWriter.Write(text, history, history.Operations);
        var (exit, output, _) = Run(text.ToString(), "--seconds", "0.000001");
        Assert.Equal(CheckProgram.GaveUp, exit);
        Assert.StartsWith("gave up: ", output, StringComparison.Ordinal);
    }

    private static (int Exit, string Output, string Errors) Run(string history, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = CheckProgram.Run(arguments, new StringReader(history), output, errors);
        return (exit, output.ToString(), errors.ToString());
    }
}
