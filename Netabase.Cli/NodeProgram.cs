using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Netabase.Host;

namespace Netabase.Cli;

/// <summary>A host with one node and a log on stderr.</summary>
internal static class NodeProgram
{
    // Akka wakes a hundred times a second by default, which costs a node that does nothing 8 % of a processor; so it is 2 %, and
    // no wait of a node is so short that it would be missed.
    private const string Calm = "akka.scheduler.tick-duration = 50ms";

    /// <summary>Not started yet.</summary>
    public static IHost Build(Action<NetabaseOptions> configure, bool isVerbose)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(isVerbose ? LogLevel.Information : LogLevel.Warning);

        // What keeps a node from starting is said once, in a sentence and without a stack trace, by the command line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", isVerbose ? LogLevel.Information : LogLevel.None);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // Signals are the command line's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddNetabase(options =>
        {
            options.AddDefinition(KeyValue.Definition);
            options.Configuration = Akka.Configuration.ConfigurationFactory.ParseString($"{Calm}\nakka.loglevel = {(isVerbose ? "INFO" : "WARNING")}");
            configure(options);
        });
        return builder.Build();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
