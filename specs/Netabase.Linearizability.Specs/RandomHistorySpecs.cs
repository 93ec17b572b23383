using System.Diagnostics;
using Xunit.Abstractions;

namespace Netabase.Linearizability.Specs;

public sealed class RandomHistorySpecs(ITestOutputHelper output)
{
    private static bool IsLong => Environment.GetEnvironmentVariable("NETABASE_LONG") == "1";

    [Fact]
    public void It_agrees_with_the_definition_on_short_histories_of_all_kinds()
    {
        var chance = SplitMix64.Seeded(output, 1);
        var good = 0;
        var histories = IsLong ? 3_000_000 : 60_000;
        for (var i = 0; i < histories; i++)
        {
            var history = RandomHistories.Any(chance, 1 + chance.Below(8), 1 + chance.Below(3));
            var expected = NaiveCheck.IsLinearizable(history);
            good += expected ? 1 : 0;
            var verdict = LinearizabilityCheck.Judge(history, CheckBudget.Usual);
            Assert.True(verdict is Verdict.Linearizable == expected, $"history {i}, which is {(expected ? "good" : "bad")}:\n{Text(history)}");
        }

        output.WriteLine($"{good} of {histories} linearizable");
        Assert.InRange(good, histories / 10, histories * 9 / 10);
    }

    [Fact]
    public void A_part_that_offends_is_wrong_by_the_definition_and_needs_each_of_its_operations()
    {
        var chance = SplitMix64.Seeded(output, 2);
        var bad = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var history = RandomHistories.Any(chance, 1 + chance.Below(8), 1 + chance.Below(3));
            if (LinearizabilityCheck.Judge(history, CheckBudget.Usual) is not Verdict.NotLinearizable(var offence))
            {
                continue;
            }

            bad++;
            using var text = new StringWriter();
            HistoryWriter.Write(text, history, offence.Part, offence.Impossible.Returned);
            var part = HistoryReader.Read(new StringReader(text.ToString()));
            Assert.False(NaiveCheck.IsLinearizable(part), $"history {i}, part:\n{text}");
            Assert.All(offence.Part, needed => Assert.True(
                LinearizabilityCheck.Judge(Without(history, offence, needed), CheckBudget.Usual) is Verdict.Linearizable
                || offence.Part.Any(seer => seer != needed && needed.Kind != OperationKind.Read && Sees(seer, needed.Value)),
                $"history {i} does not need {needed}, part:\n{text}"));
        }

        Assert.True(bad > 1000);
    }

    [Theory]
    [InlineData(0, 0.0)]
    [InlineData(0, 0.2)]
    [InlineData(4, 0.0)]
    [InlineData(4, 0.05)]
    [InlineData(50, 0.3)]
    public void Histories_of_registers_that_were_really_there_are_linearizable(int values, double unknown)
    {
        var chance = SplitMix64.Seeded(output, 3);
        for (var i = 0; i < (IsLong ? 1000 : values == 50 ? 4 : 20); i++)
        {
            var history = RandomHistories.Linearizable(chance, new Shape(1000, 2 + chance.Below(12), 1 + chance.Below(4), values, unknown));
            Assert.IsType<Verdict.Linearizable>(LinearizabilityCheck.Judge(history, CheckBudget.Usual));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void And_are_not_once_a_read_sees_what_was_overwritten_before_it_began(double unknown)
    {
        var chance = SplitMix64.Seeded(output, 4);
        for (var i = 0; i < (IsLong ? 1000 : 40); i++)
        {
            var history = RandomHistories.Linearizable(chance, new Shape(400, 2 + chance.Below(8), 1, 0, unknown));
            var done = history.Operations.Where(operation => operation.Fate == Fate.Done).ToList();
            var reads = done.Where(operation => operation.Kind == OperationKind.Read && operation.Invoked > 400).ToList();
            var read = reads[chance.Below(reads.Count)];
            var over = done.Where(operation => operation.Kind == OperationKind.Write && operation.Returned < read.Invoked).ToList();
            var last = over[chance.Below(over.Count)];
            var stale = over.Where(operation => operation.Returned < last.Invoked).ToList();
            if (stale.Count == 0)
            {
                continue;
            }

            read.Value = stale[chance.Below(stale.Count)].Value;
            var offence = Assert.IsType<Verdict.NotLinearizable>(LinearizabilityCheck.Judge(history, CheckBudget.Usual)).Offence;
            Assert.InRange(offence.Part.Length, 1, 12);
        }
    }

    [Fact]
    public void Ten_thousand_operations_on_ten_keys_by_ten_processes_take_no_two_seconds()
    {
        var chance = SplitMix64.Seeded(output, 5);
        var history = RandomHistories.Linearizable(chance, new Shape(10_000, 10, 10, 0, 0.01));
        var watch = Stopwatch.StartNew();
        Assert.IsType<Verdict.Linearizable>(LinearizabilityCheck.Judge(history, CheckBudget.Usual with { Time = TimeSpan.FromSeconds(2) }));
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds} ms");
    }

    [Fact]
    public void Thousands_of_unknown_writes_and_64_processes_on_one_key_do_not_explode()
    {
        var chance = SplitMix64.Seeded(output, 6);
        foreach (var shape in new[] { new Shape(10_000, 10, 1, 0, 0.5), new Shape(5_000, 24, 1, 0, 0.05), new Shape(5_000, 64, 1, 0, 0.05), new Shape(500, 10, 1, 5, 0.5) })
        {
            var history = RandomHistories.Linearizable(chance, shape);
            var watch = Stopwatch.StartNew();
            var verdict = LinearizabilityCheck.Judge(history, CheckBudget.Usual with { Time = TimeSpan.FromSeconds(30) });
            Assert.IsType<Verdict.Linearizable>(verdict);
            output.WriteLine($"{shape}: {watch.Elapsed.TotalMilliseconds} ms");
        }
    }

    [Fact]
    public void What_is_over_its_budget_is_given_up_and_not_guessed()
    {
        var history = RandomHistories.Linearizable(new SplitMix64(7), new Shape(20_000, 10, 1, 0, 0.1));
        Assert.IsType<Verdict.GaveUp>(LinearizabilityCheck.Judge(history, new CheckBudget(TimeSpan.FromTicks(1), 1_000_000)));
        Assert.IsType<Verdict.GaveUp>(LinearizabilityCheck.Judge(history, new CheckBudget(TimeSpan.FromMinutes(1), 1)));
    }

    private static bool Sees(Operation seer, int value) => seer.Kind switch
    {
        OperationKind.Read => seer.Value == value,
        OperationKind.CompareAndSet => seer.Expected == value,
        _ => false,
    };

    private static History Without(History history, Offence offence, Operation needed)
    {
        using var text = new StringWriter();
        HistoryWriter.Write(text, history, offence.Part.Where(operation => operation != needed), offence.Impossible.Returned);
        return HistoryReader.Read(new StringReader(text.ToString()));
    }

    private static string Text(History history)
    {
        using var text = new StringWriter();
        HistoryWriter.Write(text, history, history.Operations);
        return text.ToString();
    }
}
