using Netabase.Transport.Loopback;

namespace Netabase.Actors.Specs.Network;

/// <summary>Networks that break and heal, and peers that are slow.</summary>
public sealed class CutSpecs : NetSpec
{
    [Fact]
    public async Task Both_halves_of_a_cut_network_go_on_and_converge_once_it_heals()
    {
        var (one, other) = await PairAsync(Hasty);
        await AwaitAssertAsync(
            async () => Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(1, text: "before"))), Patience, TimeSpan.FromMilliseconds(20));
        World.Cut(one.Id, other.Id);
        var during = one.Node.PutRecordAsync(Note(2, text: "during")).AsTask();
        Assert.IsType<PutResult.StoredLocally>(await other.Node.PutRecordAsync(Note(3, text: "other half")));
        Assert.IsType<PutResult.StoredLocally>(await during.WaitAsync(Patience));
        Assert.Equal("before", (await other.Node.GetRecordAsync(Key(1))).Value!.Text);

        World.HealAll();
        await AwaitAssertAsync(
            async () => Assert.Equal("during", (await other.Node.GetRecordAsync(Key(2))).Value?.Text), Patience, TimeSpan.FromMilliseconds(50));
        await AwaitAssertAsync(
            async () => Assert.Equal("other half", (await one.Node.GetRecordAsync(Key(3))).Value?.Text), Patience, TimeSpan.FromMilliseconds(50));
        await AwaitAssertAsync(
            async () => Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(4))), Patience, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_peer_that_answers_slowly_holds_nobody_up_for_ever()
    {
        var nodes = await NetworkAsync(4, "netabase.kademlia { query-timeout = 10s, request-timeout = 2s, peer-timeout = 500ms }");
        foreach (var node in nodes)
        {
            World.SetFaults(nodes[3].Id, node.Id, new LinkFaults { Delay = TimeSpan.FromSeconds(20) });
        }

        // A sound peer of a busy machine may be slow once, too.
        await AwaitAssertAsync(
            async () => Assert.Equal(2, Assert.IsType<PutResult.Replicated>(await nodes[0].Node.PutRecordAsync(Note(1)).AsTask().WaitAsync(Patience)).Replicas),
            Patience,
            TimeSpan.FromMilliseconds(20));
        Assert.NotNull((await nodes[1].Node.GetRecordAsync(Key(1)).AsTask().WaitAsync(Patience)).Value);
        World.SetFaults(LinkFaults.None);
    }

    [Fact]
    public async Task A_query_whose_time_is_over_says_so_with_what_it_found()
    {
        var (one, other) = await PairAsync("netabase.kademlia { query-timeout = 300ms, request-timeout = 300ms, peer-timeout = 5s }");
        World.Cut(one.Id, other.Id);
        var late = await one.Node.GetRecordAsync(Key(1)).AsTask().WaitAsync(Patience);
        Assert.True(late is GetResult<Notes.Note>.TimedOut or GetResult<Notes.Note>.NotFound, $"{late}");
        World.HealAll();
    }

    [Fact]
    public async Task A_stop_lets_the_put_under_way_end()
    {
        var (one, other) = await PairAsync();
        World.SetFaults(new LinkFaults { Delay = TimeSpan.FromMilliseconds(100) });
        var put = one.Node.PutRecordAsync(Note(1)).AsTask();
        await one.Node.StopSwarmAsync().AsTask().WaitAsync(Patience);
        Assert.IsType<PutResult.Replicated>(await put.WaitAsync(Patience));
        Assert.NotNull(await other.Node.Records<Notes.Note>().GetAsync(Key(1)));
    }
}
