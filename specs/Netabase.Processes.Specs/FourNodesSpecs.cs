using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Netabase.Processes.Specs;

/// <summary>What four nodes that know each other do, one thing after another; each spec has names of its own.</summary>
public sealed class FourNodesSpecs(FourNodes four) : IClassFixture<FourNodes>
{
    private readonly NodeProcess[] _nodes = four.Nodes;

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public async Task Every_message_that_one_node_puts_is_an_event_at_the_other(int messages)
    {
        await using var receiver = await _nodes[1].WatchAsync();
        await SendAsync(_nodes[0], $"m{messages}-", messages);
        await ReceivedAsync(receiver, $"m{messages}-", messages);
        Assert.Equal(messages, (await _nodes[1].ListAsync("query", "--prefix", $"m{messages}-")).Length);
    }

    [Fact]
    public async Task Three_senders_of_five_messages_each_are_all_received_by_one()
    {
        await using var receiver = await _nodes[0].WatchAsync();
        await Task.WhenAll(_nodes.Skip(1).Select((node, sender) => SendAsync(node, $"s{sender}-", 5)));
        foreach (var sender in new[] { 0, 1, 2 })
        {
            await ReceivedAsync(receiver, $"s{sender}-", 5);
        }

        Assert.Equal(15, (await _nodes[0].ListAsync("query", "--prefix", "s")).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(15_000)]
    public async Task A_value_arrives_byte_for_byte(int bytes)
    {
        var value = RandomNumberGenerator.GetBytes(bytes);
        var (sent, received) = (Path.Combine(four.Folder, $"sent{bytes}"), Path.Combine(four.Folder, $"received{bytes}"));
        await File.WriteAllBytesAsync(sent, value);
        await _nodes[0].DoneAsync("put", $"file{bytes}", "--file", sent);

        Assert.Equal(0, (await _nodes[1].AskAsync("get", $"file{bytes}", "--file", received)).ExitCode);
        Assert.Equal(value, await File.ReadAllBytesAsync(received));
    }

    [Fact]
    public async Task All_providers_are_found_and_one_that_stopped_announces_no_longer()
    {
        await _nodes[0].PutAsync("film", "x");
        foreach (var provider in _nodes.Take(3))
        {
            Assert.Equal("announced", (string)(await provider.DoneAsync("provide", "film"))["outcome"]!);
        }

        var found = await _nodes[3].DoneAsync("providers", "film");
        Assert.Equal(_nodes.Take(3).Select(node => node.Peer).Order(), Texts(found["providers"]!).Order());
        Assert.Equal("stopped", (string)(await _nodes[0].DoneAsync("provide", "film", "--stop"))["outcome"]!);
        Assert.Equal(1, (await _nodes[0].AskAsync("provide", "film", "--stop")).ExitCode);
    }

    [Fact]
    public async Task Ten_operations_at_once_all_succeed()
    {
        var puts = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => _nodes[number % 3].DoneAsync("put", $"k{number}", $"v{number}")));
        Assert.All(puts, put => Assert.Equal("replicated", (string)put["outcome"]!));
        var gets = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => _nodes[(number + 1) % 3].GetAsync($"k{number}")));
        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"v{number}"), gets);
    }

    private static async Task SendAsync(NodeProcess sender, string prefix, int messages)
    {
        foreach (var few in Enumerable.Range(0, messages).Chunk(5))
        {
            var sent = await Task.WhenAll(few.Select(number => sender.PutAsync($"{prefix}{number}", $"message {number}")));
            Assert.All(sent, put => Assert.Equal("replicated", put.Outcome));
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

/// <summary>Four processes that all know each other.</summary>
public sealed class FourNodes : ProcessSpec
{
    internal NodeProcess[] Nodes { get; private set; } = [];

    internal new string Folder => base.Folder;

    public override async Task InitializeAsync()
    {
        Nodes = await NetAsync(4);
        await Task.WhenAll(Nodes.Select(node => node.KnowsAsync(3)));
    }
}
