namespace Netabase.Processes.Specs;

/// <summary>Fifteen nodes that were each told of one.</summary>
public sealed class FifteenNodesSpecs : ProcessSpec
{
    private const int Count = 15;

    [Fact]
    public async Task Fifteen_processes_form_a_network_in_which_what_is_put_on_any_is_got_on_any()
    {
        var nodes = await NetAsync(Count);
        foreach (var node in nodes)
        {
            await node.KnowsAsync(Count - 1);
            Assert.Equal(nodes.Select(other => other.Peer).Except([node.Peer]).Order(), (await node.RoutesAsync()).Order());
        }

        await EachAsync(async place => Assert.Equal("replicated", (await nodes[place].PutAsync($"k{place}", $"from {place}")).Outcome));
        await EachAsync(async place =>
        {
            var from = (place + 7) % Count;
            Assert.Equal($"from {from}", await nodes[place].GetAsync($"k{from}"));
        });
    }

    /// <summary>A few at a time: all nodes share a machine.</summary>
    private static async Task EachAsync(Func<int, Task> act)
    {
        foreach (var few in Enumerable.Range(0, Count).Chunk(4))
        {
            await Task.WhenAll(few.Select(act));
        }
    }
}
