using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Hosting;
using Akka.Hosting.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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
        var factory = NodeFactory.Read(options, config);
        var name = factory.Settings.Name;
        var isFirst = !services.Any(service => service.ServiceType == typeof(HostedNode));
        if (isFirst)
        {
            services.AddAkka("netabase", (akka, provider) => LogWithTheHost(akka.AddHocon(config, HoconAddMode.Prepend), config, provider));
        }

        // By factory, so that the provider disposes them with the host.
        services.AddKeyedSingleton(name, (provider, _) => factory.Create(provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance));
        services.AddKeyedSingleton<INetabase>(name, (provider, _) => provider.GetRequiredKeyedService<HostedNode>(name).Node);
        services.TryAddSingleton<INetabase>(provider => provider.GetRequiredKeyedService<HostedNode>(name).Node);
        services.AddSingleton<IHostedService>(provider =>
            new NodeHostedService(provider.GetRequiredKeyedService<HostedNode>(name), provider.GetRequiredService<ActorSystem>()));
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
            var factory = NodeFactory.Read(options, options.ToConfig().WithFallback(system.Settings.Config));
            var loggers = system.Settings.Setup.Get<LoggerFactorySetup>();
            var hosted = factory.Create(loggers.HasValue ? loggers.Value.LoggerFactory : NullLoggerFactory.Instance);
            await hosted.StartAsync(system, CancellationToken.None).ConfigureAwait(false);
            RunningNodes.Of(system).Add(hosted.Node);
        });
    }

    /// <summary>A node that <see cref="WithNetabase"/> started in this system.</summary>
    /// <param name="system">The system.</param>
    /// <param name="name">The node's name, or null when there is only one.</param>
    /// <exception cref="InvalidOperationException">There is no such node, or several and no name.</exception>
    public static INetabase GetNetabase(this ActorSystem system, string? name = null) => RunningNodes.Of(system).Find(name);

    /// <summary>The actors' log goes where the host's goes; how much of it is said by <c>akka.loglevel</c>.</summary>
    private static void LogWithTheHost(AkkaConfigurationBuilder akka, Config config, IServiceProvider provider)
    {
        if (provider.GetService<ILoggerFactory>() is { } loggers)
        {
            akka.ConfigureLoggers(log =>
            {
                log.ClearLoggers();
                log.AddLoggerFactory(loggers);
                log.LogLevel = Logging.LogLevelFor(config.GetString("akka.loglevel", "INFO"));
            });
        }
    }
}
