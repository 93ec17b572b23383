using Akka.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Netabase.Host.Specs;

/// <summary>What a node's health check says in each state that it tells apart.</summary>
public sealed class HealthSpecs
{
    private static readonly TimeSpan Patience = ControlledNode.Patience;

    [Fact]
    public async Task A_node_that_was_not_started_or_has_been_stopped_is_unhealthy()
    {
        using var host = Build(options => options.NetworkEnabled = false);
        Assert.Equal((HealthStatus.Unhealthy, "The node does not run."), await CheckAsync(host));
        await host.StartAsync().WaitAsync(Patience);
        Assert.Equal((HealthStatus.Healthy, "The store answers; the node has no network."), await CheckAsync(host));
        await host.StopAsync().WaitAsync(Patience);
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task A_node_alone_is_degraded_and_healthy_with_a_peer_whose_number_it_tells()
    {
        using var host = Build(Loopback);
        using var other = Build(Loopback);
        await host.StartAsync().WaitAsync(Patience);
        await other.StartAsync().WaitAsync(Patience);
        Assert.Equal((HealthStatus.Degraded, "The store answers; the swarm is stopped."), await CheckAsync(host));

        var (node, peer) = (host.Services.GetRequiredService<INetabase>(), other.Services.GetRequiredService<INetabase>());
        await node.StartSwarmAsync();
        await peer.StartSwarmAsync();
        Assert.Equal((HealthStatus.Degraded, "The store answers; no peer is connected."), await CheckAsync(host));

        Assert.IsType<PingResult.Answered>(await node.PingAsync((await peer.GetListenAddressesAsync())[0]));
        var report = await ReportAsync(host);
        Assert.Equal((HealthStatus.Healthy, 1, "Server"), (report.Status, report.Data["peers"], report.Data["mode"]));

        await node.StopSwarmAsync();
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(host)).Status);
        await host.StopAsync().WaitAsync(Patience);
        await other.StopAsync().WaitAsync(Patience);
    }

    [Fact]
    public async Task Two_nodes_of_one_host_have_a_check_each_and_what_is_unhealthy_may_be_called_less()
    {
        var builder = Builder();
        foreach (var name in (string[])["one", "two"])
        {
            builder.Services.AddNetabase(options =>
            {
                Plain(options);
                options.Name = name;
                options.NetworkEnabled = name is "two";
            });
            builder.Services.AddHealthChecks().AddNetabase(name, $"netabase-{name}");
        }

        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Patience);
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal((HealthStatus.Healthy, HealthStatus.Degraded), (report.Entries["netabase-one"].Status, report.Entries["netabase-two"].Status));
        await host.StopAsync().WaitAsync(Patience);
    }

    private static async Task<(HealthStatus Status, string? Description)> CheckAsync(IHost host)
    {
        var report = await ReportAsync(host);
        return (report.Status, report.Description);
    }

    private static async Task<HealthReportEntry> ReportAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["netabase"];

    private static IHost Build(Action<NetabaseOptions> configure)
    {
        var builder = Builder();
        builder.Services.AddNetabase(options =>
        {
            Plain(options);
            configure(options);
        });
        builder.Services.AddHealthChecks().AddNetabase();
        return builder.Build();
    }

    private static void Loopback(NetabaseOptions options)
    {
        options.Listen = ["/ip4/127.0.0.1/tcp/0"];
        options.Mdns = false;
    }

    private static void Plain(NetabaseOptions options)
    {
        options.AddDefinition(KeyValue.Definition);
        options.Backend = "memory";
        options.Configuration = ConfigurationFactory.ParseString("akka { loglevel = WARNING, coordinated-shutdown.exit-clr = off }");
    }

    private static HostApplicationBuilder Builder() =>
        Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
}
