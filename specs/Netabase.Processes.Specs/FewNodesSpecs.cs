using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Netabase.Processes.Specs;

/// <summary>Two to five nodes, each a process.</summary>
public sealed class FewNodesSpecs : ProcessSpec
{
    [Fact]
    public async Task Two_nodes_find_each_other_by_mDNS_and_what_is_put_on_one_is_got_on_the_other()
    {
        // A service of its own, so that other nodes of this machine are not met.
        var name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var config = Config($"netabase.network.mdns.service-name = \"_nb{name}._udp.local\"");
        var a = await NodeAsync("a", "--config", config);
        await using var events = await a.WatchAsync();
        var b = await NodeAsync("b", "--config", config);
        await events.LineAsync(line => Is(line, "identified", b.Peer), "the other identified");

        Assert.Equal([b.Peer], (await a.ListAsync("peers")).Select(peer => (string)peer["peer"]!));
        await a.KnowsAsync(1);
        await b.KnowsAsync(1);
        Assert.Equal("replicated", (string)(await a.DoneAsync("put", "greeting", "hello"))["outcome"]!);
        Assert.Equal("hello", await b.GetAsync("greeting"));
        Assert.Equal("replicated", (string)(await b.DoneAsync("put", "answer", "hi"))["outcome"]!);
        Assert.Equal("hi", await a.GetAsync("answer"));

        // Everything is still there after a restart of both.
        await Task.WhenAll(a.Process.StopAsync(), b.Process.StopAsync());
        await b.StartAgainAsync();
        Assert.Equal("hello", await b.GetAsync("greeting"));
        Assert.Equal("hi", await b.GetAsync("answer"));
    }

    [Fact]
    public async Task A_client_is_in_nobodys_table_and_gets_what_others_hold()
    {
        var server = await NodeAsync("server", NodeProcess.Loopback);
        await server.DoneAsync("put", "a", "one");
        var client = await NodeAsync("client", [.. NodeProcess.Loopback, "--client", "--bootstrap", server.Address]);
        await client.KnowsAsync(1);

        Assert.Equal("one", await client.GetAsync("a"));
        Assert.Equal("replicated", (string)(await client.DoneAsync("put", "b", "two"))["outcome"]!);
        Assert.Equal("two", await server.GetAsync("b"));
        Assert.Empty(await server.RoutesAsync());
        Assert.Equal("client", (string)(await client.DoneAsync("id"))["mode"]!);
    }

    [Fact]
    public async Task A_peer_that_is_taken_out_of_the_table_stays_connected()
    {
        var nodes = await NetAsync(2);
        await nodes[1].KnowsAsync(1);
        Assert.Equal(0, (await nodes[1].AskAsync("routes", "--remove", nodes[0].Peer)).ExitCode);
        Assert.Equal([nodes[0].Peer], (await nodes[1].ListAsync("peers")).Select(peer => (string)peer["peer"]!));
        Assert.Equal(2, (await nodes[1].AskAsync("routes", "--remove", "nobody")).ExitCode);
    }

    [Fact]
    public async Task A_store_that_is_full_refuses_with_a_sentence_and_goes_on()
    {
        var config = Config("netabase.stores { backend = memory, memory.bytes-max = 20000 }");
        var node = await NodeAsync("a", [.. NodeProcess.Loopback, "--config", config]);
        var file = Path.Combine(Folder, "value");
        await File.WriteAllBytesAsync(file, new byte[12_000]);
        await node.DoneAsync("put", "first", "--file", file);

        var refused = await node.AskAsync("put", "second", "--file", file);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("full", refused.Errors, StringComparison.OrdinalIgnoreCase);
        await node.DoneAsync("remove", "first");
        Assert.Equal(0, (await node.AskAsync("put", "third", "small")).ExitCode);
    }

    private static bool Is(string line, string name, string peer) =>
        JsonNode.Parse(line) is JsonObject happened && (string)happened["event"]! == name && (string?)happened["peer"] == peer;
}
