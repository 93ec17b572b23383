namespace Netabase.Processes.Specs;

/// <summary>The forms and exit codes that scripts rely on.</summary>
public sealed class FormsSpecs : ProcessSpec
{
    [Theory]
    [InlineData("put", "a")]
    [InlineData("put", "a", "b", "--file", "c")]
    [InlineData("fly")]
    [InlineData("get")]
    [InlineData("node", "--listen", "nowhere")]
    [InlineData("node", "--config", "missing.conf")]
    [InlineData("demo", "--nodes", "1")]
    [InlineData("query", "--limit", "0")]
    public async Task Wrong_usage_is_2_with_a_sentence(params string[] arguments)
    {
        var outcome = await Run.NetabaseAsync([.. arguments, .. arguments is ["demo", ..] ? Array.Empty<string>() : ["--data", Path.Combine(Folder, "x")]]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.NotEmpty(outcome.Errors);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task Where_no_node_runs_the_code_is_3_and_the_sentence_says_how_to_start_one()
    {
        var outcome = await Run.NetabaseAsync("get", "a", "--data", Folder);
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains($"netabase node --data {Folder}", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_serves_the_commands_stops_on_SIGTERM_and_has_everything_after_a_restart()
    {
        var node = await NodeAsync("a", NodeProcess.Loopback);
        Assert.Equal((1, string.Empty), await CodeAndOutputAsync(node, "get", "a"));
        Assert.Equal("stored-locally", (string)(await node.DoneAsync("put", "a", "one"))["outcome"]!);
        Assert.Equal((0, "one"), await CodeAndOutputAsync(node, "get", "a"));
        await node.DoneAsync("put", "b", "two");
        Assert.Equal((0, "a\tone\nb\ttwo"), await CodeAndOutputAsync(node, "query"));
        Assert.Equal((0, "Removed."), await CodeAndOutputAsync(node, "remove", "b"));
        Assert.Equal(1, (await node.AskAsync("providers", "a")).ExitCode);
        Assert.Equal(1, (await node.AskAsync("provide", "a", "--stop")).ExitCode);
        Assert.Empty(await node.ListAsync("peers"));
        var id = await node.DoneAsync("id");
        Assert.Equal((node.Peer, "server"), ((string)id["peer"]!, (string)id["mode"]!));

        var peer = node.Peer;
        Assert.Equal(0, (await node.Process.StopAsync()).ExitCode);
        Assert.Equal(3, (await node.AskAsync("get", "a")).ExitCode);
        await node.StartAgainAsync();
        Assert.Equal(peer, node.Peer);
        Assert.Equal("one", await node.GetAsync("a"));
        Assert.Null(await node.GetAsync("b"));
    }

    [Fact]
    public async Task A_second_node_on_the_folder_is_told_who_has_it()
    {
        var node = await NodeAsync("a", NodeProcess.Loopback);
        var outcome = await Run.NetabaseAsync(["node", "--data", node.Folder, .. NodeProcess.Loopback]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"process {node.Process.Id}", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ping_finds_the_node_without_a_node_of_ones_own_and_says_when_nobody_is_there()
    {
        var node = await NodeAsync("a", NodeProcess.Loopback);
        var answered = await Run.NetabaseAsync("ping", node.Address, "--json");
        Assert.True(answered.ExitCode == 0, answered.ToString());
        Assert.Equal(node.Peer, (string)answered.Json["peer"]!);
        Assert.Equal(1, (await Run.NetabaseAsync("ping", "/ip4/127.0.0.1/tcp/1")).ExitCode);
        Assert.Equal(2, (await Run.NetabaseAsync("ping", "here")).ExitCode);
    }

    [Fact]
    public async Task After_SIGKILL_no_node_runs_there_and_another_start_takes_over()
    {
        var node = await NodeAsync("a", NodeProcess.Loopback);
        await node.DoneAsync("put", "a", "one");
        await node.Process.KillAsync();
        Assert.Equal(3, (await node.AskAsync("get", "a")).ExitCode);
        await node.StartAgainAsync();
        Assert.Equal("one", await node.GetAsync("a"));
    }

    [Fact]
    public async Task The_demo_ends_by_itself_and_all_is_as_it_should_be()
    {
        var outcome = await Run.NetabaseAsync("demo", "--nodes", "3");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("All as it should be", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("latecomer got greeting = \"hello again\" (network", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Errors);
    }

    private static async Task<(int, string)> CodeAndOutputAsync(NodeProcess node, params string[] words)
    {
        var outcome = await node.AskAsync(words);
        return (outcome.ExitCode, outcome.Output);
    }
}
