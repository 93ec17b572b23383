namespace Netabase.Actors.Specs.Network;

/// <summary>Announcements that point to who has a record.</summary>
public sealed class ProviderSpecs : NetSpec
{
    [Fact]
    public async Task Several_providers_are_all_found_and_one_that_stops_still_lives_with_others_until_it_expires()
    {
        var nodes = await NetworkAsync(5);
        Assert.IsType<ProvideResult.Announced>(await nodes[1].Node.StartProvidingAsync(Key(1)));
        Assert.IsType<ProvideResult.Announced>(await nodes[2].Node.StartProvidingAsync(Key(1)));
        Assert.IsType<ProvideResult.Announced>(await nodes[2].Node.StartProvidingAsync(Key(1)));
        var found = await nodes[4].Node.GetProvidersAsync(Key(1));
        Assert.True(found.IsComplete);
        Assert.Equal([nodes[1].Id, nodes[2].Id], found.Providers.Distinct().Where(id => id == nodes[1].Id || id == nodes[2].Id).OrderBy(id => id == nodes[2].Id));
        Assert.Equal(2, found.Providers.Length);

        Assert.True(await nodes[1].Node.StopProvidingAsync(Key(1)));
        Assert.False(await nodes[1].Node.StopProvidingAsync(Key(1)));
        Assert.Empty((await nodes[4].Node.GetProvidersAsync(Key(2))).Providers);
    }

    [Fact]
    public async Task One_key_more_than_may_be_provided_is_refused()
    {
        var node = await JoinAsync("netabase.kademlia.held.provided-keys-max = 1");
        Assert.IsType<ProvideResult.TooFew>(await node.Node.StartProvidingAsync(Key(1)));
        Assert.Equal(RefusalReason.NotAllowed, Assert.IsType<ProvideResult.Refused>(await node.Node.StartProvidingAsync(Key(2))).Reason);
        Assert.IsType<ProvideResult.TooFew>(await node.Node.StartProvidingAsync(Key(1)));
    }

    [Fact]
    public async Task A_long_key_is_provided_under_a_name_that_every_libp2p_takes()
    {
        var nodes = await NetworkAsync(3);
        var key = new Notes.Page.Key(new string('x', 900));
        await using var events = nodes[0].Node.SubscribeToBroadcasts();
        Assert.IsType<ProvideResult.Announced>(await nodes[1].Node.StartProvidingAsync(key));
        Assert.Equal(34, (await UntilAsync<QueryEvent.ProviderAdded>(events, _ => true)).Key.Length);
        Assert.Equal(nodes[1].Id, Assert.Single((await nodes[2].Node.GetProvidersAsync(key)).Providers));
    }
}
