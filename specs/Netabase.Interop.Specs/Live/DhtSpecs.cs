using System.Security.Cryptography;
using Netabase.Interop.Node;
using Netabase.Multiformats;

namespace Netabase.Interop.Live;

/// <summary>Our DHT with js-libp2p's: either holds the other's records and announcements, and either is a way into the network.</summary>
public sealed class DhtSpecs
{
    private static readonly Payload Key = new("/netabase/a key"u8.ToArray());

    [SkippableFact]
    public async Task A_value_put_on_either_side_is_got_on_the_other_and_the_better_one_stands()
    {
        var runtime = await RequireNode.GetAsync();
        await using var server = await JsPeer.StartAsync(runtime, DhtNode.Js());
        await using var asker = await JsPeer.StartAsync(runtime, DhtNode.Js(server: false));
        await using var ours = await DhtNode.StartAsync(server.Addresses[0]);
        await ours.KnowAsync(server.Peer);
        await server.TableAsync(1);
        // It knows both: a lookup of js that meets somebody new too late does without, and what we hold ourselves we ask nobody for.
        await asker.CallAsync("dial", ("address", server.Addresses[0]));
        await asker.CallAsync("dial", ("address", await ours.AddressAsync()));
        await asker.TableAsync(2);

        Assert.Equal(1, await ours.Node.PutRawAsync(Key, new Payload(new byte[] { 1, 2, 3 })));
        Assert.Equal([1, 2, 3], (await server.GetAsync(Key.Span.ToArray())).Value!);
        Assert.Equal([1, 2, 3], (await asker.GetAsync(Key.Span.ToArray())).Value!);

        var put = await asker.PutAsync(Key.Span.ToArray(), [9]);
        Assert.Empty(put.Errors);
        Assert.Equal([9], (await ours.Node.GetRawAsync(Key))!.Value.Span.ToArray());
        var another = new Payload("/netabase/another"u8.ToArray());
        await server.PutAsync(another.Span.ToArray(), [7]);
        Assert.Equal([7], (await ours.Node.GetRawAsync(another))!.Value.Span.ToArray());
        Assert.Null(await ours.Node.GetRawAsync(new Payload("/netabase/nothing"u8.ToArray())));
        await Assert.ThrowsAsync<ArgumentException>(async () => await ours.Node.PutRawAsync(Key, new Payload(new byte[] { 1 })));
    }

    [SkippableFact]
    public async Task A_record_of_a_model_is_held_by_js_and_got_from_it_when_its_publisher_has_left()
    {
        var runtime = await RequireNode.GetAsync();
        await using var js = await JsPeer.StartAsync(runtime, DhtNode.Js());
        await using var publisher = await DhtNode.StartAsync(js.Addresses[0]);
        await publisher.KnowAsync(js.Peer);
        var line = new Shared.Line { Id = 7, Text = "through js" };
        Assert.Equal(1, Assert.IsType<PutResult.Replicated>(await publisher.Node.PutRecordAsync(line)).Replicas);
        await publisher.Node.StopSwarmAsync();

        await using var reader = await DhtNode.StartAsync(js.Addresses[0]);
        await reader.KnowAsync(js.Peer);
        var found = Assert.IsType<GetResult<Shared.Line>.Found>(await reader.Node.GetRecordAsync(new Shared.Line.Key(7)));
        Assert.Equal((line, publisher.Node.LocalPeer), (found.Record, found.Metadata.Publisher));
    }

    [SkippableFact]
    public async Task Providers_are_found_both_ways_with_the_addresses_they_announced()
    {
        var runtime = await RequireNode.GetAsync();
        await using var js = await JsPeer.StartAsync(runtime, DhtNode.Js());
        await using var ours = await DhtNode.StartAsync(js.Addresses[0]);
        await ours.KnowAsync(js.Peer);
        await js.TableAsync(1);

        var multihash = Multihash.Sha256([1]).ToPayload();
        Assert.Empty((await js.ProvideAsync(multihash.Span.ToArray())).Errors);
        var provider = Assert.Single(await ours.Node.GetProvidersRawAsync(multihash));
        Assert.Equal(js.Peer, provider.Id.ToString());
        Assert.NotEmpty(provider.Addresses);

        Assert.Equal(1, Assert.IsType<ProvideResult.Announced>(await ours.Node.StartProvidingAsync(new Shared.Line.Key(1))).Peers);
        var key = RecordKey.Derive("interop", 1, ModelCodec.Encode(new Shared.Line.Key(1)).Span);
        var found = Assert.Single(await js.FindProvidersAsync(SHA256Multihash(key)));
        Assert.Equal(ours.Id, found.Peer);
        Assert.NotEmpty(found.Addresses);
    }

    [SkippableFact]
    public async Task Two_of_our_nodes_find_each_other_through_js_and_are_found_by_it()
    {
        var runtime = await RequireNode.GetAsync();
        await using var js = await JsPeer.StartAsync(runtime, DhtNode.Js());
        await using var one = await DhtNode.StartAsync(js.Addresses[0]);
        await one.KnowAsync(js.Peer);
        await js.TableAsync(1);
        await using var other = await DhtNode.StartAsync(js.Addresses[0]);
        await other.KnowAsync(one.Id);
        await one.KnowAsync(other.Id);
        await js.TableAsync(2);
        Assert.Equal(one.Id, (await js.FindPeerAsync(one.Id))!.Peer);
        var closest = (await js.ClosestAsync(Key.Span.ToArray())).Select(peer => peer.Peer).ToArray();
        Assert.Contains(one.Id, closest);
        Assert.Contains(other.Id, closest);
        Assert.Contains(await other.Node.FindNearestAsync(Key), peer => peer.Id.ToString() == js.Peer);
        Assert.NotEmpty((await other.Node.FindPeerAsync(PeerId.Parse(one.Id)))!.Addresses);
    }

    [SkippableFact]
    public async Task A_client_of_either_side_is_in_nobodys_table_and_is_served_all_the_same()
    {
        var runtime = await RequireNode.GetAsync();
        await using var js = await JsPeer.StartAsync(runtime, DhtNode.Js());
        await using var client = await DhtNode.StartAsync(js.Addresses[0], mode: "client");
        await client.KnowAsync(js.Peer);
        Assert.Equal(1, await client.Node.PutRawAsync(Key, new Payload(new byte[] { 5 })));
        Assert.Equal([5], (await js.GetAsync(Key.Span.ToArray())).Value!);

        // Whoever comes later and serves is taken in: the client, met before, was passed over and not only not looked at yet.
        await using var server = await DhtNode.StartAsync(js.Addresses[0]);
        await server.KnowAsync(js.Peer);
        Assert.Equal(1, await js.TableAsync(1));
        Assert.DoesNotContain(await server.Node.GetRoutesAsync(), route => route.Peer == client.Node.LocalPeer);

        await using var asker = await JsPeer.StartAsync(runtime, DhtNode.Js(server: false));
        await asker.CallAsync("dial", ("address", await server.AddressAsync()));
        await asker.TableAsync(1);
        var held = new Payload("/netabase/held here"u8.ToArray());
        await server.Node.PutRawAsync(held, new Payload(new byte[] { 6 }));
        Assert.Equal([6], (await asker.GetAsync(held.Span.ToArray())).Value!);
        Assert.DoesNotContain(await server.Node.GetRoutesAsync(), route => route.Peer.ToString() == asker.Peer);
    }

    private static byte[] SHA256Multihash(RecordKey key) => [0x12, 32, .. SHA256.HashData(key.Bytes.Span)];
}
