namespace Netabase.Interop.Official;

/// <summary>The official interop suite of libp2p (<c>@libp2p/interop</c>), driven as its authors drive go-libp2p.</summary>
public sealed class OfficialSuiteSpecs(OfficialSuite suite) : IClassFixture<OfficialSuite>
{
    [SkippableTheory]
    [MemberData(nameof(SuiteCases.MustPass), MemberType = typeof(SuiteCases))]
    public async Task Our_daemon_passes(string name)
    {
        var results = await suite.Results;
        Assert.True(results.TryGetValue(name, out var result), $"The suite has no case named `{name}`.");
        Assert.True(result.State == "passed", $"{result.State}: {result.Detail}");
    }

    [SkippableTheory]
    [MemberData(nameof(SuiteCases.NotYet), MemberType = typeof(SuiteCases))]
    public async Task Not_run_yet(string name, string reason)
    {
        var results = await suite.Results;
        Assert.True(results.TryGetValue(name, out var result), $"The suite has no case named `{name}`.");
        Assert.Equal("not run", result.State);
        Assert.Equal(reason, result.Detail);
        Skip.If(true, reason);
    }

    [SkippableFact]
    public async Task No_case_of_the_suite_is_left_out_in_silence()
    {
        var named = ((IEnumerable<object[]>)SuiteCases.MustPass).Concat(SuiteCases.NotYet)
            .Select(row => (string)row[0])
            .ToHashSet(StringComparer.Ordinal);
        var results = await suite.Results;
        var unnamed = results.Values.Where(result => !named.Contains(result.Name) && !IsJsAlone(result.Name));
        Assert.Empty(unnamed);
    }

    private static bool IsJsAlone(string name) => !name.Split(' ').Contains("go", StringComparer.Ordinal);
}
