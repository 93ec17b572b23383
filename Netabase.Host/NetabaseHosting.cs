using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Netabase.Actors.Node;

namespace Netabase.Host;

/// <summary>The two doors into a host: one makes the actor system, the other joins one that is there.</summary>
public static class NetabaseHosting
{
    /// <summary>
    /// Adds a node, and an actor system named <c>netabase</c> with the first. The node is the service <see cref="INetabase"/>,
    /// and also a keyed one under its name where a process has several. It starts and stops with the host.
    /// </summary>
    /// <exception cref="Actors.Settings.SettingsException">A setting cannot be used.</exception>
    public static IServiceCollection AddNetabase(this IServiceCollection services, Action<NetabaseOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new NetabaseOptions();
        configure(options);
        var config = options.ToConfig();
        var node = NodeFactory.Create(options, config);
        var isFirst = !services.Any(service => service.ServiceType == typeof(NodeService));
        if (isFirst)
        {
            services.AddAkka("netabase", akka => akka.AddHocon(config, HoconAddMode.Prepend));
        }

        // By factory, so that the provider disposes it with the host.
        services.AddKeyedSingleton<INetabase>(node.Name, (_, _) => node);
        services.TryAddSingleton<INetabase>(_ => node);
        services.AddSingleton(new NodeService(node));
        services.AddSingleton<IHostedService>(provider => new NodeHostedService(node, provider.GetRequiredService<ActorSystem>()));
        return services;
    }

    /// <summary>
    /// Adds a node to an actor system that the application makes with Akka.Hosting, configured by the system's own
    /// <c>netabase</c> object below these options. It starts with the system, stops with it, and is found by <see cref="GetNetabase"/>.
    /// </summary>
    public static AkkaConfigurationBuilder WithNetabase(this AkkaConfigurationBuilder akka, Action<NetabaseOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(akka);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new NetabaseOptions();
        configure(options);
        return akka.AddStartup(async (system, _) =>
        {
            var node = NodeFactory.Create(options, options.ToConfig().WithFallback(system.Settings.Config));
            await node.StartAsync(system).ConfigureAwait(false);
            RunningNodes.Of(system).Add(node);
            StopWith(system, node);
        });
    }

    /// <summary>A node that <see cref="WithNetabase"/> started in this system.</summary>
    /// <param name="system">The system.</param>
    /// <param name="name">The node's name, or null when there is only one.</param>
    /// <exception cref="InvalidOperationException">There is no such node, or several and no name.</exception>
    public static INetabase GetNetabase(this ActorSystem system, string? name = null) => RunningNodes.Of(system).Find(name);

    /// <summary>A system that is shut down by other means than its host drains its nodes too.</summary>
    internal static void StopWith(ActorSystem system, NetabaseNode node) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, $"stop-netabase-{node.Name}", async () =>
        {
            await node.StopAsync().ConfigureAwait(false);
            return Akka.Done.Instance;
        });

    private sealed record NodeService(NetabaseNode Node);
}
