namespace Netabase.Actors.Specs.Network;

/// <summary>Records owned by their publishers: the same primary key names another record at each of them.</summary>
public sealed class OwnedRecordSpecs : NetSpec
{
    [Fact]
    public async Task Two_publishers_put_the_same_primary_key_and_each_has_its_own_record()
    {
        var one = await CardsAsync();
        var other = await CardsAsync("", one);
        await KnowAsync(1, one, other);
        Assert.IsType<PutResult.Replicated>(await one.Node.PutRecordAsync(Card("ada")));
        Assert.IsType<PutResult.Replicated>(await other.Node.PutRecordAsync(Card("bob")));

        Assert.Equal("ada", (await one.Node.GetRecordAsync(new Cards.Card.Key("name"))).Value!.Text);
        Assert.Equal("bob", (await other.Node.GetRecordAsync(new Cards.Card.Key("name"))).Value!.Text);
        Assert.Equal("bob", (await one.Node.GetRecordAsync(new Cards.Card.Key("name") { Publisher = other.Id })).Value!.Text);

        var third = await CardsAsync("", one);
        await KnowAsync(1, third);
        var found = Assert.IsType<GetResult<Cards.Card>.Found>(await third.Node.GetRecordAsync(new Cards.Card.Key("name") { Publisher = one.Id }));
        Assert.Equal(("ada", one.Id), (found.Record.Text, found.Metadata.Publisher));
        Assert.IsType<GetResult<Cards.Card>.NotFound>(await third.Node.GetRecordAsync(new Cards.Card.Key("name")));
    }

    [Fact]
    public async Task All_of_the_local_face_names_ones_own_record_unless_told_of_another()
    {
        var node = await CardsAsync();
        var cards = node.Node.Records<Cards.Card>();
        Assert.IsType<PutResult.Stored>(await node.Node.PutRecordLocallyAsync(Card("first")));
        Assert.IsType<PutResult.Stored>(await cards.PutManyAsync([Card("second", "nick"), Card("third", "site")]));
        Assert.Equal("first", (await cards.GetAsync(new Cards.Card.Key("name")))!.Text);
        Assert.Equal(["first", "second"], (await cards.GetManyAsync([new Cards.Card.Key("name"), new Cards.Card.Key("nick") { Publisher = node.Id }])).Select(card => card!.Text));
        Assert.Equal(3, await cards.CountAsync(ModelQuery<Cards.Card>.All));

        await using var transaction = await node.Node.BeginTransactionAsync();
        Assert.Equal("third", (await transaction.GetAsync(new Cards.Card.Key("site")))!.Text);
        transaction.Put(Card("changed", "site"));
        transaction.Remove(new Cards.Card.Key("nick"));
        Assert.IsType<CommitResult.Committed>(await transaction.CommitAsync());
        Assert.Equal("changed", (await cards.GetAsync(new Cards.Card.Key("site")))!.Text);

        Assert.True(Assert.IsType<RemoveResult.Removed>(await cards.RemoveManyAsync([new Cards.Card.Key("site")])).Existed);
        Assert.True(Assert.IsType<RemoveResult.Removed>(await node.Node.RemoveRecordAsync(new Cards.Card.Key("name"))).Existed);
        Assert.Equal(0, await cards.CountAsync(ModelQuery<Cards.Card>.All));
    }

    [Fact]
    public async Task A_record_of_ones_own_is_removed_and_provided_under_the_name_it_was_put()
    {
        var one = await CardsAsync();
        var other = await CardsAsync("", one);
        await KnowAsync(1, one, other);
        await one.Node.PutRecordAsync(Card("ada"));
        Assert.IsType<ProvideResult.Announced>(await one.Node.StartProvidingAsync(new Cards.Card.Key("name")));
        Assert.Equal(one.Id, Assert.Single((await other.Node.GetProvidersAsync(new Cards.Card.Key("name") { Publisher = one.Id })).Providers));
        Assert.Empty((await other.Node.GetProvidersAsync(new Cards.Card.Key("name"))).Providers);
        Assert.True(Assert.IsType<RemoveResult.Removed>(await one.Node.RemoveRecordAsync(new Cards.Card.Key("name"))).Existed);
        Assert.IsType<GetResult<Cards.Card>.NotFound>(await one.Node.GetRecordAsync(new Cards.Card.Key("name")));
    }

    [Fact]
    public async Task A_node_that_is_nobody_refuses_them_with_the_reason()
    {
        var node = await CreateAsync("netabase.network.enabled = off", definitions: [Cards.Definition]);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<PutResult.Refused>(await node.Node.PutRecordLocallyAsync(Card("ada"))).Reason);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<PutResult.Refused>(await node.Node.Records<Cards.Card>().PutManyAsync([Card("ada")])).Reason);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<RemoveResult.Refused>(await node.Node.RemoveRecordAsync(new Cards.Card.Key("name"))).Reason);
        Assert.Equal(RefusalReason.NoNetwork, Assert.IsType<GetResult<Cards.Card>.Refused>(await node.Node.GetRecordAsync(new Cards.Card.Key("name"))).Reason);
        await using var transaction = await node.Node.BeginTransactionAsync();
        Assert.Equal(RefusalReason.NoNetwork, Assert.Throws<NetabaseException>(() => transaction.Put(Card("ada"))).Reason);
    }

    private async Task<NetNode> CardsAsync(string hocon = "", params NetNode[] bootstrap)
    {
        var node = await CreateAsync(hocon, bootstrap, definitions: [Cards.Definition]);
        await node.Node.StartSwarmAsync();
        return node;
    }

    private static Cards.Card Card(string text, string title = "name") => new() { Title = title, Text = text };
}
