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

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public async Task Every_message_that_one_node_puts_is_an_event_at_the_other(int messages)
    {
        var nodes = await NetAsync(2);
        await nodes[0].KnowsAsync(1);
        await using var receiver = await nodes[1].WatchAsync();
        await SendAsync(nodes[0], "m", messages);
        await ReceivedAsync(receiver, "m", messages);
        Assert.Equal(messages, (await nodes[1].ListAsync("query", "--prefix", "m")).Length);
    }

    [Fact]
    public async Task Three_senders_of_five_messages_each_are_all_received_by_one()
    {
        var nodes = await NetAsync(4);
        await Task.WhenAll(nodes.Skip(1).Select(node => node.KnowsAsync(1)));
        await using var receiver = await nodes[0].WatchAsync();
        await Task.WhenAll(nodes.Skip(1).Select((node, sender) => SendAsync(node, $"s{sender}-", 5)));
        foreach (var sender in new[] { 0, 1, 2 })
        {
            await ReceivedAsync(receiver, $"s{sender}-", 5);
        }

        Assert.Equal(15, (await nodes[0].ListAsync("query", "--prefix", "s")).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(15_000)]
    public async Task A_value_arrives_byte_for_byte(int bytes)
    {
        var nodes = await NetAsync(2);
        await nodes[0].KnowsAsync(1);
        var value = RandomNumberGenerator.GetBytes(bytes);
        var (sent, received) = (Path.Combine(Folder, "sent"), Path.Combine(Folder, "received"));
        await File.WriteAllBytesAsync(sent, value);
        await nodes[0].DoneAsync("put", "file", "--file", sent);

        Assert.Equal(0, (await nodes[1].AskAsync("get", "file", "--file", received)).ExitCode);
        Assert.Equal(value, await File.ReadAllBytesAsync(received));
    }

    [Fact]
    public async Task All_providers_are_found_and_one_that_stopped_announces_no_longer()
    {
        var nodes = await NetAsync(4);
        await Task.WhenAll(nodes.Select(node => node.KnowsAsync(3)));
        await nodes[0].DoneAsync("put", "file", "x");
        foreach (var provider in nodes.Take(3))
        {
            Assert.Equal("announced", (string)(await provider.DoneAsync("provide", "file"))["outcome"]!);
        }

        var found = await nodes[3].DoneAsync("providers", "file");
        Assert.Equal(nodes.Take(3).Select(node => node.Peer).Order(), Texts(found["providers"]!).Order());
        Assert.Equal("stopped", (string)(await nodes[0].DoneAsync("provide", "file", "--stop"))["outcome"]!);
        Assert.Equal(1, (await nodes[0].AskAsync("provide", "file", "--stop")).ExitCode);
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
    public async Task Ten_operations_at_once_all_succeed()
    {
        var nodes = await NetAsync(3);
        await Task.WhenAll(nodes.Select(node => node.KnowsAsync(2)));
        var puts = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => nodes[number % 3].DoneAsync("put", $"k{number}", $"v{number}")));
        Assert.All(puts, put => Assert.Equal("replicated", (string)put["outcome"]!));
        var gets = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => nodes[(number + 1) % 3].GetAsync($"k{number}")));
        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"v{number}"), gets);
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

    private static async Task SendAsync(NodeProcess sender, string prefix, int messages)
    {
        foreach (var few in Enumerable.Range(0, messages).Chunk(5))
        {
            var sent = await Task.WhenAll(few.Select(number => sender.DoneAsync("put", $"{prefix}{number}", $"message {number}")));
            Assert.All(sent, put => Assert.Equal("replicated", (string)put["outcome"]!));
        }
    }

    private static async Task ReceivedAsync(Run receiver, string prefix, int messages)
    {
        for (var number = 0; number < messages; number++)
        {
            var key = $"{prefix}{number}";
            await receiver.LineAsync(
                line => JsonNode.Parse(line) is JsonObject happened && (string)happened["event"]! == "record-stored" && (string?)happened["key"] == key, key);
        }
    }

    private static IEnumerable<string> Texts(JsonNode array) => array.AsArray().Select(item => (string)item!);
}
