namespace Netabase.Actors.Specs.Network;

/// <summary>The main job: put on one node, get on another.</summary>
public sealed class PutGetSpecs : NetSpec
{
    [Fact]
    public async Task What_is_put_on_one_node_is_got_on_another()
    {
        var (one, other) = await PairAsync();
        var put = Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Note(1, text: "hello")));
        Assert.Equal(1, put.Replicas);
        Assert.Equal(one.Id, put.Metadata.Publisher);

        var third = await JoinAsync("", one);
        await KnowAsync(2, third);
        var got = Assert.IsType<GetResult<Notes.Note>.Found>(await third.Node.GetRecordAsync(Key(1)));
        Assert.Equal("hello", got.Record.Text);
        Assert.Equal(RecordSource.Network, got.Source);
        Assert.Equal(one.Id, got.Metadata.Publisher);
        Assert.Equal(RecordSource.Local, Assert.IsType<GetResult<Notes.Note>.Found>(await other.Node.GetRecordAsync(Key(1))).Source);
    }

    [Fact]
    public async Task What_is_put_on_one_node_is_got_on_another_over_tcp()
    {
        const string Tcp = "netabase.network.listen = [\"/ip4/127.0.0.1/tcp/0\"]";
        var one = await CreateAsync(Tcp, isReal: true);
        var other = await CreateAsync(Tcp, isReal: true);
        await one.Node.StartSwarmAsync();
        await other.Node.StartSwarmAsync();
        await other.Node.AddAddressAsync(one.Id, (await one.Node.GetListenAddressesAsync())[0]);
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(1, text: "over tcp")));
        Assert.Equal("over tcp", (await one.Node.Records<Notes.Note>().GetAsync(Key(1)))!.Text);

        await one.Node.PutRecordToAsync(Note(2, text: "back"), [other.Id]);
        await other.Node.Records<Notes.Note>().RemoveManyAsync([Key(2)]);
        Assert.Equal(RecordSource.Network, Assert.IsType<GetResult<Notes.Note>.Found>(await other.Node.GetRecordAsync(Key(2))).Source);
    }

    [Fact]
    public async Task A_put_without_peers_is_stored_here_and_says_that_nobody_else_has_it()
    {
        var alone = await JoinAsync();
        var stored = Assert.IsType<PutResult.StoredLocally>(await alone.Node.PutRecordAsync(Note(1)));
        Assert.Equal((0, 1), (stored.Replicas, stored.Quorum));
        Assert.NotNull((await alone.Node.GetRecordAsync(Key(1))).Value);
    }

    [Fact]
    public async Task A_put_while_the_swarm_is_stopped_is_stored_here()
    {
        var node = await CreateAsync();
        Assert.IsType<PutResult.StoredLocally>(await node.Node.PutRecordAsync(Note(1)));
    }

    [Fact]
    public async Task What_nobody_has_is_not_found_and_the_result_says_how_many_were_asked()
    {
        var (one, _) = await PairAsync();
        Assert.Equal(1, Assert.IsType<GetResult<Notes.Note>.NotFound>(await one.Node.GetRecordAsync(Key(7))).PeersAsked);
    }
}
