namespace Netabase.Linearizability.Specs;

public sealed class JepsenHistorySpecs
{
    [Fact]
    public void The_histories_of_etcd_that_Jepsen_recorded_get_the_verdicts_that_Porcupine_expects()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "histories", "jepsen-etcd.txt"));
        Assert.Equal(102, lines.Length);
        foreach (var line in lines)
        {
            var parts = line.Split(' ', 3);
            var verdict = LinearizabilityCheck.Judge(ShortForm.Read(parts[2]), CheckBudget.Usual);
            Assert.True(verdict is not Verdict.GaveUp && verdict is Verdict.Linearizable == (parts[1] == "good"), $"{parts[0]} is {parts[1]} and was {verdict}");
        }
    }
}
