using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos;

public sealed class SessionOutcomesSpecs
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_remembers_what_a_sorted_dictionary_would_in_whatever_order_things_come_and_go(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<ulong, Slot>();
        var outcomes = new SessionOutcomes();
        var next = 1UL;
        for (var step = 0UL; step < 20_000; step++)
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    // Nearly in order: mostly the next one, at times one that was overtaken.
                    next += (ulong)random.Next(1, 3);
                    Add(next - (random.Next(4) == 0 ? (ulong)random.Next(1, 9) : 0));
                    break;
                case 2:
                    Add((ulong)random.Next((int)next + 9));
                    break;
                case 3 when model.Count > random.Next(40):
                    Assert.Equal(model.First().Key, outcomes.Lowest);
                    model.Remove(outcomes.Lowest);
                    outcomes.RemoveLowest();
                    break;
                default:
                    var looked = (ulong)random.Next((int)next + 9);
                    Assert.Equal(model.TryGetValue(looked, out var expected), outcomes.TryGet(looked, out var slot, out _));
                    Assert.Equal(expected, slot);
                    break;
            }

            Assert.Equal(model.Count, outcomes.Count);

            void Add(ulong sequence) => Assert.Equal(model.TryAdd(sequence, new Slot(step)), outcomes.TryAdd(sequence, new Slot(step), Payload.Empty));
        }

        Assert.Equal(model.Select(each => (each.Key, each.Value)), outcomes.InOrder.ToArray().Select(each => (each.Sequence, each.Slot)));
    }
}
