using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Actors.Node;
using Netabase.Actors.Settings;
using Netabase.Host;
using Netabase.Persistence;

namespace Netabase.Actors.Specs;

/// <summary>Nodes in real hosts, on real files.</summary>
public sealed class HostSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("netabase-host-").FullName;

    [Fact]
    public async Task A_host_starts_a_node_on_sqlite_and_its_records_are_there_after_a_restart()
    {
        for (var run = 0; run < 2; run++)
        {
            using var host = await StartAsync(options => options.DataPath = _folder);
            var node = host.Services.GetRequiredService<INetabase>();
            Assert.Equal(run == 1, (await node.GetRecordAsync(new Notes.Note.Key(1))).Value is not null);
            Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(NodeSpec.Note(1)));
            await host.StopAsync().WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task No_disk_is_touched_before_the_start()
    {
        var path = Path.Combine(_folder, "later");
        using var host = Build(options => options.DataPath = path);
        await using var events = host.Services.GetRequiredService<INetabase>().SubscribeToBroadcasts();
        Assert.False(Directory.Exists(path));

        await host.StartAsync().WaitAsync(Patience);
        Assert.True(Directory.Exists(path));
        await host.Services.GetRequiredService<INetabase>().PutRecordLocallyAsync(NodeSpec.Note(1));
        Assert.IsType<StoreEvent.RecordStored>((await NodeSpec.ReadAsync(events, 1))[0]);
        await host.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Code_beats_the_file_and_the_file_beats_the_reference()
    {
        var file = Path.Combine(_folder, "node.conf");
        await File.WriteAllTextAsync(file, "netabase { name = from-file, stores { backend = memory, queue-max = 11, batch-count-max = 22 } }");
        var options = new NetabaseOptions { ConfigurationFile = file, QueueMax = 33 };

        var settings = NetabaseSettings.Create(options.ToConfig());
        Assert.Equal(("from-file", 33, 22, 66_560), (settings.Name, settings.Stores.QueueMax, settings.Stores.BatchCountMax, settings.Stores.Limits.ValueMax));

        options.Configuration = ConfigurationFactory.ParseString("netabase.name = from-program");
        Assert.Equal("from-program", NetabaseSettings.Create(options.ToConfig()).Name);
    }

    [Fact]
    public void Every_option_reaches_its_setting()
    {
        var options = new NetabaseOptions
        {
            Name = "n",
            DataPath = "a \"quoted\" path",
            Backend = "memory",
            ValueSizeMax = 100,
            QueueMax = 5,
            OperationTimeout = TimeSpan.FromSeconds(6.5),
            SweepInterval = TimeSpan.FromSeconds(7),
            SubscriberCapacity = 8,
            StopTimeout = TimeSpan.FromSeconds(9),
        };
        var settings = NetabaseSettings.Create(options.ToConfig());

        Assert.Equal(("n", "a \"quoted\" path", "memory"), (settings.Name, settings.DataPath, settings.Stores.Backend));
        Assert.Equal((100, 5, 8), (settings.Stores.Limits.ValueMax, settings.Stores.QueueMax, settings.Events.SubscriberCapacity));
        Assert.Equal([6.5, 7, 9], new[] { settings.Stores.OperationTimeout, settings.Stores.SweepInterval, settings.StopTimeout }.Select(span => span.TotalSeconds));
    }

    [Fact]
    public void A_store_that_nobody_plugged_in_is_named_with_those_there_are()
    {
        var error = Assert.Throws<SettingsException>(() => Build(options => options.Backend = "rocksdb"));
        Assert.Contains("netabase.stores.backend = rocksdb", error.Message, StringComparison.Ordinal);
        Assert.Contains("memory, sqlite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_that_names_it() => Assert.Contains(
        "missing.conf",
        Assert.Throws<FileNotFoundException>(() => Build(options => options.ConfigurationFile = Path.Combine(_folder, "missing.conf"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_plugged_store_is_used()
    {
        var backend = new GatedBackend();
        using var host = await StartAsync(options => options.UseBackend(backend));
        await host.Services.GetRequiredService<INetabase>().PutRecordLocallyAsync(NodeSpec.Note(1));

        Assert.Single(backend.Commits);
        await host.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_second_node_on_one_folder_fails_its_hosts_start_with_a_sentence()
    {
        using var first = await StartAsync(options => options.DataPath = _folder);
        using var second = Build(options => options.DataPath = _folder);

        var error = await Assert.ThrowsAsync<StoreException>(() => second.StartAsync().WaitAsync(Patience));
        Assert.Equal(StoreError.Locked, error.Error);
        Assert.Contains(_folder, error.Message, StringComparison.Ordinal);
        await first.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task A_process_holds_several_nodes_in_one_actor_system()
    {
        var builder = Builder();
        foreach (var name in new[] { "one", "two" })
        {
            builder.Services.AddNetabase(options => Configure(options, own => (own.Name, own.DataPath) = (name, Path.Combine(_folder, name))));
        }

        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        var one = host.Services.GetRequiredKeyedService<INetabase>("one");
        var two = host.Services.GetRequiredKeyedService<INetabase>("two");
        await one.PutRecordLocallyAsync(NodeSpec.Note(1));

        Assert.NotNull((await one.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.Null((await two.GetRecordAsync(new Notes.Note.Key(1))).Value);
        Assert.Same(one, host.Services.GetRequiredService<INetabase>());
        Assert.Single(host.Services.GetServices<ActorSystem>());
        await host.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task An_application_with_its_own_actor_system_adds_a_node_to_it()
    {
        var builder = Builder();
        builder.Services.AddAkka("app", akka => akka
            .AddHocon("akka.coordinated-shutdown.exit-clr = off\nnetabase { name = guest, stores.backend = memory }", HoconAddMode.Prepend)
            .WithNetabase(options => options.AddDefinition(Notes.Definition)));
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        var system = host.Services.GetRequiredService<ActorSystem>();
        var node = Assert.IsType<NetabaseNode>(system.GetNetabase());

        Assert.Equal("guest", node.Name);
        Assert.Same(node, system.GetNetabase("guest"));
        Assert.Throws<InvalidOperationException>(() => system.GetNetabase("other"));
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(NodeSpec.Note(1)));

        await host.StopAsync().WaitAsync(Patience);
        Assert.False(node.IsRunning);
    }

    [Fact]
    public async Task A_host_that_stops_in_the_middle_of_traffic_has_written_everything_it_acknowledged()
    {
        var acknowledged = new List<int>();
        using (var host = await StartAsync(options => options.DataPath = _folder))
        {
            var node = host.Services.GetRequiredService<INetabase>();
            var some = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var traffic = Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; await node.PutRecordLocallyAsync(NodeSpec.Note((i * 4) + writer)) is PutResult.Stored; i++)
                {
                    lock (acknowledged)
                    {
                        acknowledged.Add((i * 4) + writer);
                        if (acknowledged.Count == 200)
                        {
                            some.SetResult();
                        }
                    }
                }
            })));
            await some.Task.WaitAsync(Patience);
            await host.StopAsync().WaitAsync(Patience);
            await traffic.WaitAsync(Patience);
        }

        using var again = await StartAsync(options => options.DataPath = _folder);
        var stored = (await again.Services.GetRequiredService<INetabase>().Records<Notes.Note>().QueryAsync(ModelQuery<Notes.Note>.All)).Select(note => note.Id);
        Assert.Empty(acknowledged.Except(stored));
        await again.StopAsync().WaitAsync(Patience);
    }

    [Theory]
    [InlineData("single-node.conf")]
    [InlineData("in-memory.conf")]
    [InlineData("busy-server.conf")]
    [InlineData("lan.conf")]
    [InlineData("bootstrap-server.conf")]
    [InlineData("client.conf")]
    [InlineData("three-replicas.conf")]
    [InlineData("five-replicas-with-leases.conf")]
    public async Task A_deployable_file_starts_a_node(string name)
    {
        using var host = await StartAsync(options =>
        {
            options.ConfigurationFile = Path.Combine(Root, "HOCON", name);
            options.DataPath = _folder;
            options.AddDefinition(KeyValue.Definition);

            // What a file listens on may be taken on this machine, and others' nodes are not to be met.
            options.Listen = name is "client.conf" ? null : ["/ip4/127.0.0.1/tcp/0"];
            options.MdnsServiceName = "_nb-deploy._udp.local";
        });
        var node = Assert.IsType<NetabaseNode>(host.Services.GetRequiredService<INetabase>());
        Assert.Equal(name is "lan.conf" or "bootstrap-server.conf" or "client.conf" or "three-replicas.conf" or "five-replicas-with-leases.conf", node.IsSwarmRunning);
        Assert.IsType<PutResult.Stored>(await node.PutRecordLocallyAsync(NodeSpec.Note(1)));
        await host.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public void Every_deployable_file_is_started_here() => Assert.Equal(
        [
            "bootstrap-server.conf", "busy-server.conf", "client.conf", "five-replicas-with-leases.conf", "in-memory.conf", "lan.conf", "reference.conf",
            "rocksdb.conf", "single-node.conf", "three-replicas.conf",
        ],
        Directory.GetFiles(Path.Combine(Root, "HOCON")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static string Root
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

    private static async Task<IHost> StartAsync(Action<NetabaseOptions> configure)
    {
        var host = Build(configure);
        await host.StartAsync().WaitAsync(Patience);
        return host;
    }

    private static IHost Build(Action<NetabaseOptions> configure)
    {
        var builder = Builder();
        builder.Services.AddNetabase(options => Configure(options, configure));
        return builder.Build();
    }

    private static void Configure(NetabaseOptions options, Action<NetabaseOptions> configure)
    {
        options.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
        options.AddDefinition(Notes.Definition).AddDefinition(Shop.Definition);
        configure(options);
    }

    private static HostApplicationBuilder Builder() =>
        Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
}
