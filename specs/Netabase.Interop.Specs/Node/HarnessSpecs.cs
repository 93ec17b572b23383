namespace Netabase.Interop.Node;

/// <summary>js-libp2p against js-libp2p: whatever fails here is the harness's fault and not ours.</summary>
public sealed class HarnessSpecs
{
    [SkippableTheory]
    [InlineData("noise", "/ip4/127.0.0.1/tcp/0")]
    [InlineData("tls", "/ip4/127.0.0.1/tcp/0")]
    [InlineData("noise", "/ip4/127.0.0.1/tcp/0/ws")]
    public async Task Js_talks_to_js_through_everything_that_a_spec_will_ask_of_it(string security, string listen)
    {
        var node = await RequireNode.GetAsync();
        await using var dialer = await JsPeer.StartAsync(node, new JsPeerOptions([], [security]));
        await using var listener = await JsPeer.StartAsync(node, new JsPeerOptions([listen], [security]));

        var dialed = await dialer.CallAsync("dial", ("address", listener.Addresses[0]));
        Assert.Equal(listener.Peer, (string)dialed["peer"]!);
        Assert.Equal("/yamux/1.0.0", (string)dialed["muxer"]!);

        await dialer.CallAsync("ping", ("peer", listener.Peer));
        await dialer.CallAsync("echo", ("peer", listener.Peer), ("count", 20), ("bytes", 5000));
        var upload = await dialer.CallAsync("upload", ("peer", listener.Peer), ("bytes", 3_000_000));
        Assert.Equal((string)upload["sent"]!, (string)upload["received"]!);
        var download = await dialer.CallAsync("download", ("peer", listener.Peer), ("bytes", 3_000_000));
        Assert.Equal((string)download["sent"]!, (string)download["received"]!);
        Assert.Equal(3_000_000, (int)download["bytes"]!);

        await dialer.CallAsync("halfClose", ("peer", listener.Peer));
        var halfClosed = await listener.EventAsync("half-closed");
        Assert.Equal("first words, last words", (string)halfClosed["received"]!);
        Assert.Equal("StreamResetError", (string)(await dialer.CallAsync("reset", ("peer", listener.Peer)))["ended"]!);
        await dialer.CallAsync("abort", ("peer", listener.Peer));
        Assert.Equal("StreamResetError", (string)(await listener.EventAsync("held"))["ended"]!);
        var perf = await dialer.CallAsync("perf", ("peer", listener.Peer), ("upload", 100_000), ("download", 200_000));
        Assert.Equal(200_000, (int)perf["received"]!);
        await dialer.EventAsync("identified", said => (string)said["peer"]! == listener.Peer);
    }

    [SkippableFact]
    public async Task Js_keeps_and_finds_records_peers_and_providers_with_js()
    {
        var node = await RequireNode.GetAsync();
        var settings = new JsDhtOptions("/netabase-interop/kad/1.0.0", Namespaces: ["netabase"]);
        var options = JsPeerOptions.Default with { Dht = settings };
        await using var server = await JsPeer.StartAsync(node, options);
        await using var other = await JsPeer.StartAsync(node, options);
        await using var client = await JsPeer.StartAsync(node, options with { Dht = settings with { Server = false } });
        foreach (var peer in (JsPeer[])[other, client])
        {
            await peer.CallAsync("dial", ("address", server.Addresses[0]));
            Assert.Equal(1, await peer.TableAsync(1));
        }

        var key = "/netabase/a key"u8.ToArray();
        var put = await client.PutAsync(key, [1, 2, 3]);
        Assert.NotEqual(0, put.Answers);
        Assert.Empty(put.Errors);
        Assert.Equal([1, 2, 3], (await other.GetAsync(key)).Value);
        Assert.Null((await other.GetAsync("/netabase/another key"u8.ToArray())).Value);
        Assert.NotEqual(TimeSpan.Zero, await other.MeasureGetsAsync([key], 20, 4));

        byte[] multihash = [0x12, 32, .. System.Security.Cryptography.SHA256.HashData([9])];
        await client.ProvideAsync(multihash);
        Assert.Equal(client.Peer, Assert.Single(await other.FindProvidersAsync(multihash)).Peer);
        Assert.Equal(server.Peer, (await client.FindPeerAsync(server.Peer))!.Peer);
        Assert.Contains(await client.ClosestAsync(key), peer => peer.Peer == server.Peer);
        await client.SetModeAsync(server: true);
    }

    [SkippableFact]
    public async Task A_command_that_fails_in_js_fails_the_spec_with_its_message()
    {
        var node = await RequireNode.GetAsync();
        await using var peer = await JsPeer.StartAsync(node, JsPeerOptions.Default);
        var error = await Assert.ThrowsAsync<JsPeerException>(() => peer.CallAsync("ping", ("peer", "nobody")));
        Assert.Contains("not connected to nobody", error.Message, StringComparison.Ordinal);
    }
}
