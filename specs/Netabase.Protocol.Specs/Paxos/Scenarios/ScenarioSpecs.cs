namespace Netabase.Protocol.Specs.Paxos.Scenarios;

/// <summary>Every play in specs/scenarios/paxos, performed with the real cores.</summary>
public sealed class ScenarioSpecs
{
    public static TheoryData<string> Plays => [.. Directory.EnumerateFiles(Folder, "*.txt").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "scenarios", "paxos");

    [Theory]
    [MemberData(nameof(Plays))]
    public void A_play_goes_as_it_is_written(string play) => PlayScript.Perform(Path.Combine(Folder, play));
}
