using Netabase.Protocol.Kademlia;

namespace Netabase.Protocol.Specs.Kademlia;

/// <summary>libp2p kad-dht, "Client and server mode": only servers get into a routing table.</summary>
public sealed class RoutingAdmissionSpecs
{
    private const string Protocol = "/netabase/kad/1.0.0";
    private const long Now = 1_000_000;

    private readonly SplitMix64 _random = new(111);
    private readonly RoutingTable _table;

    public RoutingAdmissionSpecs() => _table = new RoutingTable(Peers.Random(_random).Key, Peers.Bounds);

    [Fact]
    public void A_server_gets_a_place_and_a_client_none()
    {
        var admission = new RoutingAdmission(_table, Protocol, isProbing: false, probesMax: 1);
        var (server, client) = (Peers.Random(_random), Peers.Random(_random));
        Assert.IsType<AdmissionEffect.Joined>(Assert.Single(admission.OnIdentified(server, [Protocol, "/ipfs/ping/1.0.0"], Now)));
        Assert.Empty(admission.OnIdentified(client, ["/ipfs/kad/1.0.0"], Now));
        Assert.NotNull(_table.Find(server.Id));
        Assert.Null(_table.Find(client.Id));
    }

    [Fact]
    public void A_server_that_becomes_a_client_or_fails_leaves()
    {
        var admission = new RoutingAdmission(_table, Protocol, isProbing: false, probesMax: 1);
        var peers = Peers.Many(_random, 2);
        foreach (var peer in peers)
        {
            admission.OnIdentified(peer, [Protocol], Now);
        }

        Assert.Equal(new AdmissionEffect.Left(peers[0].Id), Assert.Single(admission.OnIdentified(peers[0], [], Now)));
        Assert.Equal(new AdmissionEffect.Left(peers[1].Id), Assert.Single(admission.OnFailed(peers[1].Id, Now)));
        Assert.Empty(admission.OnFailed(peers[1].Id, Now));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Where_claims_are_checked_a_peer_must_answer_first()
    {
        var admission = new RoutingAdmission(_table, Protocol, isProbing: true, probesMax: 2);
        var peers = Peers.Many(_random, 4);
        Assert.Equal(new AdmissionEffect.Probe(peers[0]), Assert.Single(admission.OnIdentified(peers[0], [Protocol], Now)));
        Assert.Empty(admission.OnIdentified(peers[0], [Protocol], Now));
        Assert.Single(admission.OnIdentified(peers[1], [Protocol], Now));
        Assert.Empty(admission.OnIdentified(peers[2], [Protocol], Now));
        Assert.Equal(0, _table.Count);

        Assert.IsType<AdmissionEffect.Joined>(Assert.Single(admission.OnProbed(peers[0].Id, hasAnswered: true, Now)));
        Assert.Empty(admission.OnProbed(peers[1].Id, hasAnswered: false, Now));
        Assert.Empty(admission.OnProbed(peers[3].Id, hasAnswered: true, Now));
        Assert.IsType<AdmissionEffect.Joined>(Assert.Single(admission.OnAnswered(peers[2], Now)));
        Assert.Equal(2, _table.Count);
    }

    [Fact]
    public void Automatic_is_a_server_while_an_external_address_is_confirmed()
    {
        var mode = new ModeSwitch(NetworkMode.Automatic);
        Assert.Equal(NetworkMode.Client, mode.Effective);
        Assert.True(mode.OnConfirmedAddresses(1));
        Assert.False(mode.OnConfirmedAddresses(2));
        Assert.Equal(NetworkMode.Server, mode.Effective);
        Assert.True(mode.Choose(NetworkMode.Client));
        Assert.False(mode.OnConfirmedAddresses(0));
        Assert.True(mode.Choose(NetworkMode.Server));
        Assert.True(mode.Choose(NetworkMode.Automatic));
        Assert.Equal(NetworkMode.Client, mode.Effective);
    }
}
