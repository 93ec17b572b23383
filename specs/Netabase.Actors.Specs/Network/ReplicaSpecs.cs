namespace Netabase.Actors.Specs.Network;

/// <summary>Records at several nodes: quorum, newer and older, removal, the two definitions.</summary>
public sealed class ReplicaSpecs : NetSpec
{
    [Fact]
    public async Task Fifteen_nodes_form_a_network_and_what_is_put_on_any_is_got_on_any()
    {
        var nodes = await NetworkAsync(15, "netabase.kademlia.replication = 8");
        var puts = await Task.WhenAll(nodes.Select((node, i) => node.Node.PutRecordAsync(Note(i, text: $"from {i}")).AsTask()));
        Assert.All(puts, put => Assert.Equal(8, Assert.IsType<PutResult.Replicated>(put).Replicas));
        var gets = await Task.WhenAll(nodes.SelectMany((node, i) => Enumerable.Range(0, nodes.Length)
            .Select(async id => (Id: id, Got: (await node.Node.GetRecordAsync(Key(id))).Value?.Text))));
        Assert.All(gets, get => Assert.Equal($"from {get.Id}", get.Got));
    }

    [Fact]
    public async Task A_quorum_that_cannot_be_reached_is_told_with_what_was()
    {
        var (one, _) = await PairAsync("netabase.kademlia.put-quorum = 2");
        var stored = Assert.IsType<PutResult.StoredLocally>(await one.Node.PutRecordAsync(Note(1)));
        Assert.Equal((1, 2), (stored.Replicas, stored.Quorum));
    }

    [Fact]
    public async Task A_put_to_named_peers_is_held_by_those()
    {
        var nodes = await NetworkAsync(4);
        Assert.Equal(1, Assert.IsType<PutResult.Replicated>(await nodes[0].Node.PutRecordToAsync(Note(1), [nodes[2].Id])).Replicas);
        Assert.NotNull(await nodes[2].Node.Records<Notes.Note>().GetAsync(Key(1)));
        Assert.Null(await nodes[1].Node.Records<Notes.Note>().GetAsync(Key(1)));
    }

    [Fact]
    public async Task The_newer_of_two_versions_wins_wherever_it_was_put()
    {
        var nodes = await NetworkAsync(4);
        await nodes[0].Node.PutRecordAsync(Note(1, text: "old"));
        await nodes[1].Node.PutRecordAsync(Note(1, text: "new"));
        Assert.All(nodes, node => Assert.Equal("new", node.Node.GetRecordAsync(Key(1)).AsTask().Result.Value!.Text));
    }

    [Fact]
    public async Task Puts_of_one_key_at_once_all_succeed_and_leave_one_version_everywhere()
    {
        var nodes = await NetworkAsync(3);
        var puts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => nodes[0].Node.PutRecordAsync(Note(1, text: $"{i}")).AsTask()));
        Assert.All(puts, put => Assert.True(put is PutResult.Replicated or PutResult.StoredLocally, $"{put}"));
        var text = (await nodes[0].Node.GetRecordAsync(Key(1))).Value!.Text;
        await AwaitAssertAsync(
            async () => Assert.Equal(text, (await nodes[1].Node.GetRecordAsync(Key(1))).Value!.Text), Patience, TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task What_was_removed_here_is_not_brought_back_by_a_replica_and_a_later_put_elsewhere_is_seen()
    {
        var nodes = await NetworkAsync(3);
        await nodes[0].Node.PutRecordAsync(Note(1, text: "first"));
        Assert.True(Assert.IsType<RemoveResult.Removed>(await nodes[0].Node.RemoveRecordAsync(Key(1))).Existed);
        Assert.IsType<GetResult<Notes.Note>.NotFound>(await nodes[0].Node.GetRecordAsync(Key(1)));
        Assert.Equal("first", (await nodes[1].Node.GetRecordAsync(Key(1))).Value!.Text);

        // A put in the removal's own millisecond is not later: nobody has told its node of the removal, and the larger publisher id would win.
        var removed = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() <= removed)
        {
            await Task.Yield();
        }

        await nodes[1].Node.PutRecordAsync(Note(1, text: "second"));
        Assert.Equal("second", (await nodes[0].Node.GetRecordAsync(Key(1))).Value!.Text);
    }

    [Fact]
    public async Task Removing_what_was_never_there_succeeds()
    {
        var (one, _) = await PairAsync();
        Assert.False(Assert.IsType<RemoveResult.Removed>(await one.Node.RemoveRecordAsync(Key(1))).Existed);
    }

    [Fact]
    public async Task Nothing_of_an_unknown_definition_is_held()
    {
        var one = await JoinAsync();
        var stranger = await CreateAsync("", [one], definitions: [Shop.Definition]);
        await stranger.Node.StartSwarmAsync();
        await KnowAsync(1, one, stranger);
        Assert.Equal(0, Assert.IsType<PutResult.StoredLocally>(await one.Node.PutRecordAsync(Note(1))).Replicas);
        Assert.Equal(1, Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(new Shop.Item { Sku = "a" })).Replicas);
    }

    [Fact]
    public async Task A_record_too_large_for_the_network_is_refused_before_it_is_written()
    {
        var (one, _) = await PairAsync();
        var refused = Assert.IsType<PutResult.Refused>(await one.Node.PutRecordAsync(Note(1, text: new string('x', 20_000))));
        Assert.Equal(RefusalReason.ValueTooLarge, refused.Reason);
        Assert.IsType<PutResult.Stored>(await one.Node.PutRecordLocallyAsync(Note(1, text: new string('x', 20_000))));
    }

    [Fact]
    public async Task A_holder_of_an_older_version_is_repaired_by_a_get()
    {
        var nodes = await NetworkAsync(4, "netabase.kademlia.get-quorum = 8");
        await nodes[0].Node.PutRecordToAsync(Note(1, text: "old"), [nodes[1].Id]);
        await nodes[0].Node.PutRecordToAsync(Note(1, text: "new"), [nodes[2].Id]);
        Assert.Equal("old", (await nodes[1].Node.Records<Notes.Note>().GetAsync(Key(1)))!.Text);
        Assert.Equal("new", (await nodes[3].Node.GetRecordAsync(Key(1))).Value!.Text);
        await AwaitAssertAsync(
            async () => Assert.Equal("new", (await nodes[1].Node.Records<Notes.Note>().GetAsync(Key(1)))!.Text), Patience, TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task What_is_held_for_others_has_its_limit()
    {
        var one = await JoinAsync("netabase.kademlia.held.records-max = 2");
        var other = await JoinAsync("", one);
        await KnowAsync(1, one, other);
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(1)));
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Note(2)));
        Assert.IsType<PutResult.StoredLocally>(await other.Node.PutRecordAsync(Note(3)));
    }

    [Fact]
    public async Task A_record_that_has_expired_is_gone_everywhere()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var one = await CreateAsync(time: time);
        await one.Node.PutRecordAsync(Note(1), TimeSpan.FromSeconds(5));
        Assert.NotNull((await one.Node.GetRecordAsync(Key(1))).Value);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null((await one.Node.GetRecordAsync(Key(1))).Value);
    }
}
