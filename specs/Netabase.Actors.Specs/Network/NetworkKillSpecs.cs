namespace Netabase.Actors.Specs.Network;

/// <summary>Each actor of a node is killed in the middle of traffic: nothing acknowledged is lost, everybody is answered, traffic goes on.</summary>
public sealed class NetworkKillSpecs : NetSpec
{
    [Theory]
    [InlineData("kademlia")]
    [InlineData("swarm")]
    [InlineData("swarm/bridge")]
    [InlineData("events")]
    [InlineData("stores")]
    [InlineData("stores/notes.1")]
    public async Task A_role_killed_in_the_middle_of_traffic_costs_no_acknowledged_put(string role)
    {
        var (one, other) = await PairAsync(Hasty);
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var replicated = new List<int>();
            for (var i = 0; !enough.IsCancellationRequested || i < 20; i++)
            {
                var id = (i * 4) + writer;
                if (await one.Node.PutRecordAsync(Note(id)) is PutResult.Replicated)
                {
                    replicated.Add(id);
                }
            }

            return replicated;
        })).ToArray();

        for (var kill = 0; kill < 2; kill++)
        {
            await KillAsync(kill == 0 ? one : other, role);
            var id = -1 - kill;
            await AwaitAssertAsync(
                async () => Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(id))), Patience, TimeSpan.FromMilliseconds(20));
        }

        await enough.CancelAsync();
        var acknowledged = (await Task.WhenAll(writers).WaitAsync(Patience)).SelectMany(ids => ids).ToHashSet();
        Assert.NotEmpty(acknowledged);
        var held = (await other.Node.Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id).ToHashSet();
        Assert.Empty(acknowledged.Except(held));
    }

    [Fact]
    public async Task A_get_under_way_when_the_dht_is_killed_is_answered_by_the_next()
    {
        var (one, other) = await PairAsync();
        await other.Node.PutRecordLocallyAsync(Note(1));
        await other.Node.PutRecordAsync(Note(2));
        await one.Node.Records<Notes.Note>().RemoveManyAsync([Key(2)]);
        World.SetFaults(new Transport.Loopback.LinkFaults { Delay = TimeSpan.FromMilliseconds(200) });
        var get = one.Node.GetRecordAsync(Key(2)).AsTask();
        await KillAsync(one, "kademlia");
        Assert.IsType<GetResult<Notes.Note>.Found>(await get.WaitAsync(Patience));
    }
}
