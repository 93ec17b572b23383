namespace Netabase.Linearizability.Specs;

public sealed class HandWrittenSpecs
{
    [Theory]
    [InlineData("", "nothing happened")]
    [InlineData("1?r 1+r_", "a register is null before the first write")]
    [InlineData("1?w5 2?r 2+r_ 1+w", "a read beside a write may miss it")]
    [InlineData("1?w5 2?r 2+r5 1+w", "or see it")]
    [InlineData("1?w1 2?w2 1+w 2+w 3?r 3+r1", "concurrent writes may go either way")]
    [InlineData("1?w1 2?w2 3?r 3+r2 3?r 3+r1 2+w 1+w", "a write may take effect at its very end")]
    [InlineData("1?w1 2?w2 2+w 1+w 3?r 3+r1", "the write that returned last may be the last")]
    [InlineData("1?w1 1+w 1?c1,2 1+c 1?r 1+r2", "a compare-and-set does")]
    [InlineData("1?w1 1+w 1?c3,2 1-c 1?r 1+r1", "one that failed does not")]
    [InlineData("1?w1 1~w 2?r 2+r_ 2?r 2+r1", "what is unknown may happen later")]
    [InlineData("1?w1 1~w 2?r 2+r_ 2?r 2+r_", "or never")]
    [InlineData("1?w1 1~w 2?w2 2+w 2?r 2+r1 2?w3 2+w 2?r 2+r3", "an unknown write may come after a later one")]
    [InlineData("1?c_,1 1~c 2?r 2+r_ 3?c1,2 3~c 2?r 2+r2", "unknown compare-and-sets may follow each other unseen")]
    [InlineData("1?w1 2?r 2+r1", "what is under way at the end is as good as unknown")]
    [InlineData("1?w_ 1+w 2?r 2+r_", "null can be written")]
    [InlineData("1?r 1~r 1?r 1-r 1?w1 1+w", "a read that told nothing says nothing")]
    [InlineData("1?w1 2?c1,2 3?c2,3 4?r 4+r3 3+c 2+c 1+w", "a chain within one read")]
    public void What_some_order_explains_is_linearizable(string history, string why) =>
        Assert.True(Judge(history) is Verdict.Linearizable, why);

    [Theory]
    [InlineData("1?r 1+r5", 1, "nobody wrote it")]
    [InlineData("1?w5 1+w 2?r 2+r_", 2, "a write that returned is seen")]
    [InlineData("1?w1 1+w 1?w2 1+w 2?r 2+r1", 2, "an overwritten value does not come back")]
    [InlineData("1?w1 2?r 2+r1 2?r 2+r_ 1+w", 3, "what was seen is not unseen again")]
    [InlineData("1?w1 2?r 2+r1 3?r 3+r_ 1+w", 3, "by another process neither")]
    [InlineData("1?w1 1+w 2?c1,2 3?c1,3 2+c 3+c", 3, "of two compare-and-sets from one value only one can be done")]
    [InlineData("1?c_,1 1+c 2?c_,2 2+c", 2, "nor one after the other")]
    [InlineData("1?w1 1-w 2?r 2+r1", 2, "what did not happen is not seen")]
    [InlineData("1?w1 1~w 2?r 2+r1 2?w2 2+w 2?r 2+r1", 4, "an unknown write takes effect once")]
    [InlineData("2?r 2+r1 1?w1 1~w", 1, "and not before it is asked for")]
    [InlineData("1?w1 2?w2 1+w 2+w 3?r 3+r1 3?r 3+r2", 4, "concurrent writes go one way, and not both")]
    [InlineData("1?c1,2 1~c 2?r 2+r2", 2, "an unknown compare-and-set needs its value, too")]
    public void What_no_order_explains_is_not_and_the_part_that_shows_it_is_the_shortest(string history, int needed, string why)
    {
        var offence = Assert.IsType<Verdict.NotLinearizable>(Judge(history)).Offence;
        Assert.True(offence.Part.Count(operation => operation.Fate != Fate.NotDone) <= needed, why);
    }

    [Fact]
    public void The_report_names_what_the_register_could_hold()
    {
        var history = ShortForm.Read("1?w1 1+w 2?w2 3?r 3+r3 2+w");
        var offence = Assert.IsType<Verdict.NotLinearizable>(LinearizabilityCheck.Judge(history, CheckBudget.Usual)).Offence;
        Assert.Equal(["1"], offence.States.Select(history.ValueText));
        Assert.Equal(3, offence.Impossible.Process);
    }

    private static Verdict Judge(string history) => LinearizabilityCheck.Judge(ShortForm.Read(history), CheckBudget.Usual);
}
