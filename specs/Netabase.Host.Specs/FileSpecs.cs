using System.Text;
using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host.Control;

namespace Netabase.Host.Specs;

/// <summary>What the deployable files of <c>HOCON/</c> promise in their first lines, seen on nodes that are started from them.</summary>
public sealed class FileSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ControlledNode.Patience;

    private readonly List<IHost> _hosts = [];
    private readonly string _folder = ControlledNode.NewFolder();
    private readonly string _service = $"_nb{Guid.NewGuid():N}"[..14] + "._udp.local";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync().WaitAsync(Patience);
            host.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Reference_a_node_that_says_nothing_keeps_to_itself_until_it_is_told_to_join()
    {
        var node = await StartAsync(null, "alone");
        Assert.Equal(NetworkMode.Server, await node.GetModeAsync());
        Assert.Empty(await node.GetListenAddressesAsync());
        Assert.Null(ControlPlace.Find(Folder("alone")));
        Assert.NotNull(node.LocalPeer);
        Assert.IsType<PutResult.StoredLocally>(await node.PutRecordAsync(Entry("k", "v")));
    }

    [Fact]
    public async Task Single_node_records_in_a_folder_of_its_own_and_nobody_is_met()
    {
        var node = await StartAsync("single-node.conf", "single");
        Assert.Equal(RefusalReason.NoNetwork, (await Assert.ThrowsAsync<NetabaseException>(async () => await node.StartSwarmAsync())).Reason);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(Entry("k", "v")));
        Assert.NotEmpty(Directory.GetFiles(Folder("single")));
        await StopLastAsync();
        node = await StartAsync("single-node.conf", "single");
        Assert.Equal("v", Text((await node.GetRecordAsync(new KeyValue.Entry.Key("k"))).Value));
    }

    [Fact]
    public async Task Lan_nodes_find_each_other_with_nothing_filled_in_and_a_put_is_done_when_two_others_have_it()
    {
        var nodes = new List<INetabase>();
        foreach (var name in (string[])["one", "two", "three"])
        {
            nodes.Add(await StartAsync("lan.conf", name, options => options.MdnsServiceName = _service));
        }

        foreach (var node in nodes)
        {
            await KnowAsync(node, 2);
        }

        Assert.Equal(2, Assert.IsType<PutResult.Replicated>(await nodes[0].PutRecordAsync(Entry("k", "v"))).Replicas);
        Assert.Equal("v", Text((await nodes[2].GetRecordAsync(new KeyValue.Entry.Key("k"))).Value));
        Assert.NotNull(ControlPlace.Find(Folder("one")));
    }

    [Fact]
    public async Task Bootstrap_server_and_client_the_client_listens_nowhere_stores_nothing_for_others_and_has_all_it_asks_for()
    {
        var server = await StartAsync("bootstrap-server.conf", "server", options => options.Listen = ["/ip4/127.0.0.1/tcp/0"]);
        var address = (await server.GetListenAddressesAsync())[0].ToString();
        var other = await StartAsync("bootstrap-server.conf", "other", options => (options.Listen, options.Bootstrap) = (["/ip4/127.0.0.1/tcp/0"], [address]));
        var client = await StartAsync("client.conf", "client", options => (options.Bootstrap, options.Mdns) = ([address], false));
        await KnowAsync(server, 1);
        await KnowAsync(other, 1);
        await KnowAsync(client, 2);
        Assert.Empty(await client.GetListenAddressesAsync());

        Assert.Equal(2, Assert.IsType<PutResult.Replicated>(await client.PutRecordAsync(Entry("mine", "on the servers"))).Replicas);
        Assert.Equal("on the servers", Text((await other.GetRecordAsync(new KeyValue.Entry.Key("mine"))).Value));
        await other.PutRecordAsync(Entry("theirs", "got"));
        Assert.Equal("got", Text((await client.GetRecordAsync(new KeyValue.Entry.Key("theirs"))).Value));
        Assert.Equal(1, await client.Records<KeyValue.Entry>().CountAsync(ModelQuery<KeyValue.Entry>.All));
        foreach (var node in (INetabase[])[server, other])
        {
            Assert.DoesNotContain(await node.GetRoutesAsync(), route => route.Peer == client.LocalPeer);
        }
    }

    [Fact]
    public async Task Bootstrap_server_keeps_its_peer_id_in_its_folder()
    {
        var id = (await StartAsync("bootstrap-server.conf", "server", options => options.Listen = ["/ip4/127.0.0.1/tcp/0"])).LocalPeer;
        await StopLastAsync();
        Assert.Equal(id, (await StartAsync("bootstrap-server.conf", "server", options => options.Listen = ["/ip4/127.0.0.1/tcp/0"])).LocalPeer);
    }

    private string Folder(string name) => Path.Combine(_folder, name);

    private async Task<INetabase> StartAsync(string? file, string name, Action<NetabaseOptions>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddNetabase(options =>
        {
            options.AddDefinition(KeyValue.Definition);
            options.ConfigurationFile = file is null ? null : Path.Combine(Root, "HOCON", file);
            options.DataPath = Folder(name);
            options.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
            configure?.Invoke(options);
        });
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync().WaitAsync(Patience);
        return host.Services.GetRequiredService<INetabase>();
    }

    private async Task StopLastAsync()
    {
        var host = _hosts[^1];
        _hosts.Remove(host);
        await host.StopAsync().WaitAsync(Patience);
        host.Dispose();
    }

    private static async Task KnowAsync(INetabase node, int peers)
    {
        await using var events = node.SubscribeToBroadcasts();
        using var deadline = new CancellationTokenSource(Patience);
        await using var happened = events.WithCancellation(deadline.Token).GetAsyncEnumerator();
        while ((await node.GetRoutesAsync()).Length < peers)
        {
            Assert.True(await happened.MoveNextAsync());
        }
    }

    private static KeyValue.Entry Entry(string key, string value) => new() { Name = key, Value = new Payload(Encoding.UTF8.GetBytes(value)) };

    private static string? Text(KeyValue.Entry? entry) => entry is null ? null : Encoding.UTF8.GetString(entry.Value.Span);

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Netabase.sln")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Netabase.sln above the specs.");
            }

            return folder;
        }
    }
}
