using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Netabase.Host;

namespace Netabase.Dht.Benchmarks.Members;

/// <summary>Nodes of this process, each with an SQLite store and a TCP address of its own on loopback, in hosts that are stopped with it.</summary>
internal sealed class Nodes(MemberArguments arguments) : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly List<INetabase> _nodes = [];

    public INetabase this[int number] => _nodes[number];

    public IReadOnlyList<INetabase> All => _nodes;

    public async Task StartAsync()
    {
        var bootstrap = arguments.Bootstrap;
        if (bootstrap is null)
        {
            await StartAsync(1, []);
            bootstrap = (await _nodes[0].GetListenAddressesAsync())[0].ToString();
        }

        if (arguments.Nodes > _nodes.Count)
        {
            await StartAsync(arguments.Nodes - _nodes.Count, [bootstrap]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    private async Task StartAsync(int count, string[] bootstrap)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var names = Enumerable.Range(_nodes.Count, count).Select(number => $"node-{number}").ToList();
        foreach (var name in names)
        {
            builder.Services.AddNetabase(options =>
            {
                options.Name = name;
                options.DataPath = Path.Combine(arguments.Folder, name);
                options.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
                options.StartSwarm = true;
                options.Listen = ["/ip4/127.0.0.1/tcp/0"];
                options.Bootstrap = bootstrap;
                options.Mdns = false;
                options.Mode = arguments.Mode;
                options.PutQuorum = arguments.Quorum;
                options.AddDefinition(KeyValue.Definition);
            });
        }

        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
        _nodes.AddRange(names.Select(name => host.Services.GetRequiredKeyedService<INetabase>(name)));
    }
}
