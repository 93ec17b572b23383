using System.Net.Sockets;
using System.Text;
using Netabase.Host.Control;
using Netabase.Host.Control.Operations;

namespace Netabase.Host.Specs;

/// <summary>The local control endpoint: <c>specs/control.md</c>.</summary>
public sealed class ControlSpecs
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_client_puts_gets_lists_and_removes()
    {
        await using var node = await ControlledNode.StartAsync(network: true);
        await PutAsync(node.Client, "b", [2, 255]);
        await PutAsync(node.Client, "a", "eins"u8.ToArray());

        var got = await GetAsync(node.Client, "b");
        Assert.Equal(("local", null), (got.Source, got.Text));
        Assert.Equal([2, 255], got.Value!);
        Assert.Equal("eins", (await GetAsync(node.Client, "a")).Text);
        Assert.Equal(["a", "b"], await ListAsync(node.Client, new QueryArgs()));
        Assert.Equal(["a"], await ListAsync(node.Client, new QueryArgs(Limit: 1)));
        Assert.Equal(["b"], await ListAsync(node.Client, new QueryArgs(Prefix: "b")));

        var removed = await node.Client.AskAsync("remove", new KeyArgs("a"), SharedJson.Default.KeyArgs, RemoveJson.Default.RemoveDone, None);
        Assert.True(removed.Existed);
        Assert.False((await GetAsync(node.Client, "a")).Found);
    }

    [Fact]
    public async Task A_client_watches_and_hears_what_happens_after_it_began()
    {
        await using var node = await ControlledNode.StartAsync();
        await node.Node.PutRecordLocallyAsync(Entry("before"));
        var seen = new List<EventItem>();
        await foreach (var answer in node.Client.StreamAsync("watch", new WatchArgs(2), WatchJson.Default.WatchArgs, None))
        {
            if (answer.Item is { } item)
            {
                seen.Add(ControlClient.Read(item, WatchJson.Default.EventItem));
                if (seen.Count == 1)
                {
                    await node.Node.PutRecordLocallyAsync(Entry("after"));
                    await node.Node.RemoveRecordAsync(new KeyValue.Entry.Key("after"));
                }
            }
        }

        Assert.Equal(["watching", "record-stored after", "record-removed after"], seen.Select(item => $"{item.Event} {item.Key}".Trim()));
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_longer_served()
    {
        await using var node = await ControlledNode.StartAsync(settings: "netabase.host.control.connections-max = 1");
        using var deadline = new CancellationTokenSource(ControlledNode.Patience);
        for (var i = 0; i < 20; i++)
        {
            // Whoever left a moment ago may still be counted, but not for ever.
            while (!await WatchesAsync(node))
            {
                deadline.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        static async Task<bool> WatchesAsync(ControlledNode node)
        {
            await using var stream = await node.ConnectAsync();
            try
            {
                await stream.WriteAsync(ControlledNode.Frame("""{"control":1,"op":"watch","args":{}}"""));
                var first = await ControlledNode.ReadAsync(stream);
                Assert.True(first.Contains("watching", StringComparison.Ordinal) || first.Contains("busy", StringComparison.Ordinal), first);
                return first.Contains("watching", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // Told busy and closed while this was still writing.
                return false;
            }
        }
    }

    [Fact]
    public async Task One_client_more_than_may_be_served_is_told_so()
    {
        await using var node = await ControlledNode.StartAsync(settings: "netabase.host.control.connections-max = 1");
        await using var holding = await node.ConnectAsync();

        var error = await Assert.ThrowsAsync<ControlException>(() => GetAsync(node.Client, "a"));
        Assert.Equal(ControlErrorCode.Busy, error.Code);
    }

    [Theory]
    [InlineData("""{"control":1,"op":"fly","args":{}}""", "unknown")]
    [InlineData("""{"control":2,"op":"get","args":{"key":"a"}}""", "unknown")]
    [InlineData("""{"control":1,"op":"get","args":{}}""", "malformed")]
    [InlineData("""{"control":1,"op":"get","args":null}""", "malformed")]
    [InlineData("""{"control":1,"op":"get"}""", "malformed")]
    [InlineData("""{"control":1,"op":"put","args":{"key":"a","value":"no base64!"}}""", "malformed")]
    [InlineData("""{"control":1,"op":"query","args":{"limit":-1}}""", "refused")]
    [InlineData("""{"control":1,"op":"put","args":{"key":"","value":""}}""", "refused")]
    [InlineData("""{"control":1,"op":"peers","args":{}}""", "refused")]
    [InlineData("[]", "malformed")]
    [InlineData("{", "malformed")]
    public async Task A_request_that_cannot_be_served_gets_a_code_and_a_sentence(string request, string code)
    {
        await using var node = await ControlledNode.StartAsync();
        await using var stream = await node.ConnectAsync();
        await stream.WriteAsync(ControlledNode.Frame(request));

        var answer = await ControlledNode.ReadAsync(stream);
        Assert.StartsWith($"{{\"error\":{{\"code\":\"{code}\",\"message\":\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_larger_than_the_limit_is_refused_by_name()
    {
        await using var node = await ControlledNode.StartAsync(network: true);
        var error = await Assert.ThrowsAsync<ControlException>(() => PutAsync(node.Client, "a", new byte[100_000]));
        Assert.Equal(ControlErrorCode.Refused, error.Code);
    }

    [Fact]
    public async Task Rubbish_is_answered_or_cut_off_and_the_node_goes_on()
    {
        const ulong Seed = 20_261_125;
        await using var node = await ControlledNode.StartAsync(settings: "netabase.host.control.frame-max = 4096");
        var random = new Random(unchecked((int)Seed));
        for (var round = 0; round < 300; round++)
        {
            await using var stream = await node.ConnectAsync();
            var rubbish = new byte[random.Next(1, 64)];
            random.NextBytes(rubbish);
            if (round % 3 == 1)
            {
                rubbish = ControlledNode.Frame(Encoding.Latin1.GetString(rubbish));
            }
            else if (round % 3 == 2)
            {
                // A good request with one byte changed.
                rubbish = ControlledNode.Frame("""{"control":1,"op":"get","args":{"key":"a"}}""");
                rubbish[random.Next(4, rubbish.Length)] = (byte)random.Next(256);
            }

            try
            {
                await stream.WriteAsync(rubbish);
                stream.Socket.Shutdown(SocketShutdown.Send);
                await ControlledNode.ReadAsync(stream);
            }
            catch (Exception cutOff) when (cutOff is IOException or SocketException)
            {
                // It was not worth an answer.
            }
        }

        Assert.False((await GetAsync(node.Client, "a")).Found, $"seed {Seed}");
    }

    [Fact]
    public async Task A_request_that_never_comes_to_an_end_is_cut_off_in_time()
    {
        await using var node = await ControlledNode.StartAsync(settings: "netabase.host.control.request-timeout = 200ms");
        await using var stream = await node.ConnectAsync();
        await stream.WriteAsync(new byte[] { 0, 0, 1, 0, (byte)'{' });
        Assert.Equal(string.Empty, await ControlledNode.ReadAsync(stream));
    }

    [Fact]
    public async Task Nobody_but_the_owner_can_open_the_socket()
    {
        await using var node = await ControlledNode.StartAsync();
        var socket = ControlPlace.Find(node.Folder)!;
        if (OperatingSystem.IsWindows())
        {
            // There the rights of the user's folder decide.
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
    }

    [Fact]
    public async Task A_socket_that_was_left_behind_is_no_node_and_is_replaced()
    {
        var folder = ControlledNode.NewFolder();
        await Assert.ThrowsAsync<NoNodeException>(() => GetAsync(new ControlClient(folder), "a"));

        Directory.CreateDirectory(Path.Combine(folder, "control"));
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound under another name and moved, since .NET takes the file away with its socket; a killed process does not.
            var left = Path.Combine(folder, "left");
            dead.Bind(new UnixDomainSocketEndPoint(left));
            File.Move(left, Path.Combine(folder, "control", "netabase.sock"));
        }

        Assert.Contains("Start one with", (await Assert.ThrowsAsync<NoNodeException>(() => GetAsync(new ControlClient(folder), "a"))).Message, StringComparison.Ordinal);
        await using var node = await ControlledNode.StartAsync(folder);
        Assert.False((await GetAsync(node.Client, "a")).Found);
    }

    [Fact]
    public async Task A_node_that_dies_before_it_has_said_hello_is_no_node()
    {
        var folder = ControlledNode.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "control"));
        using var dying = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dying.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "control", "netabase.sock")));
        dying.Listen();

        // Asked before it has accepted anybody, and gone then: the connection is reset.
        var asking = GetAsync(new ControlClient(folder), "a");
        Assert.True(dying.Poll(ControlledNode.Patience, SelectMode.SelectRead));
        dying.Dispose();
        await Assert.ThrowsAsync<NoNodeException>(() => asking);
    }

    [Fact]
    public async Task A_folder_with_a_long_path_is_served_too_and_leaves_nothing_behind()
    {
        var folder = Path.Combine(ControlledNode.NewFolder(), new string('x', 120));
        string socket;
        await using (var node = await ControlledNode.StartAsync(folder))
        {
            socket = ControlPlace.Find(folder)!;
            Assert.True(Encoding.UTF8.GetByteCount(socket) < 108);
            Assert.False((await GetAsync(node.Client, "a")).Found);
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
    }

    [Fact]
    public async Task After_a_stop_no_node_runs_there()
    {
        var folder = ControlledNode.NewFolder();
        await using (await ControlledNode.StartAsync(folder))
        {
        }

        await Assert.ThrowsAsync<NoNodeException>(() => GetAsync(new ControlClient(folder), "a"));
    }

    [Fact]
    public void A_group_of_which_nobody_leads_is_told_and_read()
    {
        var told = System.Text.Json.JsonSerializer.SerializeToElement(
            new GroupItem("ledger", 3, 2, 1, 0, "life", []), ClusterJson.Default.GroupItem);
        var read = ControlClient.Read(told, ClusterJson.Default.GroupItem);
        Assert.Equal(("ledger", 3UL, null), (read.Group, read.Ballot, read.Leader));
    }

    private static KeyValue.Entry Entry(string name) => new() { Name = name, Value = new Payload("1"u8.ToArray()) };

    private static Task<PutDone> PutAsync(ControlClient client, string key, byte[] value) =>
        client.AskAsync("put", new PutArgs(key, value), PutJson.Default.PutArgs, PutJson.Default.PutDone, None).WaitAsync(ControlledNode.Patience);

    private static Task<GetDone> GetAsync(ControlClient client, string key) =>
        client.AskAsync("get", new KeyArgs(key), SharedJson.Default.KeyArgs, GetJson.Default.GetDone, None).WaitAsync(ControlledNode.Patience);

    private static async Task<List<string>> ListAsync(ControlClient client, QueryArgs args)
    {
        var names = new List<string>();
        await foreach (var answer in client.StreamAsync("query", args, QueryJson.Default.QueryArgs, None))
        {
            if (answer.Item is { } item)
            {
                names.Add(ControlClient.Read(item, QueryJson.Default.EntryItem).Key);
            }
        }

        return names;
    }
}
