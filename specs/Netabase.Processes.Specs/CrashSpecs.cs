using System.Collections.Concurrent;
using Netabase.Host.Control;

namespace Netabase.Processes.Specs;

/// <summary>A node that is killed, and a network that is cut.</summary>
public sealed class CrashSpecs : ProcessSpec
{
    [Fact]
    public async Task What_was_acknowledged_before_SIGKILL_is_there_after_the_restart_and_found_by_others()
    {
        const int Enough = 12;
        var nodes = await NetAsync(3);
        await Task.WhenAll(nodes.Select(node => node.KnowsAsync(2)));
        var killed = nodes[1];
        var acknowledged = new ConcurrentBag<string>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var number = 0; ; number++)
            {
                var key = $"w{writer}-{number}";
                try
                {
                    await killed.PutAsync(key, $"value of {key}");
                }
                catch (Exception gone) when (gone is ControlException or NoNodeException)
                {
                    return;
                }

                acknowledged.Add(key);
                if (acknowledged.Count >= Enough)
                {
                    enough.TrySetResult();
                }
            }
        }).ToArray();
        await enough.Task.WaitAsync(Run.Patience);
        await killed.Process.KillAsync();
        await Task.WhenAll(writers).WaitAsync(Run.Patience);

        await killed.StartAgainAsync();
        var stored = (await killed.ListAsync("query")).ToDictionary(record => (string)record["key"]!, record => (string)record["text"]!);
        Assert.True(acknowledged.Count >= Enough);
        Assert.All(acknowledged, key => Assert.Equal($"value of {key}", stored.GetValueOrDefault(key)));
        foreach (var few in acknowledged.Order().Take(Enough).Chunk(4))
        {
            await Task.WhenAll(few.Select(async key => Assert.Equal($"value of {key}", await nodes[2].GetAsync(key))));
        }
    }

    [SkippableFact]
    public async Task Two_halves_that_are_cut_apart_in_the_middle_of_a_put_go_on_and_converge_when_they_are_healed()
    {
        using var halves = TwoHalves.TryCreate();
        Skip.If(halves is null, "This needs network namespaces: root, and the ip command.");
        var config = Config("""
            netabase {
              kademlia { request-timeout = 2s, peer-timeout = 500ms, query-timeout = 10s, rejoin-interval = 500ms, bootstrap-interval = 2s, replication-interval = 3s }
              network { bootstrap-retry-min = 200ms, bootstrap-retry-max = 1s, dial-timeout = 3s }
            }
            """);
        var first = Own(await halves.StartAsync(0, Path.Combine(Folder, "a1"), "--config", config));
        var nodes = new List<NodeProcess> { first };
        foreach (var (half, name) in new[] { (0, "a2"), (1, "b1"), (1, "b2") })
        {
            nodes.Add(Own(await halves.StartAsync(half, Path.Combine(Folder, name), "--config", config, "--bootstrap", first.Address)));
        }

        await Task.WhenAll(nodes.Select(node => node.KnowsAsync(3)));
        await nodes[0].DoneAsync("put", "before", "the cut");

        // In the middle: the put is on its way when the cable goes.
        var middle = nodes[0].AskAsync("put", "middle", "of a put");
        halves.Cut();
        Assert.Equal(0, (await middle).ExitCode);
        await Task.WhenAll(nodes[1].DoneAsync("put", "left", "half"), nodes[3].DoneAsync("put", "right", "half"));
        Assert.Equal("half", await nodes[0].GetAsync("left"));
        Assert.Equal("half", await nodes[2].GetAsync("right"));
        Assert.Equal("the cut", await nodes[3].GetAsync("before"));
        Assert.Null(await nodes[2].GetAsync("left"));

        halves.Heal();
        foreach (var (node, key, value) in new[] { (nodes[2], "left", "half"), (nodes[0], "right", "half"), (nodes[3], "middle", "of a put") })
        {
            await EventuallyAsync(node, key, value);
        }
    }

    private static async Task EventuallyAsync(NodeProcess node, string key, string value)
    {
        using var patience = new CancellationTokenSource(Run.Patience);
        string? got;
        while ((got = await node.GetAsync(key)) != value)
        {
            Assert.False(patience.IsCancellationRequested, $"{node.Folder} got {got ?? "nothing"} for {key}");
        }
    }
}
