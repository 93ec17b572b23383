using Microsoft.Extensions.Time.Testing;
using Netabase.Multiformats;
using Netabase.Transport.Keys;
using Netabase.Transport.Network;

namespace Netabase.Transport.Specs.Network;

/// <summary>What is remembered of peers, for how long, and how much at most.</summary>
public sealed class PeerStoreSpecs
{
    private static readonly PeerId[] Somebodies = [.. Enumerable.Range(0, 4).Select(_ => PrivateKey.Generate().PublicKey.PeerId)];
    private readonly FakeTimeProvider _time = new();

    private static Multiaddr At(int i) => Multiaddr.Parse($"/ip4/192.0.2.{i}/tcp/4001");

    [Fact]
    public void An_address_lives_as_long_as_the_most_patient_source_and_is_believed_like_the_best()
    {
        var store = new PeerStore(_time);
        Assert.Equal(1, store.AddAddresses(Somebodies[0], [At(1)], TimeSpan.FromMinutes(1), AddressSource.Routing));
        Assert.Equal(0, store.AddAddresses(Somebodies[0], [At(1)], TimeSpan.FromMinutes(5), AddressSource.Identify));
        Assert.Equal(0, store.AddAddresses(Somebodies[0], [At(1)], TimeSpan.FromMinutes(2), AddressSource.Mdns));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(AddressSource.Identify, Assert.Single(store.Addresses(Somebodies[0])).Source);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(store.Addresses(Somebodies[0]));
    }

    [Fact]
    public void A_full_list_gives_way_to_what_is_believed_more_and_not_to_less()
    {
        var store = new PeerStore(_time, new PeerStoreLimits(AddressesPerPeer: 2));
        store.AddAddresses(Somebodies[0], [At(1), At(2)], PeerStore.Permanent, AddressSource.Identify);
        Assert.Equal(0, store.AddAddresses(Somebodies[0], [At(3)], PeerStore.Permanent, AddressSource.Routing));
        Assert.Equal(1, store.AddAddresses(Somebodies[0], [At(3)], PeerStore.Permanent, AddressSource.Connected));
        Assert.Equal(2, store.Addresses(Somebodies[0]).Length);
        Assert.Equal(At(3), store.Addresses(Somebodies[0])[0].Address);
    }

    [Fact]
    public void A_full_store_forgets_whom_it_has_not_heard_of_for_longest_and_never_a_connected_peer()
    {
        var store = new PeerStore(_time, new PeerStoreLimits(Peers: 2));
        store.Pin(Somebodies[0]);
        store.AddAddresses(Somebodies[1], [At(1)], PeerStore.Permanent, AddressSource.Routing);
        store.AddAddresses(Somebodies[2], [At(2)], PeerStore.Permanent, AddressSource.Routing);
        Assert.Equal(2, store.Count);
        Assert.Null(store.Find(Somebodies[1]));
        Assert.NotNull(store.Find(Somebodies[0]));
    }

    [Fact]
    public void Whom_the_application_gave_is_not_pushed_out_by_strangers()
    {
        var store = new PeerStore(_time, new PeerStoreLimits(Peers: 3));
        store.AddAddresses(Somebodies[0], [At(1)], PeerStore.Permanent, AddressSource.Configured);
        for (var i = 0; i < 100; i++)
        {
            store.AddAddresses(PrivateKey.Generate().PublicKey.PeerId, [At(2)], PeerStore.Permanent, AddressSource.Routing);
        }

        Assert.Equal(3, store.Count);
        Assert.Equal(At(1), Assert.Single(store.Addresses(Somebodies[0])).Address);

        // Only others of its kind can: the store stays bounded.
        for (var i = 0; i < 3; i++)
        {
            store.AddAddresses(PrivateKey.Generate().PublicKey.PeerId, [At(3)], PeerStore.Permanent, AddressSource.Configured);
        }

        Assert.Equal(3, store.Count);
        Assert.Null(store.Find(Somebodies[0]));
    }

    [Fact]
    public void What_the_application_gave_stays_though_a_connection_to_it_came_and_went()
    {
        var store = new PeerStore(_time, new PeerStoreLimits(AddressesAfterDisconnect: 1));
        store.AddAddresses(Somebodies[0], [At(1)], PeerStore.Permanent, AddressSource.Configured);
        store.Pin(Somebodies[0]);
        store.AddAddresses(Somebodies[0], [At(1), At(2)], PeerStore.Permanent, AddressSource.Connected);
        store.Unpin(Somebodies[0], TimeSpan.FromMinutes(15));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(At(1), Assert.Single(store.Addresses(Somebodies[0])).Address);
    }

    [Fact]
    public void After_a_disconnect_what_the_peer_told_expires_and_what_the_application_gave_stays()
    {
        var store = new PeerStore(_time, new PeerStoreLimits(AddressesAfterDisconnect: 3));
        store.Pin(Somebodies[0]);
        store.AddAddresses(Somebodies[0], Enumerable.Range(1, 10).Select(At), PeerStore.Permanent, AddressSource.Identify);
        store.AddAddresses(Somebodies[0], [At(99)], PeerStore.Permanent, AddressSource.Configured);
        store.Unpin(Somebodies[0], TimeSpan.FromMinutes(15));
        Assert.Equal(3, store.Addresses(Somebodies[0]).Length);
        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(At(99), Assert.Single(store.Addresses(Somebodies[0])).Address);
    }

    [Fact]
    public void Removing_says_whether_there_was_anything()
    {
        var store = new PeerStore(_time);
        store.AddAddresses(Somebodies[0], [At(1), At(2)], PeerStore.Permanent, AddressSource.Configured);
        Assert.True(store.RemoveAddress(Somebodies[0], At(1)));
        Assert.False(store.RemoveAddress(Somebodies[0], At(1)));
        Assert.True(store.RemovePeer(Somebodies[0]));
        Assert.False(store.RemovePeer(Somebodies[0]));
        Assert.Empty(store.Peers);
    }

    [Fact]
    public void A_key_is_kept_only_for_its_own_peer()
    {
        var store = new PeerStore(_time);
        Assert.Throws<ArgumentException>(() => store.SetKey(Somebodies[0], PrivateKey.Generate().PublicKey));
    }
}
